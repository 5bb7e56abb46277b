"""How a file meets a live flow: lock, marker, declared move, recognised move, twin check.

Never a guess: whatever is not certain becomes a refusal that names the ids and the ways out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from mbflow.model.flow import LiveFlow
from mbflow.model.text import Command
from mbflow.plan.adoption import match_recognised_moves, match_twins
from mbflow.plan.markers import Marked
from mbflow.plan.model import Known, Match, Matches, MatchReason, Refusal
from mbflow.plan.renames import ambiguous, match_moves


def match(known: Known) -> Matches:
    """Tie names to live flows. Refusals are collected, all of them, in `refusals`."""
    marked = Marked.of(known)
    matches = Matches()
    matches.refusals += _lock_refusals(known, marked)
    _match_locked(known, marked, matches)
    _match_marked(known, marked, matches)
    match_moves(known, marked, matches)
    _sort_out_the_rest(known, marked, matches)
    match_recognised_moves(known, matches)
    match_twins(known, matches)
    taken = matches.matched.keys()
    matches.new = [k for k in known.flows if k not in taken and k not in known.broken]
    moved = {match.live.id for match in matches.matched.values()}
    entries = known.entries
    matches.recreate = {k for k in matches.new if k in entries and entries[k].id not in moved}
    matches.orphans.sort(key=lambda flow: (flow.title, flow.id))
    return matches


def _lock_refusals(known: Known, marked: Marked) -> Iterable[Refusal]:
    yield from _of_two_names(known, marked)
    yield from _locked_twice(known)
    missing = [name for name, entry in known.entries.items() if entry.id not in known.live]
    if len(missing) >= 2 and 2 * len(missing) >= len(known.entries):
        yield Refusal(
            f"{len(missing)} of the {len(known.entries)} live flows in the lock are not in this "
            "account. Is this the access key of another account? If they are really gone, forget "
            "their names: apply will then create them.",
            (Command("mbflow", "forget", *missing),),
        )


def _of_two_names(known: Known, marked: Marked) -> Iterable[Refusal]:
    adopted = {entry.id for entry in known.entries.values() if entry.is_adopted}
    for flow_id, bits in marked.bits_of.items():
        if len(bits) > 1 and flow_id not in adopted:
            names = marked.names_of(flow_id)
            heirs = [name for name in names if name in known.flows]
            if heirs:
                yield Refusal(
                    f"The live flow {flow_id} carries the markers of two names: "
                    f"{' and '.join(names)}. Somebody may have copied steps from one flow into "
                    "another. Say whose it is.",
                    tuple(Command("mbflow", "adopt", name, flow_id) for name in heirs),
                )


def _locked_twice(known: Known) -> Iterable[Refusal]:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for name, entry in known.entries.items():
        owners[entry.id].append(name)
    for flow_id, names in owners.items():
        if len(names) > 1:
            yield Refusal(
                f"The lock gives the flow {flow_id} to several names: {', '.join(names)}.",
                tuple(Command("mbflow", "forget", name) for name in names),
            )


def _match_locked(known: Known, marked: Marked, matches: Matches) -> None:
    locked = Counter(entry.id for entry in known.entries.values())
    for name, entry in known.entries.items():
        live = known.live.get(entry.id)
        if live is None:
            continue
        others = [other for other in marked.names_of(live.id) if other != name]
        moved = _moved_before(known, name, others)
        if moved:
            matches.matched[moved] = Match(moved, live, MatchReason.MARKER)
        elif others and entry.is_adopted and name in known.flows:
            matches.matched[name] = Match(name, live, MatchReason.MOVE, others[0])
        elif others and not _moves(known, name, others):
            has_file = name in known.flows or name in known.broken
            if locked[live.id] == 1:  # else it is refused as locked twice
                matches.refusals.append(_disagrees(name, live, others, has_file=has_file))
        elif name in known.flows:
            matches.matched[name] = Match(name, live, MatchReason.LOCK)


def _moves(known: Known, name: str, others: list[str]) -> bool:
    """The lock knows the flow by its new name and its markers still name the old one."""
    flow = known.flows.get(name)
    return flow is not None and others == [flow.settings.was]


def _moved_before(known: Known, name: str, others: list[str]) -> str | None:
    """The new name of a flow that was moved by a run which did not come to write the lock."""
    new = known.flows.get(others[0]) if len(others) == 1 else None
    if new is None or new.name in known.entries:
        return None
    return new.name if name not in known.flows or new.settings.was == name else None


def _disagrees(name: str, live: LiveFlow, others: list[str], *, has_file: bool) -> Refusal:
    way = "If the markers are wrong, adopt it again."
    command = Command("mbflow", "adopt", name, live.id)
    if not has_file:
        way = f"{name} has no file: forget it, and the flow is left alone."
        command = Command("mbflow", "forget", name)
    return Refusal(
        f"The lock says that the flow {live.id} is {name}, but its markers say "
        f"{' and '.join(others)}. Your branch may be behind the one that moved it: merge that "
        f"first. {way}",
        (command,),
    )


def _match_marked(known: Known, marked: Marked, matches: Matches) -> None:
    locked = {entry.id for entry in known.entries.values()}
    for name in known.flows:
        if name in matches.matched:
            continue
        candidates = [flow for flow in marked.flows_of(name) if flow.id not in locked]
        if len(candidates) > 1:
            matches.refusals.append(ambiguous(name, candidates, [name]))
        elif candidates:
            matches.matched[name] = Match(name, candidates[0], MatchReason.MARKER)


def _sort_out_the_rest(known: Known, marked: Marked, matches: Matches) -> None:
    """Live flows that no file claims: owned, orphaned, copied or none of mbflow's business."""
    taken = {m.live.id for m in matches.matched.values()}
    claimed = {flow.id for r in matches.matched.values() for flow in marked.flows_of(r.name)}
    owners = {entry.id: name for name, entry in known.entries.items()}
    heard = {*known.removed, *known.deleted, *known.broken}
    for flow in known.live.values():
        if flow.id in taken:
            continue
        name = owners.get(flow.id) or _declared_name(known, marked, flow, heard)
        if name in known.broken or name in known.flows:
            continue
        if name:
            matches.surplus[name] = flow
        elif flow.id in claimed:
            matches.copies.append(flow)
        elif flow.id in marked.bits_of:
            matches.orphans.append(flow)
        else:
            matches.unmanaged.append(flow)
    live_ids = known.live.keys()
    matches.vanished = [
        name
        for name, entry in known.entries.items()
        if entry.id not in live_ids and name not in known.flows and name not in known.broken
    ]


def _declared_name(
    known: Known, marked: Marked, flow: LiveFlow, heard: Collection[str]
) -> str | None:
    """The name of a marked flow, of those `heard`: git has or had it, or it is under `removed:`."""
    names = [name for name in marked.names_of(flow.id) if name in heard]
    if len(names) != 1 or names[0] in known.entries or len(marked.flows_of(names[0])) > 1:
        return None
    return names[0]
