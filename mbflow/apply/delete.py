"""Deletes.

Its numbers and `default` are read right before the DELETE; what cannot be read counts as attached.
"""

from __future__ import annotations

from dataclasses import replace

from mbflow.api.errors import ApiError, NotSent, OutcomeUnknown, Rejected
from mbflow.api.retry import poll
from mbflow.apply.result import ChangeResult, failed, gone, refused, unknown
from mbflow.apply.write import EDITED, MOVED_AWAY, READ_BACK_PAUSES, TRIES, Writer
from mbflow.model.flow import LiveFlow
from mbflow.plan.model import Change, HazardKind


def delete(writer: Writer, change: Change, *, allowed: bool) -> ChangeResult:
    """DELETE the flow of the change. `allowed`: the user acknowledged it with `--allow`."""
    try:
        found = writer.reader.read(change.id)
    except ApiError as error:
        return failed(change, error)
    if found is None:
        return gone(change, "was gone already")
    fresh = writer.reader.hidden(found)
    why = _unsafe(writer, change, fresh, allowed)
    if why:
        return refused(change, why)
    writer.keep(change, fresh)
    return _send(writer, change, TRIES, allowed=allowed)


def _unsafe(writer: Writer, change: Change, fresh: LiveFlow, allowed: bool) -> str:
    """Why the flow as it is now must not be deleted; empty where it may."""
    if writer.reader.is_anothers(change, fresh):
        return MOVED_AWAY
    if not writer.reader.is_planned_but_default(fresh):
        return EDITED
    known = {hazard.kind for hazard in change.hazards}
    if fresh.is_default and not (allowed and HazardKind.DEFAULT in known):
        return "it has become the default flow since the plan was made"
    if allowed and HazardKind.NUMBERS in known and not change.numbers:
        return ""  # Any number may lead to it: the plan could not read them, and said so.
    return _new_numbers(writer, change)


def _new_numbers(writer: Writer, change: Change) -> str:
    try:
        numbers = {number.number for number in writer.client.list_numbers(change.id)}
    except ApiError as error:
        return f"its numbers cannot be read, so some may lead to it: {error.reason}"
    new = sorted(numbers - set(change.numbers))
    return f"numbers lead to it that the plan does not show: {', '.join(new)}" if new else ""


def _send(writer: Writer, change: Change, tries: int, *, allowed: bool) -> ChangeResult:
    writer.checkpoint("before-delete")
    try:
        writer.client.delete_call_flow(change.id)
    except Rejected as error:
        return gone(change) if error.status == 404 else failed(change, error)
    except NotSent as error:
        return failed(change, error)
    except OutcomeUnknown as error:
        return _settled(writer, change, tries - 1, error, allowed=allowed)
    writer.checkpoint("after-delete")
    return gone(change)


def _settled(
    writer: Writer, change: Change, tries: int, error: ApiError, *, allowed: bool
) -> ChangeResult:
    """After a DELETE without a clear answer: gone, or looked at anew before it is repeated."""

    def is_gone() -> bool:
        try:
            return writer.reader.read(change.id) is None
        except ApiError:
            return False

    if poll(is_gone, bool, READ_BACK_PAUSES, writer.sleep):
        return gone(change)
    fresh = writer.reader.read_or_none(change.id)
    why = _unsafe(writer, change, fresh, allowed) if fresh else error.reason
    if tries > 0 and not why:
        return replace(_send(writer, change, tries, allowed=allowed), wrote=True)
    return unknown(change, why or error.reason)
