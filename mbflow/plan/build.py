"""Makes the plan from a survey of both sides. Sends only GET; the diff is the core's."""

from __future__ import annotations

import hashlib
import secrets as randomness
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.model.calendar import Calendar
from mbflow.model.errors import RefusedError, UsageError
from mbflow.model.flow import Json
from mbflow.model.problem import Problem
from mbflow.model.text import Command, listed_shortly
from mbflow.plan.calendars import NOW, calendars_at, states
from mbflow.plan.calls import OPTION
from mbflow.plan.causes import tell_causes
from mbflow.plan.diff import Differences, diff
from mbflow.plan.document import branch_json
from mbflow.plan.hazards import with_acknowledged, with_numbers
from mbflow.plan.model import (
    SALT,
    Change,
    ChangeKind,
    Match,
    Matches,
    NumberChange,
    Plan,
    Refusal,
    Summary,
    refusal_lines,
)
from mbflow.plan.notes import notes
from mbflow.plan.numbers import NumberFindings, find_numbers
from mbflow.plan.refresh import read_numbers
from mbflow.plan.renames import reused_names
from mbflow.plan.secrets import fingerprint
from mbflow.plan.survey import Beginning, Survey, Wishes, survey
from mbflow.plan.targets import also_folders, resolve_targets
from mbflow.project.discover import flow_file, repository_root
from mbflow.project.git import Branch
from mbflow.project.load import Checkout, warnings_of
from mbflow.project.workers import not_collecting

