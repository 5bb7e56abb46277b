"""What a reader of a plan should know and need not act on, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mbflow.compare.unknown import unknown_paths
from mbflow.model import LiveFlow
from mbflow.plan.twins import twins_elsewhere
from mbflow.plan.value import Change
from mbflow.planning.survey import Survey
from mbflow.printable import printable
from mbflow.problem import path_text


def notes(seen: Survey, changes: Collection[Change]) -> Iterator[str]:
    """The notes of a plan with these changes, the most telling first."""
    yield from _missing_files(seen)
    yield from _live_elsewhere(seen)
    yield from _left_alone(seen)
    yield from _unknown_keys(changes)


def _missing_files(seen: Survey) -> Iterator[str]:
    if not seen.checkout.flows and not seen.checkout.broken and seen.matches.surplus:
        yield "There is no flow file at all, so apply will refuse: is this the right branch?"


def _live_elsewhere(seen: Survey) -> Iterator[str]:
    elsewhere = twins_elsewhere(seen.known, seen.matches)
    if elsewhere:
        yield (
            f"{len(elsewhere)} of the flows to create are live already, as flows of another "
            "environment or project in this account. If this one was renamed, say so in "
            "mbflow.yaml before you apply: identity, or project_was"
        )


def _left_alone(seen: Survey) -> Iterator[str]:
    for flow in seen.matches.orphans:
        yield (
            f"orphan {_named(flow)}: made by mbflow from another branch, or forgotten; left alone"
        )
    for flow in seen.matches.copies:
        yield (
            f"copy {_named(flow)}: carries the markers of a flow whose own id is another; "
            "left alone"
        )
    for key, ids in seen.doubles.items():
        yield (
            f"twice: a run that was cut off made {key}, and the service has another like it: "
            f"{', '.join(ids)}; left alone"
        )
    for key, ids in seen.fileless.items():
        yield (
            f"no file: a run that was cut off made {key}, whose file is gone, and any of these may "
            f"be it: {', '.join(ids)}; left alone"
        )


def _unknown_keys(changes: Collection[Change]) -> Iterator[str]:
    for change in changes:
        strange = unknown_paths(change.before) if change.before and change.after else []
        if strange:
            names = ", ".join(path_text(path) for path in strange[:5])
            yield f"{change.key}: mbflow does not know {names}; sent back as it is"


def _named(flow: LiveFlow) -> str:
    return f'{flow.id} "{printable(flow.title)}"'
