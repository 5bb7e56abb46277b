"""What of a plan has been acknowledged, and what is still to be said before it may be applied."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from mbflow.plan.refusal import Refusal
from mbflow.plan.value import Change, Hazard, Plan
from mbflow.printable import command

MANY_DELETES = 3
"""From so many deletes on, or half of the owned flows, a yes is not enough."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the user has said about a plan."""

    reviewed: bool
    """A person said yes to it, or it came as a plan file that was shown with its hazards."""
    allow: frozenset[str] = frozenset()
    allow_deletes: int | None = None


def missing(plan: Plan, consent: Consent, *, has_flow_files: bool) -> list[Refusal]:
    """Everything that keeps the plan from being applied, each with what settles it."""
    if plan.deletes and not has_flow_files:
        return [
            Refusal(
                "There is no flow file at all, so every owned flow would be deleted. That is "
                "always refused: check the folder and the branch you are on."
            )
        ]
    allowed = consent.allow | set(plan.allowed)
    return [*_hazards(plan.changes, consent, allowed), *_deletes(plan, consent)]


def enough(plan: Plan, consent: Consent) -> Consent:
    """What would have to be said for the plan: what was, and all that is missing."""
    unsaid = [change.key for change in plan.changes if _open_hazards(change, consent)]
    counts = consent.allow_deletes is not None or needs_delete_count(
        plan, reviewed=consent.reviewed
    )
    return replace(
        consent,
        allow=consent.allow | (set(unsaid) - set(plan.allowed)),
        allow_deletes=len(counted_deletes(plan)) if counts else None,
    )


def counted_deletes(plan: Plan) -> tuple[Change, ...]:
    """Deletes that count for `--allow-deletes`: those that are not declared under `removed:`."""
    return tuple(change for change in plan.deletes if not change.declared)


def needs_delete_count(plan: Plan, *, reviewed: bool) -> bool:
    """Whether `--allow-deletes` must be given."""
    count = len(counted_deletes(plan))
    if not reviewed:
        return count > 0
    half = max(1, math.ceil(plan.owned / 2))
    return count >= min(MANY_DELETES, half)


def _hazards(
    changes: Collection[Change], consent: Consent, allowed: Collection[str]
) -> Iterator[Refusal]:
    for change in changes:
        open_hazards = _open_hazards(change, consent)
        if open_hazards and change.key not in allowed:
            reasons = "; ".join(f"{h.kind.value}: {h.text}" for h in open_hazards)
            yield Refusal(
                f"{change.action} {change.key}: {reasons}", (command("--allow", change.key),)
            )


def _open_hazards(change: Change, consent: Consent) -> list[Hazard]:
    """Those that only `--allow` acknowledges."""
    return [h for h in change.hazards if h.needs_allow or not consent.reviewed]


def _deletes(plan: Plan, consent: Consent) -> Iterator[Refusal]:
    count = len(counted_deletes(plan))
    if consent.allow_deletes is not None and consent.allow_deletes != count:
        yield Refusal(
            f"--allow-deletes {consent.allow_deletes} does not fit: the plan deletes {count}.",
            (f"--allow-deletes {count}",),
        )
    elif consent.allow_deletes is None and needs_delete_count(plan, reviewed=consent.reviewed):
        keys = ", ".join(change.key for change in counted_deletes(plan))
        yield Refusal(
            f"The plan deletes {count} of {plan.owned} owned flows: {keys}. Say the number, or "
            "list the keys under `removed:` in mbflow.yaml and plan again.",
            (f"--allow-deletes {count}",),
        )
