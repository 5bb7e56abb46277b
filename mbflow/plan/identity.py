"""How a file meets a live flow: lock, marker, declared move, recognised move, twin check.

Never a guess: whatever is not certain becomes a refusal that names the ids and the ways out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mbflow.compare.canonical import alike, canonical, digest, same
from mbflow.model import Body, Flow, LiveFlow
from mbflow.plan.marker import Marker, account_bits, key_bits, read_marker
from mbflow.plan.matches import How, Known, Match, Matches
from mbflow.plan.refusal import Refusal


def match(known: Known) -> Matches:
    """Tie keys to live flows. Refusals are collected, all of them, in `refusals`."""
    marked = _Marked.of(known)
    matches = Matches()
    matches.refusals += _lock_refusals(known, marked)
    _match_locked(known, marked, matches)
    _match_marked(known, marked, matches)
    _match_moves(known, marked, matches)
    _sort_out_the_rest(known, marked, matches)
    _match_recognised_moves(known, matches)
    _match_twins(known, matches)
    taken = matches.matched.keys()
    matches.new = [k for k in known.flows if k not in taken and k not in known.broken]
    moved = {match.live.id for match in matches.matched.values()}
    entries = known.entries
    matches.recreate = {k for k in matches.new if k in entries and entries[k].id not in moved}
    matches.orphans.sort(key=lambda flow: (flow.title, flow.id))
    return matches


@dataclass(frozen=True, slots=True)
class _Marked:
    """Live flows by the key that their markers name."""

    names: Mapping[int, str]
    """Key bits to key, for every key that this checkout has ever heard of."""
    by_bits: Mapping[int, list[LiveFlow]]
    bits_of: Mapping[str, set[int]]
    """Live id to the key bits of its markers, for this project and environment."""
    foreign: frozenset[str]
    """Ids of flows with markers of another project or environment."""

    @classmethod
    def of(cls, known: Known) -> _Marked:
        accounts = {
            account_bits(name, known.identity) for name in (known.project, *known.former_names)
        }
        bits_of: dict[str, set[int]] = {}
        by_bits: defaultdict[int, list[LiveFlow]] = defaultdict(list)
        foreign = set()
        for flow in known.live.values():
            markers = list(markers_of(flow))
            own = {marker.key for marker in markers if marker.account in accounts}
            if own:
                bits_of[flow.id] = own
            elif markers:
                foreign.add(flow.id)
            for bits in own:
                by_bits[bits].append(flow)
        names = {key_bits(key): key for key in _keys_heard_of(known)}
        return cls(names, by_bits, bits_of, frozenset(foreign))

    def flows_of(self, key: str) -> list[LiveFlow]:
        return self.by_bits.get(key_bits(key), [])

    def keys_of(self, flow_id: str) -> list[str]:
        """Keys that a flow's markers name; a key nobody knows is shown by its bits."""
        bits = self.bits_of.get(flow_id, set())
        return sorted(self.names.get(b, f"unknown key {b:012x}") for b in bits)


def markers_of(flow: LiveFlow) -> Iterable[Marker]:
    steps = flow.body.get("steps")
    for step in steps if isinstance(steps, list) else []:
        marker = read_marker(step.get("id")) if isinstance(step, dict) else None
        if marker:
            yield marker


def _keys_heard_of(known: Known) -> set[str]:
    declared = {flow.settings.was for flow in known.flows.values() if flow.settings.was}
    return {*known.flows, *known.entries, *known.removed, *known.at_base, *known.broken, *declared}


def _lock_refusals(known: Known, marked: _Marked) -> Iterable[Refusal]:
    yield from _of_two_keys(known, marked)
    yield from _locked_twice(known)
    missing = [key for key, entry in known.entries.items() if entry.id not in known.live]
    if len(missing) >= 2 and 2 * len(missing) >= len(known.entries):
        yield Refusal(
            f"{len(missing)} of the {len(known.entries)} live flows in the lock are not in this "
            "account. Is this the access key of another account? If they are really gone, forget "
            "their keys: apply will then create them.",
            tuple(f"mbflow forget {key}" for key in missing[:5]),
        )


def _of_two_keys(known: Known, marked: _Marked) -> Iterable[Refusal]:
    adopted = {entry.id for entry in known.entries.values() if not entry.sent}
    for flow_id, bits in marked.bits_of.items():
        if len(bits) > 1 and flow_id not in adopted:
            keys = marked.keys_of(flow_id)
            yield Refusal(
                f"The live flow {flow_id} carries the markers of two keys: {' and '.join(keys)}. "
                "Somebody may have copied steps from one flow into another. Say whose it is.",
                tuple(f"mbflow adopt {key} {flow_id}" for key in keys if key in known.flows),
            )


