"""Runs a plan.

Creates, then updates, moves and adoptions, then numbers, then a handover of `default`, then
deletes: only after everything else succeeded, and none is begun once one was not finished.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError
from mbflow.apply.default_flow import Handover, hand_over, takes_over
from mbflow.apply.delete import delete
from mbflow.apply.lock_update import write_new_lock
from mbflow.apply.numbers import found_since, lead
from mbflow.apply.read_back import Reader
from mbflow.apply.result import (
    ChangeResult,
    KnownReason,
    NumberResult,
    Reason,
    Result,
    Status,
    result_json,
    skipped,
    skipped_any,
)
from mbflow.apply.write import Writer, no_checkpoint
from mbflow.model.flow import Json
from mbflow.model.progress import NOBODY, Part
from mbflow.plan.build import Planned
from mbflow.plan.hazards import AChange
from mbflow.plan.model import Change, ChangeKind, NumberChange
from mbflow.plan.recovery import candidates, intent_of, search
from mbflow.plan.refresh import list_with_new
from mbflow.state.journal import Intent, Journal, journal_path
from mbflow.state.records import AppendedFile
from mbflow.state.snapshots import snapshot_path

if TYPE_CHECKING:
    from mbflow.api.client import Client


@dataclass(frozen=True, slots=True)
class Phases:
    """The phases of a run, in their order; the handover of `default` comes before the deletes.

    What takes part in a handover is in none of them, but for its create.
    """

    creates: Sequence[Change]
    others: Sequence[Change]
    """Updates, adoptions and moves."""
    deletes: Sequence[Change]


def in_phases(todo: Sequence[Change], handover: Handover) -> Phases:
    """The changes `todo`, each in its phase."""
    alone = {change.name for change in (handover.winner, *handover.losers) if change}
    deletes = [change for change in todo if change.action is ChangeKind.DELETE]
    creates = [change for change in todo if change.action is ChangeKind.CREATE]
    apart = {*alone, *(change.name for change in (*deletes, *creates))}
    others = [change for change in todo if change.name not in apart]
    return Phases(creates, others, deletes)


Report = Callable[[Result], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run gets from outside: how parallel, when to stop, whom to tell."""

    workers: int = 8
    stop: Event | None = None
    """Set by a signal: the requests in flight are finished, the rest is skipped."""
    report: Report = lambda outcome: None
    results: AppendedFile | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    checkpoint: Callable[[str], None] = no_checkpoint


def run(
    planned: Planned,
    client: Client,
    *,
    todo: Sequence[Change],
    numbers: Sequence[NumberChange] = (),
    allowed: Collection[str],
    tools: Tools,
    remembers: bool = True,
) -> list[Result]:
    """Make the changes `todo` of a plan that was approved, and lead its `numbers`.

    Returns what became of each, flows first.

    `allowed` are the names acknowledged with `--allow`. The lock is written at the end; until then
    the journal holds what it needs. Without `remembers`, which is for the switches of calendars,
    lock, journal and snapshots stay as an earlier run left them.
    """
    path = journal_path(planned.checkout)
    # A number at a flow that its calendar names is nobody's edit, whoever led it there.
    journal = Journal(path if remembers else Path(os.devnull))
    snapshot = AppendedFile(snapshot_path(path.parent, tools.clock(), planned.plan.id[:8]))
    try:
        intents = _begin(planned, todo, journal, tools)
        reader = Reader(
            client,
            search(planned.checkout),
            planned.checkout.flows,
            planned.survey.live,
            {entry.id: entry for entry in planned.survey.entries.values()},
        )
        writer = Writer(
            reader=reader,
            journal=journal,
            snapshot=snapshot,
            intents=intents,
            clock=tools.clock,
            sleep=tools.sleep,
            checkpoint=tools.checkpoint,
        )
        with client.progress.begin("Applying changes", len(todo) + len(numbers)) as part:
            outcomes = _Run(planned, writer, frozenset(allowed), tools, part).all(todo, numbers)
        _note_left(journal, outcomes)
        tools.checkpoint("before-lock")
        if remembers:
            write_new_lock(planned, outcomes)
        tools.checkpoint("after-lock")
        if remembers and all(outcome.status is not Status.UNKNOWN for outcome in outcomes):
            journal.finish()
        return outcomes
    finally:
        journal.close()
        snapshot.close()
        if remembers:
            _drop_empty(snapshot.path)
        else:
            # Nobody takes a switch back: its calendar would make it again.
            snapshot.path.unlink(missing_ok=True)


