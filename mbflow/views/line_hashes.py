"""Fingerprints of lines by which GitHub knows a finding again when lines above it come and go.

The same values as GitHub's own upload action makes (github/codeql-action, src/fingerprints.ts): it
warns of others. Uploads that go past the action need them in the file.
"""

from __future__ import annotations

import struct
from collections.abc import Collection

_UNITS = 100
"""How many characters from the beginning of a line are hashed, without spaces and tabs."""
_FACTOR = 37
_END = b"\xff\xff"


def line_hashes(source: bytes, wanted: Collection[int]) -> dict[int, str]:
    """`hash:count` of the lines wanted, which count from 1; `count` tells equal lines apart.

    Lines that there are not are left out.
    """
    text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.encode("utf-16-le") for line in _without_blanks(text).split("\n")]
    whole = "\n".encode("utf-16-le").join(lines) + _END + bytes(2 * _UNITS)
    found: dict[int, str] = {}
    seen: dict[bytes, int] = {}
    start = 0
    for number, line in enumerate(lines, start=1):
        window = whole[start : start + 2 * _UNITS]
        seen[window] = seen.get(window, 0) + 1
        if number in wanted:
            found[number] = f"{_hash(window):x}:{seen[window]}"
        start += len(line) + 2
    return found


def _without_blanks(text: str) -> str:
    return text.replace(" ", "").replace("\t", "")


def _hash(window: bytes) -> int:
    value = 0
    for unit in struct.unpack(f"<{_UNITS}H", window):
        value = (value * _FACTOR + unit) % 2**64
    return value
