"""The default flow handed over.

It runs alone, after all other writes and before deletes, and the new flow is set first: at no
time shall there be no default flow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from mbflow.api.errors import ApiError
from mbflow.api.retry import poll
from mbflow.apply.result import ChangeResult, KnownReason, Status, skipped
from mbflow.apply.write import READ_BACK_PAUSES, Writer
from mbflow.flow.canonical import Form
from mbflow.model.flow import LiveFlow, RawBody, with_title
from mbflow.plan.model import Change, ChangeKind, Preconditions
from mbflow.schema.validator import sent_body

NOT_YET_DEFAULT = "created, and not yet made the default flow: interrupted"


@dataclass(frozen=True, slots=True)
class Handover:
    """Which change takes `default` over, and which planned changes give it up."""

    winner: Change | None = None
    losers: tuple[Change, ...] = ()
    deleted: tuple[Change, ...] = ()
    """Changes that delete a flow that is the default now."""
    held_by: tuple[LiveFlow, ...] = ()
    """Every other flow that is the default now; mbflow clears only those it owns."""


def takes_over(todo: Sequence[Change], live: Collection[LiveFlow]) -> Handover:
    """The handover among these changes; empty where nobody else is the default."""
    wants = [c for c in todo if c.after is not None and c.after.get("default") is True]
    holders = tuple(flow for flow in live if flow.is_default)
    for change in wants:
        held_by = tuple(flow for flow in holders if flow.id != change.id)
        if held_by:
            ids = {flow.id for flow in held_by}
            former = [c for c in todo if c.id in ids]
            losers = tuple(c for c in former if c.action is not ChangeKind.DELETE)
            deleted = tuple(c for c in former if c.action is ChangeKind.DELETE)
            return Handover(change, losers, deleted, held_by)
    return Handover()


def hand_over(
    writer: Writer, handover: Handover, outcomes: Mapping[str, ChangeResult], may_go_on: bool
) -> Iterator[ChangeResult]:
    """Set the new default, then let the former ones go; they keep it when the new one fails.

    Where the service refuses a second default, the former one is cleared first, and set again if
    the new one fails.
    """
    winner = handover.winner
    assert winner is not None
    if not may_go_on:
        made = winner.name in outcomes and outcomes[winner.name].wrote
        yield skipped(winner, NOT_YET_DEFAULT if made else KnownReason.NOT_BEGUN)
        yield from (skipped(change, KnownReason.NOT_BEGUN) for change in handover.losers)
        return
    for change in (*handover.losers, *handover.deleted):
        _keep(writer, change)
    outcome = _set(writer, winner, outcomes)
    if outcome.rejected:
        outcome = _clear_then_set(writer, handover, outcomes, outcome)
    yield outcome
    for change in handover.losers:
        if outcome.status is Status.DONE:
            yield _let_go(writer, change)
        else:
            yield skipped(change, f"it stays the default, because {winner.name} did not become it")


def _set(writer: Writer, winner: Change, outcomes: Mapping[str, ChangeResult]) -> ChangeResult:
    made = outcomes.get(winner.name)
    if made is None:
        return writer.update(winner)
    if made.status is not Status.DONE:
        return made
    return _as_create(winner, writer.update(_after_create(writer, winner, made)))


def _after_create(writer: Writer, winner: Change, made: ChangeResult) -> Change:
    """A create that was made without `default` becomes an update that sets it."""
    reader = writer.reader
    fresh = reader.read_or_none(made.id)
    is_ours = fresh is not None and reader.is_wanted_but_default(winner.name, fresh)
    seen = Form(fresh.body).state_digest if fresh is not None and is_ours else ""
    conditions = Preconditions(made.id, digest=seen)
    return replace(winner, id=made.id, action=ChangeKind.UPDATE, preconditions=conditions)


def _as_create(winner: Change, outcome: ChangeResult) -> ChangeResult:
    return replace(outcome, change=winner)


def _clear_then_set(
    writer: Writer, handover: Handover, outcomes: Mapping[str, ChangeResult], refused: ChangeResult
) -> ChangeResult:
    """The service takes one default only: clear the owned former one, set the new, or go back."""
    winner = handover.winner
    assert winner is not None
    losers = {change.id: change for change in handover.losers}
    if any(flow.id not in losers for flow in handover.held_by):
        names = ", ".join(flow.id for flow in handover.held_by if flow.id not in losers)
        reason = f"{refused.reason} (the default is {names}, which no file here gives up)"
        return replace(refused, reason=reason)
    cleared = [c for c in losers.values() if _put_default(writer, c, False)]
    if len(cleared) == len(losers):
        outcome = _set(writer, winner, outcomes)
    else:
        outcome = replace(refused, reason=f"{refused.reason} (the former default stays)")
    if outcome.status is Status.DONE:
        return outcome
    lost = [change.name for change in cleared if not _put_default(writer, change, True)]
    if lost:
        reason = f"{outcome.reason}; {lost[0]} was the default and could not be made it again"
        return replace(outcome, reason=reason, wrote=True)
    return outcome


def _let_go(writer: Writer, change: Change) -> ChangeResult:
    """The former default's own change, against the flow as it is now."""
    return replace(writer.update(_seen_again(writer, change)), change=change)


def _seen_again(writer: Writer, change: Change) -> Change:
    """The change with the live flow's present digest: only `default` may have moved since."""
    reader = writer.reader
    fresh = reader.read_or_none(change.id)
    if fresh is None or not reader.is_planned_but_default(fresh):
        return change
    seen = reader.planned(fresh).state_digest
    return replace(change, preconditions=replace(change.preconditions, digest=seen))


def _keep(writer: Writer, change: Change) -> None:
    """The body as it is, on disk before another flow takes `default` away from it."""
    fresh = writer.reader.read_or_none(change.id)
    if fresh is not None:
        writer.keep(change, fresh)


def _put_default(writer: Writer, change: Change, value: bool) -> bool:
    """PUT the flow as it is but for `default`. Whether the service then shows it so."""
    reader = writer.reader
    raw = reader.read_as_it_is(change.id)
    fresh = None if raw is None else reader.hidden(raw)
    if raw is None or fresh is None or not reader.is_planned_but_default(fresh):
        return False
    if fresh.is_default is value:
        return True
    writer.keep(change, fresh)
    body = sent_body(with_title(raw.raw, reader.flows[change.name].raw))
    writer.checkpoint("before-default")
    with suppress(ApiError):
        writer.client.update_call_flow(change.id, RawBody({**body, "default": value}))
    writer.checkpoint("after-default")

    def is_shown() -> bool:
        fresh = reader.read_or_none(change.id)
        return fresh is not None and fresh.is_default is value

    return poll(is_shown, bool, READ_BACK_PAUSES, writer.sleep)
