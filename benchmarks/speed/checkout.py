"""A project of one measured mbflow: its files, its account, and what is done before each work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.speed import flows
from benchmarks.speed.measure import usual_environ
from benchmarks.speed.service import Service

LOCK = "mbflow.lock.yaml"
_ACCOUNTS = count()


@dataclass(frozen=True, slots=True)
class Subject:
    """One mbflow that is measured."""

    name: str
    command: Sequence[str]

    @property
    def folder(self) -> str:
        """The name, also where that is a path, as the name of one folder."""
        return self.name.replace(os.sep, "_")


class Checkout:
    """A generated project. Each method that takes nothing but it prepares a measurement."""

    def __init__(
        self,
        root: Path,
        service: Service,
        count: int,
        *,
        text: flows.Text = flows.flow_text,
        every: int = 100,
    ) -> None:
        self.root, self.service = root, service
        self.count, self.text, self.every = count, text, every
        flows.write_project(root, service.url, count, text)
        self._versions = 0
        self._applied = 0
        self.key = ""
        self.take_account()

    def environ(self) -> dict[str, str]:
        return {**usual_environ(), "MESSAGEBIRD_ACCESS_KEY": self.key}

    def keep(self) -> None:
        """Nothing: a second run on the same files."""

    def forget(self) -> None:
        """As in a fresh clone: what mbflow keeps for itself is gone, the lock is there."""
        shutil.rmtree(self.root / ".mbflow", ignore_errors=True)

    def take_account(self) -> None:
        """As before the first apply: an empty account, and no lock."""
        self.forget()
        (self.root / LOCK).unlink(missing_ok=True)
        self.key = f"test_Benchmark{next(_ACCOUNTS)}"
        self._applied = self._versions

    def restore(self) -> None:
        """The files say again what is live, in a fresh clone."""
        self.forget()
        self._write(self._applied)

    def edit(self) -> None:
        """One flow in `every` says something new, in a fresh clone."""
        self.forget()
        self._versions += 1
        self._write(self._versions)

    def accept(self) -> None:
        """What was edited is going to be live."""
        self._applied = self._versions

    def remove(self) -> None:
        """All flows but the first are removed on purpose, in a fresh clone."""
        self.forget()
        for number in range(1, self.count):
            flows.flow_path(self.root, number).unlink()
        flows.write_settings(self.root, self.service.url, self.count)

    def empty(self) -> None:
        """As before an import: neither flows nor lock."""
        self.forget()
        shutil.rmtree(self.root / "flows", ignore_errors=True)
        (self.root / LOCK).unlink(missing_ok=True)

    def bring_back(self) -> None:
        """The files of before `remove`, and an empty account."""
        shutil.rmtree(self.root)
        flows.write_project(self.root, self.service.url, self.count, self.text)
        self.take_account()

    def _write(self, version: int) -> None:
        for number in range(0, self.count, self.every):
            flows.flow_path(self.root, number).write_text(self.text(number, version))
