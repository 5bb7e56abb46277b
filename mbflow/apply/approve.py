"""What of a plan has been acknowledged, and what is still to be said before it may be applied."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from mbflow.model.errors import RefusedError
from mbflow.model.route import Route
from mbflow.model.text import Command, Line, listed_shortly
from mbflow.plan.build import Planned
from mbflow.plan.document import read_branch
from mbflow.plan.hazards import AChange
from mbflow.plan.model import (
    AnyChange,
    Cause,
    Change,
    ChangeKind,
    Hazard,
    HazardKind,
    NumberChange,
    Plan,
    Refusal,
    refusal_lines,
)
from mbflow.plan.staleness import hold
from mbflow.plan.survey import Wishes, unknown_name

MOST_LISTED = 20
"""Names in one line of a refusal; more are counted."""
MANY_DELETES = 3
"""From so many deletes on, or half of the owned flows, a yes is not enough."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the user has said about a plan."""

    reviewed: bool
    """A person said yes to it, or it came as a plan file that was shown with its hazards."""
    allow: frozenset[str] = frozenset()
    allow_deletes: int | None = None


def missing(
    plan: Plan, consent: Consent, *, has_flow_files: bool, by_files: bool = True
) -> list[Refusal]:
    """Everything that keeps the plan from being applied, each with what settles it.

    `by_files`: the files say what is wanted; of a rollback they do not.
    """
    if plan.deletes and not has_flow_files:
        return [
            Refusal(
                "There is no flow file at all, so every flow of this project would be deleted. "
                "That is always refused: check the folder and the branch you are on."
            )
        ]
    allowed = consent.allow | set(plan.allowed)
    return [
        *_hazards(plan.everything, consent, allowed),
        *_deletes(plan, consent, by_files=by_files),
    ]


def check_applicable(plan: Plan, *, has_flow_files: bool, again: Callable[[Consent], Line]) -> None:
    """Raise RefusedError with everything that apply will still ask for, and how to say it.

    `again` gives the whole command for a consent.
    """
    consent = Consent(reviewed=True)
    gaps = missing(plan, consent, has_flow_files=has_flow_files)
    if not gaps:
        return
    whole = ["The whole command:", again(enough(plan, consent))] if has_flow_files else []
    raise RefusedError(
        "Apply will not make these changes before more is said.",
        *refusal_lines(gaps),
        *_in_git(plan),
        *own_only(plan, consent),
        *whole,
    )


def _in_git(plan: Plan) -> Iterator[Line]:
    """The lines that acknowledge the hazards in `mbflow.yaml`, for just these changes.

    With those that are acknowledged there already: the line takes the place of one.
    """
    changes = [change for change in plan.everything if change.name not in plan.allowed]
    if any(hazard.needs_allow for change in changes for hazard in change.hazards):
        codes = {c.name: {h.kind.value: h.code for h in c.hazards if h.code} for c in changes}
        stated = {name: own for name, own in codes.items() if own}
        yield f"Or acknowledge it in git: in mbflow.yaml, below the environment {plan.environment}:"
        # JSON is YAML, and quoted for every reader.
        yield f"    acknowledged: {json.dumps(stated, ensure_ascii=False)}"


def own_only(plan: Plan, consent: Consent) -> Iterator[Line]:
    """How to go on without what is not this branch's: a hotfix must not keep all else waiting."""
    allowed = consent.allow | set(plan.allowed)
    others = {
        change.name
        for change in plan.everything
        if change.cause not in (None, Cause.BRANCH)
        and change.name not in allowed
        and _open_hazards(change, consent)
    }
    rest = [change.name for change in plan.everything if change.name not in others]
    if others and 0 < len(rest) <= MOST_LISTED:
        base = plan.options.get("base")
        targets = (word for name in rest for word in ("--target", name))
        yield "Or leave what is not this branch's for later, and plan the rest:"
        yield Command("mbflow", "plan", "--base", str(base), *targets, "--out", "plan.json")


