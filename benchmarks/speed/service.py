"""The servers that are talked to: the emulator, with a latency that can be changed, and others."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def server(command: Sequence[str]) -> Iterator[str]:
    """The URL of a server that prints it as the last word of its first line; stopped at the end."""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


class Service:
    """The emulator of this checkout, for every mbflow that is measured; any key is an account."""

    def __init__(self, url: str, database: Path) -> None:
        self.url = url
        self.database = database
        self._latency = 0.0

    def set_latency(self, seconds: float) -> None:
        """Hold every request up for so long, from now on."""
        if seconds == self._latency:
            return
        faults = [f"* * latency={seconds}"] if seconds else []
        request = urllib.request.Request(
            f"{self.url}/_emulator/faults",
            json.dumps({"faults": faults}).encode(),
            {"Authorization": "AccessKey control", "Content-Type": "application/json"},
            method="PUT",
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()
        self._latency = seconds

    def fill(self, key: str, folder: Path) -> None:
        """Put the flow files of a folder into the account of a key, past the API."""
        command = [sys.executable, "-m", "benchmarks.speed.fill"]
        subprocess.run([*command, str(self.database), key, str(folder)], check=True, cwd=ROOT)


@contextmanager
def open_service(folder: Path) -> Iterator[Service]:
    database = folder / "emulator.sqlite3"
    command = [sys.executable, "-m", "mbflow", "emulate", "--database", str(database)]
    with server(command) as url:
        yield Service(url, database)