def _note_left(journal: Journal, outcomes: Collection[Result]) -> None:
    """For a journal that stays: what it said before must not outrank the lock, and nobody is to
    wait for what a create made that was never sent.
    """
    for outcome in outcomes:
        if isinstance(outcome, NumberResult):
            continue
        name = outcome.change.name
        if outcome.status is Status.UNKNOWN and outcome.entry is not None:
            journal.done(name, outcome.entry)
        elif outcome.reason is KnownReason.NOT_BEGUN and not outcome.wrote:
            journal.not_created(name, str(outcome.reason))


def refresh_lock(planned: Planned) -> None:
    """Write what is known about unchanged flows into the lock: no request is sent."""
    write_new_lock(planned, ())
    journal_path(planned.checkout).unlink(missing_ok=True)


def results_head(planned: Planned) -> dict[str, Json]:
    """First line of a results file: which plan, for what."""
    plan = planned.plan
    return {
        "results": 1,
        "plan": plan.id,
        "project": plan.project,
        "environment": plan.environment,
        "endpoint": plan.endpoint,
        "created": plan.created,
    }


def _begin(
    planned: Planned, todo: Sequence[Change], journal: Journal, tools: Tools
) -> Mapping[str, Intent]:
    """All intents of the run are on disk before its first POST."""
    known = frozenset(planned.survey.live)
    intents = {
        change.name: intent_of(planned.checkout.flows[change.name], tools.clock(), known)
        for change in todo
        if change.action is ChangeKind.CREATE
    }
    if intents:
        journal.begin(list(intents.values()), known)
    tools.checkpoint("journal-begun")
    return intents


