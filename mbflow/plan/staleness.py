"""A saved plan held against a fresh one: may it still be applied, and what of it is left to do?"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mbflow.flow.canonical import Form
from mbflow.model.calendar import Calendar
from mbflow.model.flow import Flow, SafeBody
from mbflow.plan.calendars import calendar_at
from mbflow.plan.calls import calls_json, calls_of_changes
from mbflow.plan.model import (
    CLOCKS_APART,
    SALT,
    AnyChange,
    Change,
    ChangeKind,
    HazardKind,
    NumberChange,
    NumberFlow,
    Plan,
    Refusal,
)
from mbflow.plan.secrets import same_fingerprint, secret_paths

_NOT_SHOWN = "the plan file does not show what would be changed"


@dataclass(frozen=True, slots=True)
class Held:
    """What became of a saved plan."""

    refusals: tuple[Refusal, ...]
    todo: tuple[AnyChange, ...]
    """Changes of the fresh plan that the saved one approved and that are still to be made."""
    already: tuple[AnyChange, ...]
    """Changes of the saved plan that are done: by an earlier run of it, or by somebody else."""
    elsewhere: tuple[AnyChange, ...]
    """Changes that came up since and are left alone."""


def hold(
    saved: Plan,
    fresh: Plan,
    *,
    flows: Mapping[str, Flow],
    live: Collection[str],
    wanted: Mapping[str, NumberFlow],
    calendars: Mapping[str, Calendar],
    secrets: Mapping[str, str],
    max_age: float | None,
) -> Held:
    """Compare change by change; anything that does not fit becomes a refusal in its own words.

    `live` are the ids of all live flows, `wanted` the flows that are to answer the numbers of the
    files, by `calendars` where they say so. Nothing fits where the plan is for another place, so
    that is then all that is said.
    """
    elsewhere_planned = tuple(_place(saved, fresh))
    if elsewhere_planned:
        return Held(elsewhere_planned, (), (), ())
    refusals = [*_age(saved, fresh, max_age), *_contents(saved), *_secrets(saved, secrets)]
    refusals += _calendars(saved, calendars)
    present = {change.name: change for change in fresh.changes}
    leads = {change.number: change for change in fresh.numbers}
    pairs: list[tuple[AnyChange, AnyChange | None, str]] = []
    for change in saved.changes:
        now = present.get(change.name)
        pairs.append((change, now, _misfit(change, now, flows, live)))
    titles = _titles(saved)
    for lead in saved.numbers:
        one = leads.get(lead.number)
        pairs.append((lead, one, _number_misfit(lead, one, wanted.get(lead.number), titles)))
    refusals += [Refusal(f"{of.action} {of.name}: {why}") for of, _, why in pairs if why]
    refusals += _calls(saved) if not refusals else ()
    names = {(type(change), change.name) for change in saved.everything}
    elsewhere = tuple(one for one in fresh.everything if (type(one), one.name) not in names)
    todo = tuple(now for _, now, _ in pairs if now is not None)
    already = tuple(change for change, now, _ in pairs if now is None)
    return Held(tuple(refusals), todo, already, elsewhere)


def _place(saved: Plan, fresh: Plan) -> Iterator[Refusal]:
    for name in ("project", "environment", "endpoint"):
        planned, here = getattr(saved, name), getattr(fresh, name)
        if planned != here:
            yield Refusal(f"The plan is for the {name} {planned}, and this is {here}.")


def _age(saved: Plan, fresh: Plan, max_age: float | None) -> Iterator[Refusal]:
    age = (_moment(fresh.created) - _moment(saved.created)).total_seconds()
    if max_age is not None and not -CLOCKS_APART <= age <= max_age:
        when = "in the future, by the clock here" if age < 0 else f"{_span(age)} ago"
        yield Refusal(
            f"The plan was made {when} ({saved.created}), and plan_max_age allows {_span(max_age)}."
        )


def _span(seconds: float) -> str:
    """Rounded up, so that what is too old never reads like what is allowed."""
    if seconds < 120:
        return f"{math.ceil(seconds)} seconds"
    if seconds < 7200:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{math.ceil(seconds / 360) / 10:g} hours"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _contents(saved: Plan) -> Iterator[Refusal]:
    """What a plan says of itself must fit together, or somebody changed a part of it."""
    counts = {action.value: 0 for action in ChangeKind}
    names = {change.name for change in saved.changes}
    if len(names) != len(saved.changes):
        yield Refusal("The plan file changes a flow twice.")
    if len({lead.number for lead in saved.numbers}) != len(saved.numbers):
        yield Refusal("The plan file leads a number twice.")
    for change in saved.changes:
        counts[change.action.value] += 1
        if change.after is not None and Form(change.after).state_digest != change.digest:
            yield Refusal(
                f"{change.action} {change.name}: what would be sent was changed in the plan file."
            )
    if not saved.options.get("branch") and any(one.cause for one in saved.everything):
        yield Refusal("The plan file says whose its changes are, and names no base.")
    if any(getattr(saved.summary, name) != count for name, count in counts.items()):
        yield Refusal("The counts in the plan file do not fit its changes.")


def _secrets(saved: Plan, secrets: Mapping[str, str]) -> Iterator[Refusal]:
    salt = saved.secrets.get(SALT, "")
    for name in sorted({*saved.secrets, *_used(saved, secrets)} - {SALT}):
        if name not in secrets:
            yield Refusal(f"The plan uses the secret ${{{name}}}, which is not set here.")
        elif name not in saved.secrets:
            yield Refusal(f"The plan does not say which value of the secret ${{{name}}} it uses.")
        elif not same_fingerprint(secrets[name], salt, saved.secrets[name]):
            yield Refusal(f"The secret ${{{name}}} has another value here than in the plan.")


def _used(saved: Plan, secrets: Mapping[str, str]) -> set[str]:
    """The secrets of this checkout that the plan's bodies hold."""
    bodies = [change.after for change in saved.changes if change.after is not None]
    return {name for name in secrets if any(any(secret_paths(body, [name])) for body in bodies)}


