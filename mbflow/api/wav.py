"""Whether a WAV file is whole, by its own head (RIFF, WAVE)."""

from __future__ import annotations

import os
from typing import BinaryIO

_HEAD = 12
_UNTOLD = 0x7FFF0000
"""Programs that write to a pipe cannot know the length: they write 0 or a number near a limit."""


def wav_fault(file: BinaryIO) -> str:
    """What is wrong with the file, without user text; "" for nothing."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD)
    if len(head) < _HEAD or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return "what it sent is not a WAV file"
    told = int.from_bytes(head[4:8], "little")
    if 0 < told < _UNTOLD and length < told + 8:
        return f"the WAV file ends early, after {length:,} of {told + 8:,} bytes"
    return ""
