"""What `mbflow init` made, and what to do next, as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mbflow.printable import printable


def started_text(written: Mapping[str, bool], folder: Path | None) -> str:
    """`written` says of each file whether it is new."""
    lines = [f"{'wrote' if new else 'kept '}  {name}" for name, new in written.items()]
    there = f" -C {printable(str(folder))}" if folder not in (None, Path()) else ""
    return "\n".join(
        [
            *lines,
            "",
            "Next, without account or network:",
            f"    mbflow{there} validate",
            f"    mbflow{there} test --coverage",
            f"    mbflow{there} plan",
            f"    mbflow{there} apply",
        ]
    )
