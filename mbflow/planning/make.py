"""Makes the plan from a survey of both sides. Sends only GET; the diff is the core's."""

from __future__ import annotations

import hashlib
import secrets as randomness
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mbflow.api.client import Client
from mbflow.errors import RefusedError, UsageError
from mbflow.files.checkout import Checkout
from mbflow.files.workers import not_collecting
from mbflow.model import Json
from mbflow.plan.diff import Differences, diff
from mbflow.plan.hazards import with_numbers
from mbflow.plan.matches import Known, Match, Matches
from mbflow.plan.refusal import Refusal, refusal_lines
from mbflow.plan.secrets import fingerprint
from mbflow.plan.value import SALT, Action, Change, Plan, Summary
from mbflow.planning.account import read_numbers
from mbflow.planning.notes import notes
from mbflow.planning.survey import Survey, Wishes, survey
from mbflow.suggestion import did_you_mean


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with everything that apply needs beside it. Holds secret values: never shown."""

    plan: Plan
    survey: Survey
    unchanged: tuple[Match, ...]

    @property
    def checkout(self) -> Checkout:
        return self.survey.checkout


@not_collecting()
def make_plan(
    checkout: Checkout,
    client: Client,
    wishes: Wishes,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> Planned:
    """Read everything and compare. RefusedError lists every reason why no plan can be made."""
    seen = survey(checkout, client, wishes, clock=clock, sleep=sleep)
    found = diff(
        seen.known,
        seen.matches,
        secrets=checkout.secrets,
        titles_hidden=seen.titles_hidden,
    )
    _refuse([*seen.matches.refusals, *found.refusals])
    changes = [_numbered(c, client) for c in _targeted(found.changes, seen.known, wishes)]
    plan = _plan(seen, found, changes, wishes, clock())
    return Planned(plan, seen, found.unchanged)


def _refuse(refusals: Iterable[Refusal]) -> None:
    lines = refusal_lines(refusals)
    if lines:
        raise RefusedError("No plan can be made before this is settled.", *lines)


def _plan(
    seen: Survey, found: Differences, changes: list[Change], wishes: Wishes, now: float
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
        problems=checkout.problems,
        notes=tuple(notes(seen, changes)),
        inputs=_inputs(checkout, changes),
        secrets=_fingerprints(checkout.secrets, changes),
        allowed=tuple(sorted(wishes.allow)),
        owned=len(matches.surplus) + len(matches.matched),
        options=_options(wishes),
    )


def _targeted(changes: Iterable[Change], known: Known, wishes: Wishes) -> tuple[Change, ...]:
    targets = frozenset(wishes.targets)
    if not targets:
        return tuple(changes)
    keys = {*known.flows, *known.entries, *known.removed, *known.at_base}
    for target in wishes.targets:
        if target not in keys and not wishes.may_be_gone:
            guess = did_you_mean(target, keys)
            raise UsageError(f"--target {target}: there is no such key.{guess}")
    return tuple(change for change in changes if change.key in targets)


def _numbered(change: Change, client: Client) -> Change:
    """A delete with the numbers that lead to the flow; what cannot be read counts as attached."""
    if change.action is not Action.DELETE:
        return change
    return with_numbers(change, read_numbers(client, change.id))


def _summary(changes: Collection[Change], found: Differences, matches: Matches) -> Summary:
    counts = {action.value: 0 for action in Action}
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
        flow = checkout.flows.get(change.key)
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


def _options(wishes: Wishes) -> dict[str, Json]:
    return {
        "base": wishes.base,
        "targets": list(wishes.targets),
        "match_title": wishes.match_title,
    }
