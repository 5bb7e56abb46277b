"""What a job leaves: files in `mbflow-ci/`, the summary of its step, outputs, notes in its log."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from mbflow.model.flow import Json
from mbflow.model.text import printable

FOLDER = "mbflow-ci"


class Report:
    """The report of one job. GitHub names files for summary and outputs; others have none."""

    def __init__(self, root: Path, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.root = root
        self.say = say
        self._summary = environ.get("GITHUB_STEP_SUMMARY", "")
        self._outputs = environ.get("GITHUB_OUTPUT", "")
        self._told: dict[str, Json] = {}
        self._notes: list[Json] = []

    def folder(self, environment: str) -> Path:
        """Where the files of an environment go."""
        folder = self.root / environment
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")

    def summarise(self, markdown: str) -> None:
        _append(self._summary, f"{markdown}\n\n")

    def output(self, **values: str | int) -> None:
        """Each on one line: names with a dash, as GitHub writes them."""
        self._told |= values
        for name, value in values.items():
            _append(self._outputs, f"{name.replace('_', '-')}={printable(str(value))}\n")

    def note(self, text: str) -> None:
        """Said in the log and in the summary; it makes nothing red."""
        self._notes.append(text)
        self.say(f"Note: {printable(text)}")
        self.summarise(f"> {printable(text)}")

    def document(self, code: int) -> dict[str, Json]:
        """What came of the job: its outputs, its notes, and the files that it leaves."""
        files = sorted(str(path) for path in self.root.rglob("*") if path.is_file())
        found: dict[str, Json] = {**self._told, "exit_code": code, "notes": self._notes}
        return {**found, "files": [*files]}


def _append(name: str, text: str) -> None:
    if name:
        data = text.encode("utf-8", "backslashreplace")
        file = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, data)
        finally:
            os.close(file)
