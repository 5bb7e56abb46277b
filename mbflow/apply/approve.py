"""From a plan to what may be done: the saved plan held against the fresh one, and consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mbflow.errors import RefusedError, UsageError
from mbflow.plan.approval import Consent, enough, missing
from mbflow.plan.refusal import refusal_lines
from mbflow.plan.saved import hold
from mbflow.plan.value import Action, Change, Plan
from mbflow.planning.make import Planned
from mbflow.planning.survey import Wishes


@dataclass(frozen=True, slots=True)
class Approved:
    """What may be done now."""

    todo: tuple[Change, ...]
    already: tuple[Change, ...] = ()
    """Changes of a saved plan that are done already."""
    elsewhere: tuple[Change, ...] = ()
    """Changes that a saved plan does not speak of; they are left alone."""


class MoreNeeded(RefusedError):
    """The plan may be applied once more is said; `enough` is all that has to be said then."""

    def __init__(self, enough: Consent, *details: str) -> None:
        said = "The plan needs more than a yes."
        summary = said if enough.reviewed else "--auto-approve is not enough here."
        super().__init__(f"{summary} Look at each of these, then add its option.", *details)
        self.enough = enough


def wishes_of(saved: Plan, allow: frozenset[str]) -> Wishes:
    """A saved plan is made again the way it was asked for."""
    options = saved.options
    targets, base = options.get("targets"), options.get("base")
    return Wishes(
        targets=tuple(str(key) for key in targets) if isinstance(targets, list) else (),
        base=base if isinstance(base, str) else None,
        allow=tuple(sorted(allow | set(saved.allowed))),
        match_title=options.get("match_title") is True,
    )


def approve(planned: Planned, saved: Plan | None, consent: Consent) -> Approved:
    """Raises RefusedError with everything that does not fit, or MoreNeeded with everything that is
    missing, all at once.
    """
    _check_allow(planned, saved, consent)
    approved = _held(planned, saved) if saved else Approved(planned.plan.changes)
    has_files = bool(planned.checkout.flows or planned.checkout.broken)
    plan = _believed(saved, planned.plan, approved) if saved else planned.plan
    gaps = missing(plan, consent, has_flow_files=has_files)
    if gaps and not has_files:
        raise RefusedError("The plan cannot be applied.", *refusal_lines(gaps))
    if gaps:
        raise MoreNeeded(enough(plan, consent), *refusal_lines(gaps))
    return approved


def _held(planned: Planned, saved: Plan) -> Approved:
    held = hold(
        saved,
        planned.plan,
        flows=planned.checkout.flows,
        live=planned.survey.live.keys(),
        secrets=planned.checkout.secrets,
        max_age=planned.checkout.environment.plan_max_age,
    )
    if held.refusals:
        raise RefusedError(
            "The plan cannot be applied any more. Nothing was changed; make a new plan.",
            *refusal_lines(held.refusals),
        )
    return Approved(held.todo, held.already, held.elsewhere)


def _believed(saved: Plan, fresh: Plan, approved: Approved) -> Plan:
    """The saved plan with no more owned flows than there were: deletes are measured by them."""
    gone = sum(1 for change in approved.already if change.action is Action.DELETE)
    return replace(saved, owned=min(saved.owned, fresh.owned + gone))


def _check_allow(planned: Planned, saved: Plan | None, consent: Consent) -> None:
    changes: Sequence[Change] = (*planned.plan.changes, *(saved.changes if saved else ()))
    keys = {*planned.checkout.flows, *planned.survey.entries, *planned.checkout.project.removed}
    unknown = sorted(consent.allow - keys - {change.key for change in changes})
    if unknown:
        raise UsageError(f"--allow {unknown[0]}: there is no such key.")