def _locked_twice(known: Known) -> Iterable[Refusal]:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for key, entry in known.entries.items():
        owners[entry.id].append(key)
    for flow_id, keys in owners.items():
        if len(keys) > 1:
            yield Refusal(
                f"The lock gives the flow {flow_id} to several keys: {', '.join(keys)}.",
                tuple(f"mbflow forget {key}" for key in keys),
            )


def _match_locked(known: Known, marked: _Marked, matches: Matches) -> None:
    for key, entry in known.entries.items():
        live = known.live.get(entry.id)
        if live is None:
            continue
        others = [name for name in marked.keys_of(live.id) if name != key]
        moved = _moved_before(known, key, others)
        if moved:
            matches.matched[moved] = Match(moved, live, How.MARKER)
        elif others and not entry.sent and key in known.flows:
            matches.matched[key] = Match(key, live, How.MOVE, others[0])
        elif others and not _moves(known, key, others):
            matches.refusals.append(_disagrees(key, live, others))
        elif key in known.flows:
            matches.matched[key] = Match(key, live, How.LOCK)


def _moves(known: Known, key: str, others: list[str]) -> bool:
    """The lock knows the flow by its new key and its markers still name the old one."""
    flow = known.flows.get(key)
    return flow is not None and others == [flow.settings.was]


def _moved_before(known: Known, key: str, others: list[str]) -> str | None:
    """The new key of a flow that was moved by a run which did not come to write the lock."""
    new = known.flows.get(others[0]) if len(others) == 1 else None
    if new is None or new.key in known.entries:
        return None
    return new.key if key not in known.flows or new.settings.was == key else None


def _disagrees(key: str, live: LiveFlow, others: list[str]) -> Refusal:
    return Refusal(
        f"The lock says that the flow {live.id} is {key}, but its markers say "
        f"{' and '.join(others)}. This checkout may be behind the branch that moved it: merge that "
        "first. If the markers are wrong, adopt it again.",
        (f"mbflow adopt {key} {live.id}",),
    )


def _match_marked(known: Known, marked: _Marked, matches: Matches) -> None:
    locked = {entry.id for entry in known.entries.values()}
    for key in known.flows:
        if key in matches.matched:
            continue
        candidates = [flow for flow in marked.flows_of(key) if flow.id not in locked]
        if len(candidates) > 1:
            matches.refusals.append(_ambiguous(key, candidates))
        elif candidates:
            matches.matched[key] = Match(key, candidates[0], How.MARKER)


def _ambiguous(key: str, candidates: list[LiveFlow]) -> Refusal:
    ids = ", ".join(flow.id for flow in candidates)
    return Refusal(
        f"{len(candidates)} live flows carry the markers of {key}: {ids}. Say which one it is.",
        tuple(f"mbflow adopt {key} {flow.id}" for flow in candidates),
    )


def _match_moves(known: Known, marked: _Marked, matches: Matches) -> None:
    """Renames that a file declares with `was:`."""
    for key, flow in known.flows.items():
        was = flow.settings.was
        if not was or key in matches.matched:
            continue
        if was in known.flows:
            live = _given_up(known, key, was, matches)
        else:
            live = _flow_of_former_key(known, marked, was, matches)
        if live is not None:
            matches.matched[key] = Match(key, live, How.MOVE, was)


def _given_up(known: Known, key: str, was: str, matches: Matches) -> LiveFlow | None:
    """The flow of a key at which a new file stands now: the old flow moves, the file gets its own.

    Not so where the declaration is an old one: the key had a flow, another file declares the same,
    or the flow is just what the file at the old key wants.
    """
    held, new = matches.matched.get(was), known.flows[was]
    declared = [k for k, flow in known.flows.items() if flow.settings.was == was]
    if held is None or key in known.entries or declared != [key] or new.settings.was:
        return None
    if same(*alike(new.shown, held.live.body)):
        return None
    return matches.matched.pop(was).live


def _flow_of_former_key(
    known: Known, marked: _Marked, was: str, matches: Matches
) -> LiveFlow | None:
    entry = known.entries.get(was)
    if entry is not None and entry.id in known.live:
        return known.live[entry.id]
    candidates = marked.flows_of(was)
    if len(candidates) > 1:
        matches.refusals.append(_ambiguous(was, candidates))
        return None
    return candidates[0] if candidates else None