def enough(plan: Plan, consent: Consent) -> Consent:
    """What would have to be said for the plan: what was, and all that is missing."""
    unsaid = [change.name for change in plan.everything if _open_hazards(change, consent)]
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
    changes: Collection[AnyChange], consent: Consent, allowed: Collection[str]
) -> Iterator[Refusal]:
    for change in changes:
        open_hazards = _open_hazards(change, consent)
        if open_hazards and change.name not in allowed:
            reasons = "; ".join(f"{hazard.kind.value}: {hazard}" for hazard in open_hazards)
            yield Refusal(
                f"{change.action} {change.name}: {reasons}", (Command("--allow", change.name),)
            )


def _open_hazards(change: AnyChange, consent: Consent) -> list[Hazard]:
    """Those that only `--allow` acknowledges."""
    return [h for h in change.hazards if h.needs_allow or not consent.reviewed]


def _deletes(plan: Plan, consent: Consent, *, by_files: bool) -> Iterator[Refusal]:
    count = len(counted_deletes(plan))
    if consent.allow_deletes is not None and consent.allow_deletes != count:
        yield Refusal(
            f"--allow-deletes {consent.allow_deletes} does not match: the plan deletes {count}.",
            (Command("--allow-deletes", str(count)),),
        )
    elif consent.allow_deletes is None and needs_delete_count(plan, reviewed=consent.reviewed):
        names = listed_shortly([change.name for change in counted_deletes(plan)], MOST_LISTED)
        other = ", or list the names under `removed:` in mbflow.yaml and plan again"
        yield Refusal(
            f"The plan deletes {count} of {plan.owned} flows of this project: {names}. Confirm "
            f"the number{other if by_files else ''}.",
            (Command("--allow-deletes", str(count)),),
        )


@dataclass(frozen=True, slots=True)
class Approved:
    """What may be done now."""

    todo: tuple[AnyChange, ...]
    already: tuple[AnyChange, ...] = ()
    """Changes of a saved plan that are done already."""
    elsewhere: tuple[AnyChange, ...] = ()
    """Changes that a saved plan does not speak of; they are left alone."""
    refused: tuple[Refusal, ...] = ()
    """What keeps others from being made that were asked for."""

    @property
    def flows(self) -> tuple[Change, ...]:
        return tuple(change for change in self.todo if not isinstance(change, NumberChange))

    @property
    def numbers(self) -> tuple[NumberChange, ...]:
        return tuple(change for change in self.todo if isinstance(change, NumberChange))


class MoreNeeded(RefusedError):
    """The plan may be applied once more is said; `enough` is all that has to be said then."""

    def __init__(self, enough: Consent, *details: Line) -> None:
        said = "A yes is not enough for this plan."
        summary = said if enough.reviewed else "--auto-approve is not enough for this plan."
        super().__init__(f"{summary} Look at each of these, then add its option.", *details)
        self.enough = enough


def wishes_of(saved: Plan, allow: Collection[str]) -> Wishes:
    """A saved plan is made again the way it was asked for."""
    options = saved.options
    targets, base = options.get("targets"), options.get("base")
    return Wishes(
        targets=tuple(str(name) for name in targets) if isinstance(targets, list) else (),
        base=base if isinstance(base, str) else None,
        branch=read_branch(options.get("branch")),
        allow=tuple(sorted({*allow, *saved.allowed})),
        match_title=options.get("match_title") is True,
    )


def approve(planned: Planned, saved: Plan | None, consent: Consent) -> Approved:
    """Raises RefusedError with everything that does not fit, or MoreNeeded with everything that is
    missing, all at once.
    """
    check_allow(planned, saved, consent.allow)
    approved = _held(planned, saved) if saved else Approved(planned.plan.everything)
    has_files = planned.checkout.has_files
    plan = _believed(saved, planned.plan, approved) if saved else planned.plan
    by_files = planned.checkout.terms is not None
    gaps = missing(plan, consent, has_flow_files=has_files, by_files=by_files)
    if gaps and not has_files:
        raise RefusedError("The plan cannot be applied.", *refusal_lines(gaps))
    if gaps:
        rest = own_only(plan, consent)
        raise MoreNeeded(enough(plan, consent), *refusal_lines(gaps), *rest)
    return approved


