"""Markers: step ids that say which project, environment and flow file a live flow belongs to.

The API has no tags, but it keeps step ids, and callers never meet them. A marker is a UUID of
version 8 (RFC 9562): 48 bits of account, the 12 bits 0x6bf, 46 bits of name, 16 bits of number.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mbflow.model.flow import LiveFlow, steps_in
from mbflow.plan.model import Known

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-86bf-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Marker:
    """What one marked step id says."""

    account: int
    """48 bits that stand for project and environment identity."""
    name: int
    """46 bits that stand for the name."""
    number: int
    """The step's number within the flow: it stays with the step when others come and go."""

    def __str__(self) -> str:
        low = 0b10 << 62 | self.name << 16 | self.number
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


def name_bits(name: str) -> int:
    return int.from_bytes(hashlib.sha256(_nfc(name).encode()).digest()[:6]) >> 2


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True, slots=True)
class Marked:
    """Live flows by the name that their markers name."""

    names: Mapping[int, str]
    """Name bits to name, for every name that this checkout has ever heard of."""
    by_bits: Mapping[int, list[LiveFlow]]
    bits_of: Mapping[str, set[int]]
    """Live id to the name bits of its markers, for this project and environment."""

    @classmethod
    def of(cls, known: Known) -> Marked:
        accounts = {
            account_bits(name, known.identity) for name in (known.project, *known.former_names)
        }
        bits_of: dict[str, set[int]] = {}
        by_bits: defaultdict[int, list[LiveFlow]] = defaultdict(list)
        for flow in known.live.values():
            own = {marker.name for marker in markers_of(flow) if marker.account in accounts}
            if own:
                bits_of[flow.id] = own
            for bits in own:
                by_bits[bits].append(flow)
        names = {name_bits(name): name for name in _names_heard_of(known)}
        return cls(names, by_bits, bits_of)

    def flows_of(self, name: str) -> list[LiveFlow]:
        return self.by_bits.get(name_bits(name), [])

    def names_of(self, flow_id: str) -> list[str]:
        """Names that a flow's markers name; a name nobody knows is shown by its bits."""
        bits = self.bits_of.get(flow_id, set())
        return sorted(self.names.get(b, f"unknown name {b:012x}") for b in bits)


def markers_of(flow: LiveFlow) -> Iterable[Marker]:
    """One marker of each kind that the flow's steps carry; markers of one name differ in number."""
    seen: set[str] = set()
    for step in steps_in(flow.body):
        name = step.get("id")
        if not isinstance(name, str) or name[:-4] in seen:
            continue
        seen.add(name[:-4])
        marker = read_marker(name)
        if marker:
            yield marker


def is_marked(flow: LiveFlow) -> bool:
    """Whether mbflow made the flow: for this project and environment, or for another."""
    return any(True for _ in markers_of(flow))


def _names_heard_of(known: Known) -> set[str]:
    declared = {flow.settings.was for flow in known.flows.values() if flow.settings.was}
    return {*known.flows, *known.entries, *known.removed, *known.deleted, *known.broken, *declared}
