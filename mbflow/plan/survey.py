"""What there is on both sides - files, lock, journal, the live flows - and what belongs to what.

Sends only GET. Which flow is whose is decided by the pure core in `plan`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mbflow.model.errors import RefusedError, UsageError
from mbflow.model.flow import Flow, LiveFlow, LockEntry
from mbflow.model.text import Command, did_you_mean
from mbflow.plan.calendars import NOW
from mbflow.plan.calls import EXAMPLES
from mbflow.plan.match import match
from mbflow.plan.model import Known, Matches, Refusal
from mbflow.plan.recovery import ids_elsewhere, made_twice, recover
from mbflow.plan.refresh import list_account, read_account
from mbflow.plan.secrets import check_lengths, hide_body
from mbflow.project.git import Branch, branch_from, confirmed
from mbflow.project.load import Checkout
from mbflow.state.journal import Unfinished, journal_path, read_journal
from mbflow.state.lock import Lock, lock_path, read_lock

if TYPE_CHECKING:
    from mbflow.api.client import Client


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a plan is asked for on the command line."""

    targets: tuple[str, ...] = ()
    may_be_gone: bool = False
    """Whether a target that is nowhere any more is no mistake: on the way back there is nothing
    left to do for it."""
    base: str | None = None
    branch: Branch | None = None
    """What git said of `base` when a saved plan was made: applying it needs no history."""
    allow: tuple[str, ...] = ()
    match_title: bool = False
    calls: int | None = EXAMPLES
    """How many calls to tell of each update; None for all."""
    at: str = NOW
    """For which moment calendars decide: `now`, or as people write it."""
    switches_only: bool = False
    """Only the numbers that a calendar leads, and no flow."""


def unknown_name(option: str, text: str, names: Collection[str]) -> UsageError:
    """For a text after `--target` or `--allow` that is none of the names: they may be numbers."""
    what = "such number in mbflow.yaml" if text.isdigit() else "call flow of that name"
    return UsageError(f"{option} {text}: there is no {what}.{did_you_mean(text, names)}")


