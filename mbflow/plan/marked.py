"""Live flows by the keys that their markers name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mbflow.model import LiveFlow, steps_in
from mbflow.plan.marker import Marker, account_bits, key_bits, read_marker
from mbflow.plan.matches import Known


@dataclass(frozen=True, slots=True)
class Marked:
    """Live flows by the key that their markers name."""

    names: Mapping[int, str]
    """Key bits to key, for every key that this checkout has ever heard of."""
    by_bits: Mapping[int, list[LiveFlow]]
    bits_of: Mapping[str, set[int]]
    """Live id to the key bits of its markers, for this project and environment."""

    @classmethod
    def of(cls, known: Known) -> Marked:
        accounts = {
            account_bits(name, known.identity) for name in (known.project, *known.former_names)
        }
        bits_of: dict[str, set[int]] = {}
        by_bits: defaultdict[int, list[LiveFlow]] = defaultdict(list)
        for flow in known.live.values():
            own = {marker.key for marker in markers_of(flow) if marker.account in accounts}
            if own:
                bits_of[flow.id] = own
            for bits in own:
                by_bits[bits].append(flow)
        names = {key_bits(key): key for key in _keys_heard_of(known)}
        return cls(names, by_bits, bits_of)

    def flows_of(self, key: str) -> list[LiveFlow]:
        return self.by_bits.get(key_bits(key), [])

    def keys_of(self, flow_id: str) -> list[str]:
        """Keys that a flow's markers name; a key nobody knows is shown by its bits."""
        bits = self.bits_of.get(flow_id, set())
        return sorted(self.names.get(b, f"unknown key {b:012x}") for b in bits)


def markers_of(flow: LiveFlow) -> Iterable[Marker]:
    """One marker of each kind that the flow's steps carry; markers of one key differ in number."""
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


def _keys_heard_of(known: Known) -> set[str]:
    declared = {flow.settings.was for flow in known.flows.values() if flow.settings.was}
    return {*known.flows, *known.entries, *known.removed, *known.at_base, *known.broken, *declared}
