"""What a reader of a plan should know and need not act on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from mbflow.flow.vocabulary import unknown_paths
from mbflow.model.flow import LiveFlow
from mbflow.model.paths import path_text
from mbflow.model.text import listed_shortly, printable
from mbflow.plan.adoption import twins_elsewhere
from mbflow.plan.hazards import unused
from mbflow.plan.markers import markers_of, name_bits
from mbflow.plan.model import AnyChange, Change
from mbflow.plan.numbers import NumberFindings
from mbflow.plan.survey import Survey
from mbflow.project.git import Branch


def notes(
    seen: Survey,
    changes: Collection[Change],
    numbers: NumberFindings,
    *,
    whole: bool,
    lacking: Sequence[str] = (),
) -> Iterator[str]:
    """The notes of a plan with these changes, all that there are or not, the most telling first.

    `lacking` are numbers that the base leads elsewhere, and this branch does not.
    """
    yield from _missing_files(seen)
    if seen.branch is not None:
        yield from _behind(seen.branch, lacking)
    yield from _live_elsewhere(seen)
    yield from _left_alone(seen)
    yield from numbers.notes()
    yield from _unknown_keys(changes)
    every: tuple[AnyChange, ...] = (*changes, *numbers.changes)
    yield from unused(seen.checkout.environment.acknowledged, every) if whole else ()


def _missing_files(seen: Survey) -> Iterator[str]:
    if not seen.checkout.has_files and seen.matches.surplus:
        yield "There is no flow file at all, so apply will refuse: is this the right branch?"


def _behind(branch: Branch, lacking: Sequence[str]) -> Iterator[str]:
    changed = [*sorted(branch.theirs), *lacking]
    if changed:
        yield (
            f"This branch lacks what {branch.label} changed since they parted: "
            f"{listed_shortly(changed)}. What is live of it is not this branch's: "
            f"merge {branch.label}, then plan again"
        )


def _live_elsewhere(seen: Survey) -> Iterator[str]:
    elsewhere = twins_elsewhere(seen.known, seen.matches)
    if elsewhere:
        yield (
            f"{len(elsewhere)} of the flows to create are live already, as flows of another "
            "environment or project in this account. If this one was renamed, say so in "
            "mbflow.yaml before you apply: identity, or project_was"
        )


def _left_alone(seen: Survey) -> Iterator[str]:
    theirs = {name_bits(name): name for name in seen.branch.theirs} if seen.branch else {}
    for flow in seen.matches.orphans:
        names = [theirs[m.name] for m in markers_of(flow) if m.name in theirs]
        if seen.branch and names:
            yield f"orphan {_named(flow)}: it is {names[0]} of {seen.branch.label}; left alone"
        else:
            yield (
                f"orphan {_named(flow)}: made by mbflow from another branch, or forgotten; "
                "left alone"
            )
    for flow in seen.matches.copies:
        yield (
            f"copy {_named(flow)}: carries the markers of a flow whose own id is another; "
            "left alone"
        )
    for name, ids in seen.doubles.items():
        yield (
            f"twice: a run that was cut off made {name}, and the service has another like it: "
            f"{', '.join(ids)}; left alone"
        )
    for name, ids in seen.fileless.items():
        yield (
            f"no file: a run that was cut off made {name}, whose file is gone, and any of these "
            f"may be it: {', '.join(ids)}; left alone"
        )


def _unknown_keys(changes: Collection[Change]) -> Iterator[str]:
    for change in changes:
        strange = unknown_paths(change.before) if change.before and change.after else []
        if strange:
            names = listed_shortly([path_text(path) for path in strange])
            yield f"{change.name}: mbflow does not know {names}; sent back as it is"


def _named(flow: LiveFlow) -> str:
    return f'{flow.id} "{printable(flow.title)}"'
