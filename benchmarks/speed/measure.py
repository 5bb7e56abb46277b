"""One whole process: its wall time, processor time and memory; and the medians of many."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LONG = 30.0
"""Seconds. What takes longer is measured once."""
_A_MEGABYTE = 1024.0 if sys.platform != "darwin" else 1024.0 * 1024.0
"""Of what `ru_maxrss` counts in."""


class CommandFailure(Exception):
    """A measured command did not end as it should; holds what it said."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds, seconds of all processors, and the megabytes of the largest process."""

    wall: float
    cpu: float
    peak: float


def usual_environ() -> dict[str, str]:
    """What a user has: nothing that changes what mbflow does, or that keeps byte code unwritten."""
    odd = ("MBFLOW", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(odd)}


def run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    exits: Collection[int] = (0,),
    one_core: bool = False,
    prints_times: bool = False,
    watch: bool = False,
) -> Sample:
    """Run a command to its end; raises `CommandFailure` where it exits with a code not in `exits`.

    With `prints_times` wall and processor time are what it prints. With `watch` the peak is that of
    all its processes together, shared pages counted once; looking at them takes time.
    """
    with tempfile.TemporaryFile("w+") as output:
        before = _stay_on_one_core() if one_core else None
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ or usual_environ(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        if before:
            os.sched_setaffinity(0, before)
        peak = _watch(process.pid) if watch else 0.0
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode not in exits:
            last = " ".join(" ".join(output.readlines()[-5:]).split())
            raise CommandFailure(f"exit code {process.returncode}: {last[-300:]}")
        cpu = usage.ru_utime + usage.ru_stime
        if prints_times:
            wall, cpu = map(float, output.read().split())
    return Sample(wall, cpu, peak or usage.ru_maxrss / _A_MEGABYTE)


def _stay_on_one_core() -> set[int] | None:
    """What starts now stays on one core; gives the cores before. Linux only."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    return before


def _watch(pid: int) -> float:
    """The most megabytes that a process and its children have held together; 0 without /proc."""
    peak = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = max(peak, sum(map(_held, _family(pid))))
        time.sleep(0.05)
    return peak / 1024


def _family(pid: int) -> list[int]:
    children: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    return [pid, *(one for child in children for one in _family(child))]


def _held(pid: int) -> int:
    """Kilobytes, its part of shared pages only."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0


class Results:
    """Every sample, by what was done, on which input, by whom."""

    def __init__(self) -> None:
        self.samples: dict[tuple[str, str, str], list[Sample]] = defaultdict(list)
        self.failures: dict[tuple[str, str, str], str] = {}
        """Why a work is not measured again."""

    def add(self, work: str, size: str, who: str, sample: Sample) -> None:
        self.samples[work, size, who].append(sample)

    def is_done(self, work: str, size: str, who: str) -> bool:
        """It failed, or it takes too long to be measured again."""
        samples = self.samples.get((work, size, who), [])
        is_long = bool(samples) and samples[0].wall > LONG
        return is_long or (work, size, who) in self.failures

    def median(self, work: str, size: str, who: str) -> Sample | None:
        """Each figure's own median; None where nothing was measured."""
        samples = self.samples.get((work, size, who))
        if not samples:
            return None
        return Sample(
            *(statistics.median(getattr(one, name) for one in samples) for name in Sample.__slots__)
        )
