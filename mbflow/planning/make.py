"""Gathers what a plan stands on - files, lock, journal, the live flows - and makes the plan.

Sends only GET. Everything that is decided here is decided by the pure core in `plan`.
"""

from __future__ import annotations

import hashlib
import secrets as randomness
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from mbflow.api.client import Client
from mbflow.compare.unknown import unknown_paths
from mbflow.errors import Error, RefusedError, UsageError
from mbflow.files.checkout import Checkout
from mbflow.files.git import files_at
from mbflow.files.workers import not_collecting
from mbflow.lock import Lock, lock_path, read_lock
from mbflow.model import Flow, Json, LiveFlow, LockEntry
from mbflow.plan.diff import Differences, diff
from mbflow.plan.hazards import with_numbers
from mbflow.plan.identity import match
from mbflow.plan.matches import Known, Match, Matches
from mbflow.plan.refusal import Refusal
from mbflow.plan.secrets import SHORTEST, fingerprint, hide_body
from mbflow.plan.value import SALT, Action, Change, Plan, Summary
from mbflow.planning.account import read_account, read_numbers
from mbflow.planning.recovery import ids_elsewhere, recover
from mbflow.planning.refusing import refuse
from mbflow.printable import printable
from mbflow.problem import path_text


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a plan is asked for on the command line."""

    targets: tuple[str, ...] = ()
    base: str | None = None
    allow: tuple[str, ...] = ()
    match_title: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is on both sides, and what belongs to what. Holds secret values: never shown."""

    checkout: Checkout
    lock: Lock
    lock_path: Path
    entries: Mapping[str, LockEntry]
    """Of this environment, with what an unfinished run did."""
    live: Mapping[str, LiveFlow]
    """As read: with secret values."""
    titles_hidden: bool
    known: Known
    matches: Matches


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with everything that apply needs beside it. Holds secret values: never shown."""

    plan: Plan
    survey: Survey
    unchanged: tuple[Match, ...]

    @property
    def checkout(self) -> Checkout:
        return self.survey.checkout


def survey(
    checkout: Checkout,
    client: Client,
    wishes: Wishes,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> Survey:
    """Read lock, journal and account, and match keys to live flows. Sends only GET."""
    checkout = replace(checkout, flows=_hidden_flows(checkout))
    environment = checkout.environment
    path = lock_path(checkout.root, environment.name, embedded=environment.is_embedded)
    lock = _checked_lock(read_lock(path), checkout)
    recovered = recover(checkout, lock, client, clock, sleep)
    entries = recovered.entries
    live, titles_hidden = read_account(client, checkout.flows, entries)
    known = _known(checkout, entries, live, wishes, ids_elsewhere(checkout, lock))
    return Survey(
        checkout=checkout,
        lock=lock,
        lock_path=path,
        entries=entries,
        live=live,
        titles_hidden=titles_hidden,
        known=known,
        matches=_with_refusals(match(known), recovered.refusals),
    )


@not_collecting()
def _with_refusals(matches: Matches, refusals: Iterable[Refusal]) -> Matches:
    """Those of an unfinished run too, unless matching found the same."""
    told = {refusal.commands for refusal in matches.refusals}
    matches.refusals += [refusal for refusal in refusals if refusal.commands not in told]
    return matches


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
    refuse([*seen.matches.refusals, *found.refusals])
    changes = [_numbered(c, client) for c in _targeted(found.changes, seen.known, wishes.targets)]
    plan = _plan(seen, found, changes, wishes, clock())
    return Planned(plan, seen, found.unchanged)


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
        notes=tuple(_notes(matches, changes)),
        inputs=_inputs(checkout, changes),
        secrets=_fingerprints(checkout.secrets, changes),
        allowed=tuple(sorted(wishes.allow)),
        owned=len(matches.surplus) + len(matches.matched),
        options=_options(wishes),
    )


def _hidden_flows(checkout: Checkout) -> Mapping[str, Flow]:
    """The flows with `shown` in the form that live flows are compared in."""
    for name, value in checkout.secrets.items():
        if len(value) < SHORTEST:
            raise Error(
                f"The secret ${{{name}}} has fewer than {SHORTEST} characters.",
                "So short a value cannot be kept out of sight. Use a longer one, or no secret.",
            )
    if not checkout.secrets:
        return checkout.flows
    return {
        key: replace(flow, shown=hide_body(flow.body, checkout.secrets))
        for key, flow in checkout.flows.items()
    }


def _checked_lock(lock: Lock, checkout: Checkout) -> Lock:
    project = checkout.project
    if lock.project and lock.project not in (project.name, *project.former_names):
        raise RefusedError(
            f"The lock belongs to the project {lock.project}, and mbflow.yaml says {project.name}.",
            "If the project was renamed, say so in mbflow.yaml:",
            f"    project_was: {lock.project}",
        )
    return lock


def _known(
    checkout: Checkout,
    entries: Mapping[str, LockEntry],
    live: Mapping[str, LiveFlow],
    wishes: Wishes,
    elsewhere: frozenset[str],
) -> Known:
    hidden = {
        flow.id: LiveFlow(flow.id, hide_body(flow.body, checkout.secrets)) for flow in live.values()
    }
    return Known(
        project=checkout.project.name,
        former_names=checkout.project.former_names,
        identity=checkout.environment.identity or checkout.environment.name,
        flows=checkout.flows,
        broken=checkout.broken,
        entries=entries,
        live=hidden,
        removed=frozenset(checkout.project.removed),
        at_base=_keys_at(checkout, wishes.base),
        match_title=wishes.match_title,
        elsewhere=elsewhere,
    )


def _keys_at(checkout: Checkout, base: str | None) -> frozenset[str]:
    if base is None:
        return frozenset()
    folder = checkout.project.flows.rstrip("/")
    return frozenset(
        name[len(folder) + 1 :].removesuffix(".yaml")
        for name in files_at(checkout.root, base, folder)
        if name.endswith(".yaml") and not name.endswith(".calls.yaml")
    )


def _targeted(
    changes: Iterable[Change], known: Known, targets: Collection[str]
) -> tuple[Change, ...]:
    if not targets:
        return tuple(changes)
    keys = {*known.flows, *known.entries, *known.removed, *known.at_base}
    for target in targets:
        if target not in keys:
            close = get_close_matches(target, sorted(keys), 1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise UsageError(f"--target {target}: there is no such key.{hint}")
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


def _notes(matches: Matches, changes: Iterable[Change]) -> Iterable[str]:
    for flow in matches.orphans:
        yield (
            f'orphan {flow.id} "{printable(flow.title)}": made by mbflow from another branch, or '
            "forgotten; left alone"
        )
    for flow in matches.copies:
        yield (
            f'copy {flow.id} "{printable(flow.title)}": carries the markers of a flow whose own '
            "id is another; left alone"
        )
    for change in changes:
        strange = unknown_paths(change.before) if change.before and change.after else []
        if strange:
            names = ", ".join(path_text(path) for path in strange[:5])
            yield f"{change.key}: mbflow does not know {names}; sent back as it is"


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
