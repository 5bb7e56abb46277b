"""Where the peers live: each in an environment of its own, below a cache that is used again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class NotInstalled(Exception):
    """A peer cannot be had here; says why."""


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mbflow-benchmarks"


def python_with(name: str, *packages: str) -> Path:
    """The folder of programs of a Python environment that has these packages."""
    folder = cache_folder() / name
    ready = folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages])
        ready.touch()
    return folder / "bin"


def debian_program(package: str) -> Path:
    """A program of the same name, taken out of its Debian package; nothing is installed."""
    folder = cache_folder() / package
    program = folder / "usr" / "bin" / package
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", package], folder)
        (archive,) = folder.glob(f"{package}_*.deb")
        _run(["dpkg-deb", "--extract", archive.name, "."], folder)
    return program


def version(command: Sequence[str]) -> str:
    """The first line of what it says of itself."""
    return _run(command).strip().splitlines()[0]


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise NotInstalled(f"{command[0]} is not on this machine") from error
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout).strip().splitlines()
        raise NotInstalled(lines[-1] if lines else str(error)) from error
    return done.stdout
