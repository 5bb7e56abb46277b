"""The facts about the machine, without which no figure means anything."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.speed.checkout import Subject
from benchmarks.speed.peers.install import version


def facts(subjects: Sequence[Subject]) -> dict[str, str]:
    """Name to fact, the load average as it is now among them."""
    return {
        "processor": _processor(),
        "cores": f"{_cores()} of {os.cpu_count()}",
        "system": platform.platform(),
        "python": platform.python_version(),
        **{subject.name: _about(subject) for subject in subjects},
        "load before": load(),
    }


def load() -> str:
    return ", ".join(f"{one:.1f}" for one in os.getloadavg())


def _about(subject: Subject) -> str:
    return f"{version([*subject.command, '--version'])} ({' '.join(subject.command)})"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
