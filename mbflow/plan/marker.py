"""Markers: step ids that say which project, environment and key a live flow belongs to.

The API has no tags, but it keeps step ids, and callers never meet them. A marker is a UUID of
version 8 (RFC 9562): 48 bits of account, the 12 bits 0x6bf, 46 bits of key, 16 bits of number.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from dataclasses import dataclass

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-86bf-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Marker:
    """What one marked step id says."""

    account: int
    """48 bits that stand for project and environment identity."""
    key: int
    """46 bits that stand for the key."""
    number: int
    """The step's number within the flow: it stays with the step when others come and go."""

    def __str__(self) -> str:
        low = 0b10 << 62 | self.key << 16 | self.number
        return str(uuid.UUID(int=self.account << 80 | 0x8 << 76 | 0x6BF << 64 | low))


def read_marker(step_id: object) -> Marker | None:
    """The marker in a step id, or None where the id is somebody else's."""
    # Looked at before the pattern: a listing has a hundred thousand ids, and few are markers.
    if not isinstance(step_id, str) or step_id[14:18] != "86bf" or not _FORM.fullmatch(step_id):
        return None
    number = uuid.UUID(step_id).int
    return Marker(number >> 80, number >> 16 & (1 << 46) - 1, number & 0xFFFF)


def account_bits(project: str, identity: str) -> int:
    """What all markers of one project in one environment share."""
    text = f"{_nfc(project)}\0{_nfc(identity)}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


def key_bits(key: str) -> int:
    return int.from_bytes(hashlib.sha256(_nfc(key).encode()).digest()[:6]) >> 2


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