@dataclass(frozen=True)
class Survey:
    """What there is on both sides, and what belongs to what. Holds secret values: never shown."""

    checkout: Checkout
    lock: Lock
    lock_path: Path
    entries: Mapping[str, LockEntry]
    """Of this environment, with what an unfinished run did."""
    live: Mapping[str, LiveFlow]
    titles_hidden: bool
    doubles: Mapping[str, Sequence[str]]
    """Name to flows that a killed run made for it beside its own."""
    fileless: Mapping[str, Sequence[str]]
    """Name whose file is gone to the several flows that a killed run may have made for it."""
    known: Known
    matches: Matches
    branch: Branch | None = None
    """What this branch did since it left `--base`."""
    led: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Number to the flows that an unfinished run led it to, or was about to."""

    def name_of(self, flow_id: str) -> str:
        """The name of a live flow that has a file here, or had one; empty for all others."""
        return self._owners.get(flow_id, "")

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        gone = {flow.id: name for name, flow in self.matches.surplus.items()}
        return gone | {one.live.id: name for name, one in self.matches.matched.items()}

    @cached_property
    def names_by_id(self) -> Mapping[str, Sequence[str]]:
        """Live id to the names whose entry has it: one, unless the lock is to be mended."""
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name, entry in self.entries.items():
            names[entry.id].append(name)
        return names

    @cached_property
    def unmanaged(self) -> frozenset[str]:
        """Ids of the live flows that belong to nobody here."""
        return frozenset(flow.id for flow in self.matches.unmanaged)


class Beginning(NamedTuple):
    """What a survey reads first, for which no flow file is needed."""

    lock: Lock
    unfinished: Unfinished
    listed: Sequence[LiveFlow] | None = None
    """None where something is to be settled before the account is listed."""


def begin_survey(checkout: Checkout, client: Client) -> Beginning:
    """Lock, journal, and the account. Sends only GET."""
    check_lengths(checkout.secrets)
    lock = _checked_lock(read_lock(_lock_path(checkout)), checkout)
    unfinished = read_journal(journal_path(checkout))
    listed = None if unfinished.open else list_account(client, checkout.secrets)
    return Beginning(lock, unfinished, listed)


def survey(
    checkout: Checkout,
    client: Client,
    wishes: Wishes,
    *,
    begun: Beginning | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> Survey:
    """Read lock, journal and account, and match names to live flows. Sends only GET.

    `begun` is its beginning, where that was made while the files were read.
    """
    lock, unfinished, listed = begun or begin_survey(checkout, client)
    checkout = replace(checkout, flows=_hidden_flows(checkout))
    recovered = recover(checkout, lock, unfinished, client, clock, sleep)
    entries = recovered.entries
    live, titles_hidden = read_account(client, checkout.flows, entries, checkout.secrets, listed)
    elsewhere = ids_elsewhere(checkout, lock, live)
    branch = _branch(checkout, wishes)
    known = _known(checkout, entries, live, wishes, branch, elsewhere)
    return Survey(
        checkout=checkout,
        lock=lock,
        lock_path=_lock_path(checkout),
        entries=entries,
        live=live,
        titles_hidden=titles_hidden,
        doubles=made_twice(checkout, recovered, live, elsewhere),
        fileless=recovered.fileless,
        known=known,
        matches=_with_refusals(
            match(known), [*recovered.refusals, *_renamed(lock, checkout, live)]
        ),
        branch=branch,
        led=unfinished.numbers,
    )


def _with_refusals(matches: Matches, refusals: Iterable[Refusal]) -> Matches:
    """Those of an unfinished run too, unless matching found the same."""
    told = {refusal.commands for refusal in matches.refusals}
    matches.refusals += [refusal for refusal in refusals if refusal.commands not in told]
    return matches


def _renamed(lock: Lock, checkout: Checkout, live: Collection[str]) -> Iterable[Refusal]:
    """An environment that the lock knows and `mbflow.yaml` does not, with flows of this account."""
    new = checkout.environment.name
    for old, entries in lock.environments.items():
        here = sum(1 for entry in entries.values() if entry.id in live)
        if here and old not in checkout.project.environments and not lock.of(new):
            yield Refusal(
                f"By the lock {here} flows of this account belong to the environment {old}, "
                f"which mbflow.yaml does not declare. If {old} was renamed to {new}, add "
                f"`identity: {old}` to {new} in mbflow.yaml, and "
                "rename it in the lock:",
                (Command("sed", "-i", f"s/^  {old}:$/  {new}:/", "mbflow.lock.yaml"),),
            )


def _hidden_flows(checkout: Checkout) -> Mapping[str, Flow]:
    """The flows with the body in the form that live flows are compared in."""
    if not checkout.secrets:
        return checkout.flows
    return {
        name: flow.with_body(hide_body(flow.raw, checkout.secrets))
        for name, flow in checkout.flows.items()
    }


def _lock_path(checkout: Checkout) -> Path:
    environment = checkout.environment
    return lock_path(checkout.root, environment.name, embedded=environment.is_embedded)


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
    branch: Branch | None,
    elsewhere: frozenset[str],
) -> Known:
    return Known(
        project=checkout.project.name,
        former_names=checkout.project.former_names,
        identity=checkout.environment.identity or checkout.environment.name,
        flows=checkout.flows,
        broken=checkout.broken,
        entries=entries,
        live=live,
        removed=frozenset(checkout.project.removed),
        deleted=branch.deleted if branch else frozenset(),
        match_title=wishes.match_title,
        elsewhere=elsewhere,
    )


def _branch(checkout: Checkout, wishes: Wishes) -> Branch | None:
    folder = checkout.project.flows.rstrip("/")
    if wishes.branch is not None:
        return confirmed(checkout.root, folder, wishes.branch)
    if wishes.base is None:
        return None
    present = {*checkout.flows, *checkout.broken}
    return branch_from(checkout.root, wishes.base, folder, present)