def _calls(saved: Plan) -> Iterator[Refusal]:
    """What a plan tells of calls follows from its bodies, which have been looked at."""
    if saved.calls is None:
        return
    made = calls_of_changes(saved.changes, saved.options)
    for (change, calls), told in zip(made, saved.calls, strict=True):
        if told != calls_json(calls):
            yield Refusal(f"{change.action} {change.name}: {_NOT_SHOWN}")


def _misfit(
    change: Change, now: Change | None, flows: Mapping[str, Flow], live: Collection[str]
) -> str:
    """Why a planned change cannot be made any more; empty where it can, or is done."""
    flow = flows.get(change.name)
    if change.action is ChangeKind.DELETE:
        return _delete_misfit(change, now, flow, live)
    if flow is None:
        return "its file is gone since the plan was made"
    if Form(flow.body).state_digest != change.digest or flow.body != change.after:
        return f"{flow.file} says something else than when the plan was made"
    if now is None:
        return ""
    if now.action is not change.action or now.id != change.id:
        what = f"{now.action} {now.id}".strip()
        return f"the live flow is not what the plan saw: it would now be {what}"
    if now.preconditions.digest != change.preconditions.digest:
        return "the live flow was edited since the plan was made"
    return _shown_otherwise(change, now) or _new_hazards(change, now)


def _shown_otherwise(change: Change, now: Change) -> str:
    """Why the plan file did not show people what the same change shows now; empty where it did."""
    shown, fresh = (
        (
            one.title,
            one.was,
            one.edits,
            Form(one.before or SafeBody({})).state_digest,
        )
        for one in (change, now)
    )
    return "" if shown == fresh and not _comes_from_elsewhere(change, now) else _NOT_SHOWN


def _comes_from_elsewhere(change: AnyChange, now: AnyChange | None) -> bool:
    if now is None:
        return False
    return change.file != now.file or (change.cause != now.cause and not _is_untold(change, now))


def _is_untold(change: AnyChange, now: AnyChange) -> bool:
    """Whether this clone lacks the history by which the cause was told."""
    return change.cause is not None and now.cause is None


