"""The ids of a call and of all that belongs to it: one stem, and six digits that say which part.

So the id of a leg or a recording leads to its call, and nothing need be stored for either.
"""

from __future__ import annotations

import re
import uuid
from enum import StrEnum

_PARTS = re.compile("([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{6})([0-9a-f]{6})")
_OF_CALL = "000000"


class Part(StrEnum):
    """What an id names; the first of its last six digits."""

    LEG = "1"
    RECORDING = "2"
    TRANSCRIPTION = "3"
    """Made because a record step has `transcribe`; numbered as its recording."""
    ORDERED = "4"
    """A transcription that a client asked for."""


def new_call_id() -> str:
    return str(uuid.uuid4())[:-6] + _OF_CALL


def part_id(call: str, part: Part, number: int) -> str:
    return f"{call[:-6]}{part}{number:05x}"


def call_of(name: str) -> str:
    """The id of the call to which a part belongs; "" where the id names no part of a call."""
    match = _PARTS.fullmatch(name)
    return match[1] + _OF_CALL if match else ""


def number_of(name: str, part: Part) -> int:
    """Which leg, recording or transcription of its call an id names; -1 where it names none."""
    match = _PARTS.fullmatch(name)
    return int(match[2][1:], 16) if match and match[2][0] == part else -1