if TYPE_CHECKING:
    from mbflow.api.client import Client


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with everything that apply needs beside it. Holds secret values: never shown."""

    plan: Plan
    survey: Survey
    unchanged: tuple[Match, ...]
    numbers: NumberFindings

    @property
    def checkout(self) -> Checkout:
        return self.survey.checkout


@not_collecting()
def make_plan(
    checkout: Checkout,
    client: Client,
    wishes: Wishes,
    *,
    begun: Beginning | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> Planned:
    """Read everything and compare. RefusedError lists every reason why no plan can be made.

    `begun` is the beginning of the survey, where that was made while the files were read.
    """
    seen = survey(checkout, client, wishes, begun=begun, clock=clock, sleep=sleep)
    folders = also_folders(seen, wishes)
    wishes = replace(wishes, targets=resolve_targets(seen, wishes))
    found = diff(
        seen.known,
        seen.matches,
        secrets=checkout.secrets,
        titles_hidden=seen.titles_hidden,
    )
    now = clock()
    if wishes.at != NOW and not checkout.environment.has_calendars:
        raise UsageError(f"--at: no calendar leads a number of {checkout.environment.name}.")
    scope = _numbers_of(checkout, wishes)
    calendars = calendars_at(_calendars_of(checkout, scope), wishes.at, now)
    targeted = () if wishes.switches_only else _targeted(found.changes, wishes)
    reused = reused_names(found.changes, targeted, seen.known)
    _refuse([*seen.matches.refusals, *found.refusals, *reused])
    stated = checkout.environment.acknowledged
    numbers = find_numbers(seen, client, states(calendars), scope)
    if not wishes.switches_only:  # then it is refused number by number
        _refuse(_without_flow(numbers.changes, targeted))
    numbered, unknown = _numbered(targeted, client, numbers)
    filed = [_with_file(change, checkout) for change in numbered]
    with client.progress.begin("Comparing with the base"):
        causes = tell_causes(seen, filed, numbers.changes)
    leads = [with_acknowledged(change, stated) for change in causes.numbers]
    numbers = replace(numbers, changes=tuple(leads))
    changes = [with_acknowledged(change, stated) for change in causes.changes]
    is_whole = not wishes.targets and not wishes.switches_only
    said = notes(seen, changes, numbers, whole=is_whole, lacking=causes.lacking)
    told = (*said, *unknown, *folders)
    plan = _plan(seen, found, changes, told, wishes, now)
    plan = replace(plan, numbers=numbers.changes, calendars=tuple(calendars))
    return Planned(plan, seen, found.unchanged, numbers)


def _with_file(change: Change, checkout: Checkout) -> Change:
    """The change with the path of its file, and of the one before a move."""
    folder, flow = checkout.project.flows, checkout.flows.get(change.name)
    file = flow.file if flow else flow_file(folder, change.name)
    former = flow_file(folder, change.was) if change.was else ""
    return replace(change, file=file, former_file=former)


def _place_in_repository(root: Path) -> str:
    """`telephony/` where the project is a folder of its repository; empty for its top, or none."""
    top = repository_root(root)
    return "" if top is None or top == root else f"{root.relative_to(top).as_posix()}/"


def _calendars_of(checkout: Checkout, scope: Collection[str] | None) -> dict[str, Calendar]:
    """The calendars that lead numbers of the scope."""
    routes = checkout.environment.numbers
    names = {r.calendar for number, r in routes.items() if scope is None or number in scope}
    return {name: one for name, one in checkout.calendars.items() if name in names}


def _numbers_of(checkout: Checkout, wishes: Wishes) -> Collection[str] | None:
    """The numbers to look at; None for all."""
    if wishes.switches_only:
        routes = checkout.environment.numbers
        return [number for number, route in routes.items() if route.calendar]
    return wishes.targets or None


def _refuse(refusals: Iterable[Refusal]) -> None:
    lines = refusal_lines(refusals)
    if lines:
        raise RefusedError("No plan can be made before this is settled.", *lines)


def _without_flow(leads: Iterable[NumberChange], changes: Collection[Change]) -> Iterator[Refusal]:
    """Numbers whose flow is not live yet, and is not created by these changes."""
    made = {change.name for change in changes if change.action is ChangeKind.CREATE}
    for lead in leads:
        if not lead.to.id and lead.to.name not in made:
            yield Refusal(
                f"{lead.number} is to lead to {lead.to.name}, which is not live yet. Plan both:",
                (Command("mbflow", "plan", "--target", lead.number, "--target", lead.to.name),),
            )


def _plan(
    seen: Survey,
    found: Differences,
    changes: list[Change],
    told: tuple[str, ...],
    wishes: Wishes,
    now: float,
) -> Plan:
    checkout, matches = seen.checkout, seen.matches
    return Plan(
        id=str(uuid.uuid4()),
        project=checkout.project.name,
        environment=checkout.environment.name,
        endpoint=checkout.environment.endpoint,
        created=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        summary=_summary(changes, found, matches),
        changes=tuple(changes),
        problems=(
            *checkout.problems,
            *warnings_of(checkout, [c.name for c in changes]),
            *_problems_of_promises(checkout, changes),
        ),
        notes=told,
        inputs=_inputs(checkout, changes),
        secrets=_fingerprints(checkout.secrets, changes),
        allowed=tuple(sorted(wishes.allow)),
        owned=len(matches.surplus) + len(matches.matched),
        options=_options(wishes, seen.branch),
        root=_place_in_repository(checkout.root),
    )


def _problems_of_promises(checkout: Checkout, changes: Iterable[Change]) -> list[Problem]:
    """What is promised of all calls, decided on what would be sent; a rollback asks no files."""
    if not checkout.project.promises or checkout.terms is None:
        return []
    from mbflow.testing.promises import problems_of_changes

    sent = (ChangeKind.CREATE, ChangeKind.UPDATE)
    return problems_of_changes(checkout, [c.name for c in changes if c.action in sent])


def _targeted(changes: Iterable[Change], wishes: Wishes) -> tuple[Change, ...]:
    targets = frozenset(wishes.targets)
    return tuple(change for change in changes if not targets or change.name in targets)


def _numbered(
    changes: Collection[Change], client: Client, numbers: NumberFindings
) -> tuple[list[Change], list[str]]:
    """Updates and deletes with the numbers that lead to their flows; a note for what is not known.

    Deletes first: theirs decide, those of updates are only told. What the same plan leads away from
    a flow does not count for its delete.
    """
    found: dict[str, list[str] | None] = {}
    found |= {flow_id: sorted(those) for flow_id, those in numbers.links.items()}
    for kind in (ChangeKind.DELETE, ChangeKind.UPDATE):
        ids = [c.id for c in changes if c.action is kind and c.id not in found]
        found |= read_numbers(client, ids, give_up=kind is ChangeKind.UPDATE)
    for change in changes:
        if change.action is ChangeKind.DELETE:
            leaving = numbers.leaving(change.id)
            found[change.id] = _without(found[change.id], leaving)
    unknown = [c.name for c in changes if c.action is ChangeKind.UPDATE and found[c.id] is None]
    numbered = [with_numbers(c, found[c.id]) if c.id in found else c for c in changes]
    note = f"the numbers that lead to {listed_shortly(unknown)} cannot be read"
    return numbered, [note] if unknown else []


def _without(numbers: list[str] | None, leaving: Collection[str]) -> list[str] | None:
    return None if numbers is None else [one for one in numbers if one not in leaving]


def _summary(changes: Collection[Change], found: Differences, matches: Matches) -> Summary:
    counts = {action.value: 0 for action in ChangeKind}
    for change in changes:
        counts[change.action.value] += 1
    return Summary(
        **counts,
        unchanged=len(found.unchanged),
        unmanaged=len(matches.unmanaged),
        orphaned=len(matches.orphans),
    )


def _inputs(checkout: Checkout, changes: Iterable[Change]) -> dict[str, str]:
    """Files of the changes with the SHA-256 of their bytes."""
    inputs = {}
    for change in changes:
        flow = checkout.flows.get(change.name)
        if flow is not None:
            inputs[flow.file] = _file_digest(checkout.root / flow.file)
    return inputs


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _fingerprints(secrets: Mapping[str, str], changes: Iterable[Change]) -> dict[str, str]:
    """A keyed hash of every secret that the changes send, so that apply sends the same."""
    texts = [str(change.after) for change in changes if change.after is not None]
    used = [name for name in secrets if any(f"${{{name}}}" in text for text in texts)]
    if not used:
        return {}
    salt = randomness.token_hex(16)
    return {SALT: salt, **{name: fingerprint(secrets[name], salt) for name in sorted(used)}}


def _options(wishes: Wishes, branch: Branch | None) -> dict[str, Json]:
    return {
        "base": wishes.base,
        "branch": branch_json(branch) if branch else None,
        "targets": list(wishes.targets),
        "match_title": wishes.match_title,
        OPTION: wishes.calls,
    }
