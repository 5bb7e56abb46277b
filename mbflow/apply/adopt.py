"""Ties a flow file to a live flow that is there already.

Reads the account, writes only to the project.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mbflow.apply.lock_update import entry_of
from mbflow.flow.canonical import Form, is_alike
from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import Flow, LiveFlow, LockEntry
from mbflow.model.text import Command, did_you_mean
from mbflow.plan.markers import is_marked, markers_of, name_bits
from mbflow.plan.survey import Survey
from mbflow.state.journal import journal_path, note_entries
from mbflow.state.lock import Numbers, write_lock


def adopt(seen: Survey, name: str, flow_id: str) -> LiveFlow:
    """Tie the file of a name to a live flow, in the lock only: the service is not written to."""
    flow = seen.checkout.flows.get(name)
    if flow is None:
        broken = ("Its file has problems. To see them:", Command("mbflow", "validate"))
        none = (
            "To have one written from what is live:",
            Command("mbflow", "import", flow_id, "--as", name),
        )
        raise Error(
            f"There is no flow file for {name}.{did_you_mean(name, seen.checkout.flows)}",
            *(broken if name in seen.checkout.broken else none),
        )
    live = live_flow(seen, flow_id)
    check_free(seen, name, live)
    known = seen.entries.get(name)
    is_tied = known is not None and known.id == live.id and name in seen.matches.matched
    if not is_tied:
        forms = Form(flow.body), Form(live.body)
        entry = tied_entry(flow, live, *forms, secrets=seen.checkout.secrets)
        write_entries(seen, {name: entry})
    return live


def forget(seen: Survey, *names: str) -> dict[str, LockEntry]:
    """Drop the entries of these names from the lock, all or none; the live flows stay.

    Returns what was dropped. Raises Error with every name that the lock does not know.
    """
    unknown = [name for name in names if name not in seen.entries]
    if unknown:
        told = [f"The lock does not know {n}.{did_you_mean(n, seen.entries)}" for n in unknown]
        raise Error(*told)
    write_entries(seen, dict.fromkeys(names))
    return {name: seen.entries[name] for name in names}


def write_entries(
    seen: Survey, entries: Mapping[str, LockEntry | None], numbers: Numbers | None = None
) -> None:
    """Write the lock with these entries replaced, None removes one; and with these numbers, if any.

    The journal of an unfinished run would speak against them, so it is told first.
    """
    note_entries(journal_path(seen.checkout), entries)
    merged: dict[str, LockEntry | None] = {**seen.entries, **entries}
    ids = {entry.id: name for name, entry in entries.items() if entry is not None}
    kept = {
        name: entry
        for name, entry in merged.items()
        if entry is not None and ids.get(entry.id, name) == name
    }
    environment, project = seen.checkout.environment.name, seen.checkout.project.name
    write_lock(seen.lock_path, seen.lock.having(environment, kept, project, numbers))


def live_flow(seen: Survey, name: str) -> LiveFlow:
    """The live flow with the id `name`. Raises Error where the account has none."""
    live = seen.live.get(name)
    if live is None:
        environment = seen.checkout.environment
        guess = did_you_mean(name, [*seen.matches.matched, *seen.live])
        raise Error(
            f"{environment.name} has no live flow {name}, and no file of that name belongs to one."
            f"{guess}",
            "To see what there is:",
            Command("mbflow", "flows", "list"),
        )
    return live


def check_free(seen: Survey, name: str, live: LiveFlow) -> None:
    """Raise RefusedError for a flow of another name, project or environment.

    One that moves here by `was:` is free.
    """
    flow = seen.checkout.flows.get(name)
    own = {name, flow.settings.was if flow is not None else None}
    for other in seen.names_by_id.get(live.id, ()):
        if other not in own and other in seen.checkout.flows:
            raise RefusedError(
                f"The live flow {live.id} belongs to {other}.",
                "If that is wrong, forget it there first:",
                Command("mbflow", "forget", other),
            )
    if live.id in seen.unmanaged and is_marked(live):
        raise RefusedError(
            f"The live flow {live.id} carries the markers of another project or environment.",
            "Two projects that write one flow would undo each other's work.",
        )


def tied_entry(
    flow: Flow, live: LiveFlow, wanted: Form, found: Form, *, secrets: Collection[str]
) -> LockEntry:
    """Tied by hand: nothing counts as sent where the body or the markers are still another's.

    `wanted` and `found` are the forms of the two.
    """
    entry = entry_of(flow, wanted, found, live.id, secrets=secrets)
    own = all(marker.name == name_bits(flow.name) for marker in markers_of(live))
    is_settled = own and is_alike(wanted, found)
    return entry if is_settled else entry._replace(sent="")