class _Run:
    """The order of one run. Holds the outcomes so far."""

    def __init__(
        self,
        planned: Planned,
        writer: Writer,
        allowed: frozenset[str],
        tools: Tools,
        part: Part = NOBODY,
    ) -> None:
        self.planned = planned
        self.writer = writer
        self.allowed = allowed
        self.tools = tools
        self.part = part
        self.outcomes: dict[str, ChangeResult] = {}
        self.leads: dict[str, NumberResult] = {}
        """What became of the numbers."""
        self.found: Mapping[str, str] = {}
        """Why numbers that led nowhere by the plan are left alone."""
        self.unfinished: list[str] = []
        """Names of what was not done, known as soon as the worker knows it."""

    def all(self, todo: Sequence[Change], numbers: Sequence[NumberChange]) -> list[Result]:
        handover = takes_over(todo, self.planned.survey.live.values())
        phases = in_phases(todo, handover)
        self._together(phases.creates, lambda c: self._create(c, handover.winner))
        self._check_creates(phases.creates)
        self._together(phases.others, self.writer.update)
        self.found = found_since(self.writer, numbers, self.planned.survey.name_of)
        alone = {change.name for change in (handover.winner, *handover.losers) if change}
        awaited = alone - self.outcomes.keys()
        self._together([n for n in numbers if n.to.name not in awaited], self._lead)
        if handover.winner:
            for outcome in hand_over(self.writer, handover, self.outcomes, not self._stopped()):
                self._note(outcome)
        # What the handover writes is only now what callers of these numbers are to hear.
        self._together([n for n in numbers if n.to.name in awaited], self._lead)
        self._together(phases.deletes, self._delete)
        flows = [self.outcomes[change.name] for change in todo]
        return [*flows, *(self.leads[change.number] for change in numbers)]

    def _create(self, change: Change, winner: Change | None) -> ChangeResult:
        return self.writer.create(change, with_default=change is not winner)

    def _lead(self, change: NumberChange) -> Result:
        """Only to a flow that is what the plan says: callers hear it from then on."""
        flow = self.outcomes.get(change.to.name)
        if flow is not None and flow.status is not Status.DONE:
            return skipped_any(change, f"{change.to.name} was not finished")
        if change.number in self.found:
            return NumberResult(change, Status.FAILED, self.found[change.number])
        return lead(self.writer, change, change.to.id or (flow.id if flow else ""))

    def _delete(self, change: Change) -> ChangeResult:
        if self.unfinished:
            reason = f"deletes come last, and {self.unfinished[0]} was not finished"
            return skipped(change, reason)
        # What is acknowledged in git does not need it any more: its key is of just this flow.
        needs = any(hazard.needs_allow for hazard in change.hazards)
        allowed = change.name in self.allowed or not needs
        is_done = False
        try:
            outcome = delete(self.writer, change, allowed=allowed)
            if outcome.status is Status.DONE:
                self.writer.journal.dropped(change.name, change.id)
                is_done = True
        finally:
            if not is_done:
                self.unfinished.append(change.name)  # Before another worker begins the next.
        return outcome

    def _together(self, changes: Sequence[AChange], write: Callable[[AChange], Result]) -> None:
        """Make independent changes side by side; one that fails does not stop the others."""

        def one(change: AChange) -> Result:
            if self._stopped():
                return skipped_any(change, KnownReason.NOT_BEGUN)
            outcome = write(change)
            sent = outcome.wrote or outcome.rejected
            if outcome.status is Status.FAILED and self._stopped() and not sent:
                return skipped_any(change, KnownReason.NOT_BEGUN)
            if outcome.reason is KnownReason.NOT_SEEN and self._stopped():
                return replace(outcome, reason=KnownReason.UNCHECKED)
            return outcome

        workers = min(self.tools.workers, len(changes))
        with ThreadPoolExecutor(max(workers, 1)) as pool:
            at_once = workers > 1 and _is_given(pool, workers)
            for outcome in pool.map(one, changes) if at_once else map(one, changes):
                self._note(outcome)

    def _check_creates(self, creates: Sequence[Change]) -> None:
        """After all creates one complete listing must show each exactly once."""
        made = [c for c in creates if self.outcomes[c.name].status is Status.DONE]
        if not made:
            return
        try:
            known = {*self.planned.survey.live, *self.writer.claimed}
            secrets = self.writer.reader.search.secrets
            live = list_with_new(self.writer.client, known, secrets)
        except ApiError as error:
            seen = f"created, but not seen in a list: {error.reason}"
            reason = KnownReason.UNCHECKED if self._stopped() else seen
            for change in made:
                self._doubt(change, reason)
            return
        intents = [self.writer.intents[change.name] for change in made]
        found = candidates(self.writer.reader.search, intents, live)
        listed = {flow.id for flow in live}
        for change in made:
            own = self.outcomes[change.name].id
            others = {f.id for f in found[change.name] if f.id not in self.writer.claimed}
            if own not in listed:
                self._doubt(change, "created, but missing from a complete list afterwards")
            elif others:
                ids = ", ".join([own, *sorted(others)])
                self._doubt(change, f"it is there more than once: {ids}; keep one")

    def _doubt(self, change: Change, reason: Reason) -> None:
        self._note(replace(self.outcomes[change.name], status=Status.UNKNOWN, reason=reason))

    def _stopped(self) -> bool:
        return self.tools.stop is not None and self.tools.stop.is_set()

    def _note(self, outcome: Result) -> None:
        earlier = self.outcomes.get(outcome.change.name)
        if earlier is None:
            self.part.advance()
        if isinstance(outcome, NumberResult):
            self.leads[outcome.change.number] = outcome
        else:
            if earlier is not None and outcome.entry is None:
                outcome = replace(outcome, id=earlier.id, entry=earlier.entry, wrote=earlier.wrote)
            self.outcomes[outcome.change.name] = outcome
        if outcome.status is not Status.DONE:
            self.unfinished.append(outcome.change.name)
        if self.tools.results is not None:
            self.tools.results.append(result_json(outcome))
        self.tools.report(outcome)


def _is_given(pool: ThreadPoolExecutor, workers: int) -> bool:
    """Whether the system gives the threads: asked before anything is sent in one of them."""
    asked = Event()
    try:
        for _ in range(workers):
            pool.submit(asked.wait)
    except RuntimeError:
        return False
    finally:
        asked.set()
    return True


def _drop_empty(path: Path) -> None:
    with suppress(OSError):
        if path.stat().st_size == 0:
            path.unlink()