def _delete_misfit(
    change: Change, now: Change | None, flow: Flow | None, live: Collection[str]
) -> str:
    if flow is not None:
        return f"{flow.file} is there again"
    if now is None:
        owned = "it is still live, but the lock does not say any more that it is this project's"
        return owned if change.id in live else ""
    if now.id != change.id or now.preconditions.digest != change.preconditions.digest:
        return "the live flow was edited since the plan was made"
    if set(now.numbers) - set(change.numbers):
        return "numbers were assigned to it since the plan was made"
    if change.declared and not now.declared:
        return "its name does not stand under `removed:` any more"
    return _shown_otherwise(change, now) or _new_hazards(change, now)


def _calendars(saved: Plan, calendars: Mapping[str, Calendar]) -> Iterator[Refusal]:
    """What a plan says of calendars follows from their files and its moment."""
    for one in saved.calendars:
        calendar = calendars.get(one.name)
        if calendar is not None and calendar_at(calendar, _moment(one.at)) != one:
            yield Refusal(
                f"The calendar {one.name} says something else than when the plan was made."
            )


def _titles(saved: Plan) -> Mapping[str, set[str]]:
    """Id of a live flow to the titles that the plan's own changes give it, or take from it."""
    titles: dict[str, set[str]] = {}
    for change in saved.changes:
        sides = [change.title]
        sides += [str(change.after.get("title") or "")] if change.after is not None else []
        titles.setdefault(change.id, set()).update(sides)
    return titles


def _number_misfit(
    change: NumberChange,
    now: NumberChange | None,
    wanted: NumberFlow | None,
    titles: Mapping[str, set[str]],
) -> str:
    """Why a number can no longer be led as planned; empty where it can, or is led there already.

    `titles` are those that the plan itself gives to live flows: an earlier run of it may have.
    """
    if wanted is None:
        return "mbflow.yaml does not name it any more"
    if wanted.label != change.to.label:
        calendar = now.calendar if now else change.calendar
        by = f"by the calendar {calendar}" if calendar else "by mbflow.yaml"
        return f"{by} it is to lead to {wanted.label} now"
    if now and (now.calendar, now.state) != (change.calendar, change.state):
        is_later = now.calendar and now.calendar == change.calendar
        return f"by the calendar {now.calendar} it is {now.state} now" if is_later else _NOT_SHOWN
    if change.to.id not in ("", wanted.id):
        return f"the live flow of {wanted.label} is not the one that the plan saw"
    if wanted.title != change.to.title or _comes_from_elsewhere(change, now):
        return _NOT_SHOWN
    if now is None:
        return ""
    former, leads = change.former, now.former
    if (former and former.id) != (leads and leads.id):
        return f"it leads to {leads.label if leads else 'no flow'} now"
    if former and leads and former.name != leads.name:
        return _NOT_SHOWN
    known = {leads.title, *titles.get(leads.id, ())} if leads else {""}
    if former and former.title not in known:
        return _NOT_SHOWN
    return _new_hazards(change, now)


def _new_hazards(change: AnyChange, now: AnyChange) -> str:
    """Those that were not shown, or milder; what git acknowledges since is no worse."""
    shown = {hazard.kind: hazard.needs_allow for hazard in change.hazards}
    new = {h.kind.value for h in now.hazards if h.needs_allow > shown.get(h.kind, h.needs_allow)}
    if HazardKind.BEHIND in shown and _is_untold(change, now):  # without history: outside git
        shown |= {HazardKind.OUTSIDE_EDIT: True, HazardKind.CONFLICT: True}
    new |= {hazard.kind.value for hazard in now.hazards if hazard.kind not in shown}
    if new:
        return f"it has become unsafe since: {', '.join(sorted(new))}"
    if isinstance(now, NumberChange) or isinstance(change, NumberChange):
        is_same = _is_untold(change, now) or _texts(now) <= _texts(change)
        return "" if is_same else _NOT_SHOWN
    if _taken_from(now) - _taken_from(change):
        return "it would take over from another flow than the plan says: default has moved since"
    return ""


def _texts(change: AnyChange) -> set[str]:
    return {hazard.text.removeprefix("acknowledged in mbflow.yaml; ") for hazard in change.hazards}


def _taken_from(change: Change) -> set[str]:
    """What is said of the flow that loses `default`; it is another live flow, edited by others."""
    return {h.text for h in change.hazards if h.kind is HazardKind.DEFAULT and not h.code}