def approve_switches(planned: Planned) -> Approved:
    """What a timer may do with nobody looking: lead numbers from flow to flow of their calendar.

    All else is refused, number by number: one that leads elsewhere must not keep the others open.
    """
    environment = planned.checkout.environment
    routes = environment.numbers
    todo, refused = [], []
    for change in planned.plan.numbers:
        why = _no_switch(change, routes[change.number])
        if why:
            commands = _by_hand(change, needs_plan=environment.require_plan)
            refused.append(Refusal(f"{change.number} is left where it leads: {why}", commands))
        else:
            todo.append(change)
    return Approved(tuple(todo), refused=tuple(refused))


def _by_hand(change: NumberChange, *, needs_plan: bool) -> tuple[Command, ...]:
    """What leads the number when a person wants it; nothing does where it leads to two flows."""
    if _leads_to_two(change):
        return ()
    targets = [change.number, *([] if change.to.id else [change.to.name])]
    words = [word for one in targets for word in ("--target", one)]
    if not needs_plan:
        return (Command("mbflow", "apply", *words),)
    saved = "plan.json"
    return Command("mbflow", "plan", *words, "--out", saved), Command("mbflow", "apply", saved)


def _leads_to_two(change: NumberChange) -> bool:
    return any(hazard.kind is HazardKind.TWO_FLOWS for hazard in change.hazards)


def _no_switch(change: NumberChange, route: Route) -> str:
    """Why the change is not one that the calendar alone decides; empty where it is."""
    if change.hazards:
        told = "; ".join(f"{one.kind.value}: {one.text.rstrip(':')}" for one in change.hazards)
        return told if _leads_to_two(change) else f"{told}. To have its calendar lead it again:"
    if not change.to.id:
        return f"it is to lead to {change.to.name}, which is not live yet. Apply both by hand:"
    if change.former is None:
        return "it leads to no flow, so it was not applied yet. Apply it once by hand:"
    if change.former.name not in route.flows:
        return f"its calendar does not name {change.former.label}. Apply it once by hand:"
    return ""


def _held(planned: Planned, saved: Plan) -> Approved:
    held = hold(
        saved,
        planned.plan,
        flows=planned.checkout.flows,
        live=planned.survey.live.keys(),
        wanted=planned.numbers.wanted,
        calendars=planned.checkout.calendars,
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
    """The saved plan without what git acknowledges by now, and with no more owned flows than there
    were: deletes are measured by them.
    """
    now = {change.name: change for change in approved.flows}
    leads = {change.name: change for change in approved.numbers}
    gone = sum(1 for change in approved.already if change.action is ChangeKind.DELETE)
    return replace(
        saved,
        changes=tuple(_acknowledged(change, now.get(change.name)) for change in saved.changes),
        numbers=tuple(_acknowledged(change, leads.get(change.name)) for change in saved.numbers),
        owned=min(saved.owned, fresh.owned + gone),
    )


def _acknowledged(change: AChange, now: AChange | None) -> AChange:
    """A hazard that is merely not there any more is still to be acknowledged: it was shown."""
    found = {h.kind: h for h in now.hazards if h.code and not h.needs_allow} if now else {}
    return replace(change, hazards=tuple(found.get(h.kind, h) for h in change.hazards))


def check_allow(planned: Planned, saved: Plan | None, allow: Collection[str]) -> None:
    """Raise UsageError for a name that no flow has: a slip would acknowledge nothing."""
    changes: Sequence[AnyChange] = (*planned.plan.everything, *(saved.everything if saved else ()))
    checkout = planned.checkout
    names = {*checkout.flows, *planned.survey.entries, *checkout.project.removed}
    names |= {*checkout.environment.numbers}
    unknown = sorted({*allow} - names - {change.name for change in changes})
    if unknown:
        raise unknown_name("--allow", unknown[0], names)
