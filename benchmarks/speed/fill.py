"""Put flow files into an emulator's database as they are, without the API and without markers.

    python -m benchmarks.speed.fill DATABASE KEY FOLDER

For flows that nobody has imported yet, and for those that are larger than the API takes.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import yaml

from mbflow.emulator.context import FLOW
from mbflow.emulator.flows import fill_defaults
from mbflow.emulator.responses import text_of
from mbflow.emulator.store import Record, Records, Store

_NOW = "2026-01-01T00:00:00Z"


def fill(database: Path, key: str, folder: Path) -> None:
    """The flows of a folder, in the account of a key."""
    account = f"key-{hashlib.sha256(key.encode()).hexdigest()}"
    store = Store(database)
    with store.write() as connection:
        records = Records(connection, account)
        for path in sorted(folder.rglob("*.yaml")):
            body = yaml.load(path.read_bytes(), yaml.CSafeLoader)
            name = hashlib.sha256(str(path.relative_to(folder)).encode()).hexdigest()
            name = "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:32]))
            made = fill_defaults(body, None, name=name, now=_NOW)
            records.add(FLOW, Record(name, text_of(made)))
    store.close()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
