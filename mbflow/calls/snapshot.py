"""Snapshots: the transcripts of a call file as text, to be reviewed and compared.

A snapshot holds a block for each call: a line `== name`, and the lines of its transcript.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mbflow.calls.check import Failure
from mbflow.calls.telling import transcript_lines
from mbflow.printable import printable, shortened
from mbflow.simulator.transcript import Transcript

_HEAD = "# What callers of {} hear. Written by mbflow test --update; review it as text."
_MARK = "== "


def snapshot_text(key: str, calls: Iterable[tuple[str, Transcript]]) -> str:
    """The whole file."""
    lines = [_HEAD.format(printable(key))]
    for name, transcript in calls:
        lines += ["", _MARK + printable(name), *transcript_lines(transcript)]
    return "\n".join(lines) + "\n"


def blocks_of(text: str) -> dict[str, list[str]]:
    """The lines of each call, by its printable name."""
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(_MARK):
            lines = blocks.setdefault(line.removeprefix(_MARK), [])
        elif line.strip():
            lines.append(line.rstrip())
    return blocks


def difference(
    name: str, transcript: Transcript, blocks: Mapping[str, list[str]], file: str
) -> Failure | None:
    """The first line in which a call is not what its snapshot in `file` says."""
    last = len(transcript.events) - 1
    wanted = blocks.get(printable(name))
    if wanted is None:
        message = f"{printable(file)} does not know this call. Take it in with --update."
        return Failure(message, last)
    lines = transcript_lines(transcript)
    if lines == wanted:
        return None
    same = next((n for n, (a, b) in enumerate(zip(lines, wanted, strict=False)) if a != b), None)
    at = min(len(lines), len(wanted)) if same is None else same
    said = f"says: {shortened(wanted[at].strip(), 200)}" if at < len(wanted) else "ends before"
    return Failure(f"{printable(file)} {said}", min(at, last))