def _sort_out_the_rest(known: Known, marked: _Marked, matches: Matches) -> None:
    """Live flows that no file claims: owned, orphaned, copied or none of mbflow's business."""
    taken = {m.live.id for m in matches.matched.values()}
    claimed = {flow.id for r in matches.matched.values() for flow in marked.flows_of(r.key)}
    owners = {entry.id: key for key, entry in known.entries.items()}
    for flow in known.live.values():
        if flow.id in taken:
            continue
        key = owners.get(flow.id) or _declared_key(known, marked, flow)
        if key in known.broken or key in known.flows:
            continue
        if key:
            matches.surplus[key] = flow
        elif flow.id in claimed:
            matches.copies.append(flow)
        elif flow.id in marked.bits_of:
            matches.orphans.append(flow)
        else:
            matches.unmanaged.append(flow)
    live_ids = known.live.keys()
    matches.vanished = [
        key
        for key, entry in known.entries.items()
        if entry.id not in live_ids and key not in known.flows and key not in known.broken
    ]


def _declared_key(known: Known, marked: _Marked, flow: LiveFlow) -> str | None:
    """The key of a marked flow that git once had, or that stands under `removed:`."""
    keys = [k for k in marked.keys_of(flow.id) if k in known.removed or k in known.at_base]
    if len(keys) != 1 or keys[0] in known.entries or len(marked.flows_of(keys[0])) > 1:
        return None
    return keys[0]


def _match_recognised_moves(known: Known, matches: Matches) -> None:
    """A gone key and a new key with one and the same body, and no other like them: a rename."""
    new = [k for k in known.flows if k not in matches.matched and k not in known.entries]
    if not new or not matches.surplus:
        return
    by_body: defaultdict[str, list[str]] = defaultdict(list)
    for key in new:
        by_body[_body_digest(known.flows[key].shown)].append(key)
    gone = Counter(_body_digest(flow.body) for flow in matches.surplus.values())
    for was, live in list(matches.surplus.items()):
        body = _body_digest(live.body)
        keys = by_body[body]
        if gone[body] != 1 or len(keys) != 1 or was in known.removed:
            continue
        if same(*alike(known.flows[keys[0]].shown, live.body)):
            matches.matched[keys[0]] = Match(keys[0], live, How.MOVE, was)
            del matches.surplus[was]


def _body_digest(body: Body) -> str:
    """Of everything but `default`, which a file need not manage."""
    form = canonical(body)
    form.pop("default", None)
    return digest(form)


def _match_twins(known: Known, matches: Matches) -> None:
    """Before anything is created: is it there already, made by hand or by another tool?"""
    new = [k for k in known.flows if k not in matches.matched and k not in known.entries]
    free = [flow for flow in matches.unmanaged if not any(True for _ in markers_of(flow))]
    by_title: defaultdict[str, list[LiveFlow]] = defaultdict(list)
    for flow in free:
        by_title[flow.title].append(flow)
    keys_by_title: defaultdict[str, list[str]] = defaultdict(list)
    for key in new:
        keys_by_title[_title(known.flows[key])].append(key)
    for title, keys in keys_by_title.items():
        for key in keys:
            _match_twin(known, matches, key, keys, by_title.get(title, []))
    adopted = {m.live.id for m in matches.matched.values()}
    matches.unmanaged = [flow for flow in matches.unmanaged if flow.id not in adopted]


def _match_twin(
    known: Known, matches: Matches, key: str, keys: list[str], candidates: list[LiveFlow]
) -> None:
    flow = known.flows[key]
    equal = [c for c in candidates if same(*alike(flow.shown, c.body))]
    rivals = [k for k in keys if k != key and _same_flow(flow, known.flows[k])]
    if len(equal) == 1 and not rivals:
        matches.matched[key] = Match(key, equal[0], How.TWIN)
    elif equal:
        matches.refusals.append(_collision(key, equal, rivals))
    elif candidates and _title(flow):
        if known.match_title and len(candidates) == 1 and len(keys) == 1:
            matches.matched[key] = Match(key, candidates[0], How.TITLE)
        else:
            matches.refusals.append(_collision(key, candidates, rivals))


def _same_flow(one: Flow, two: Flow) -> bool:
    return same(*alike(one.shown, two.shown))


def _collision(key: str, candidates: list[LiveFlow], rivals: list[str]) -> Refusal:
    ids = ", ".join(flow.id for flow in candidates)
    title = candidates[0].title
    name = f'with the title "{title}"' if title else "with the same steps"
    many = "are live flows" if len(candidates) > 1 else "is a live flow"
    why = f" ({key} is not the only file like it: {', '.join(rivals)})" if rivals else ""
    return Refusal(
        f"{key} would be created, but there {many} {name} that mbflow did not make: {ids}{why}. "
        "Tie the file to one of them, or import it, or give the file another title.",
        (
            *(f"mbflow adopt {key} {flow.id}" for flow in candidates[:5]),
            f"mbflow import {candidates[0].id}",
            "mbflow plan --match-title",
        ),
    )


def _title(flow: Flow) -> str:
    title = flow.shown.get("title")
    return title if isinstance(title, str) else ""
