"""Leads numbers to their call flows: read before, sent once, read back.

A number is never unbound: the one request there is binds it to the new flow, and until that is
answered it leads where it led.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from mbflow.api.errors import ApiError, NotSent, OutcomeUnknown, Rejected
from mbflow.api.retry import poll
from mbflow.apply.result import KnownReason, NumberResult, Status
from mbflow.apply.write import READ_BACK_PAUSES, Writer
from mbflow.plan.model import HazardKind, NumberChange, NumberFlow
from mbflow.plan.numbers import read_links
from mbflow.state.snapshots import number_record

_Seen: TypeAlias = tuple[bool, bool] | ApiError
"""Whether the number leads to the new flow, and whether to the former one; or why nobody knows."""
_DASHBOARD = "in the service's dashboard, then plan again"


def found_since(
    writer: Writer, changes: Collection[NumberChange], name_of: Callable[[str], str]
) -> Mapping[str, str]:
    """Of the numbers that lead nowhere by the plan, those that lead somewhere now, or may: why.

    `name_of` is the name of a live flow, or "".
    """
    lost = {change.number: change for change in changes if change.former is None}
    if not lost:
        return {}
    try:
        links = read_links(writer.client, writer.reader.live)
    except ApiError as error:
        return dict.fromkeys(lost, _unread(error))
    return {
        number: f"it leads to {name_of(flow_id) or flow_id} since the plan was made: plan again"
        for flow_id, numbers in links.items()
        for number in numbers & lost.keys()
        if flow_id != lost[number].to.id
    }


def lead(writer: Writer, change: NumberChange, flow_id: str) -> NumberResult:
    """Lead the number to the live flow. Nothing is sent where it is not as the plan saw it, nor
    where it leads to several: which of them it would leave, nobody knows.
    """
    former = change.former
    try:
        at_new, at_former = _where(writer, change, flow_id)
    except ApiError as error:
        return NumberResult(change, Status.FAILED, _unread(error))
    if at_new and not at_former:
        return _done(change, flow_id, KnownReason.ALREADY)
    if at_new and former is not None:
        return NumberResult(change, Status.FAILED, _at_both(change, former))
    if former is not None and not at_former:
        reason = f"it does not lead to {former.label} any more: plan again"
        return NumberResult(change, Status.FAILED, reason)
    for hazard in change.hazards:
        if hazard.kind is HazardKind.TWO_FLOWS:
            return NumberResult(change, Status.FAILED, hazard.text)
    leads_to = (former.label, former.id) if former else ("", "")
    record = number_record(change.number, *leads_to, flow_id)
    writer.snapshot.append(record, on_disk=True)
    if former:  # It may stay there: the next plan is to look at both.
        writer.journal.leading(change.number, former.id)
    writer.journal.leading(change.number, flow_id)
    return _send(writer, change, flow_id)


def _send(writer: Writer, change: NumberChange, flow_id: str) -> NumberResult:
    writer.checkpoint("before-number")
    trouble: ApiError | None = None
    try:
        writer.client.assign_numbers(flow_id, [change.number])
    except NotSent as error:
        return NumberResult(change, Status.FAILED, error.reason)
    except (Rejected, OutcomeUnknown) as error:
        trouble = error
    writer.checkpoint("after-number")
    return _read_back(writer, change, flow_id, trouble)


def _read_back(
    writer: Writer, change: NumberChange, flow_id: str, trouble: ApiError | None
) -> NumberResult:
    """Until only the new flow shows it; once, where the service said no: what it says then counts.

    `trouble` is what came in the place of a good answer.
    """

    def read() -> _Seen:
        try:
            return _where(writer, change, flow_id)
        except ApiError as error:
            return error

    is_refused = isinstance(trouble, Rejected)
    pauses = READ_BACK_PAUSES[:1] if is_refused else READ_BACK_PAUSES
    seen = poll(read, lambda found: found == (True, False), pauses, writer.sleep)
    if seen == (True, False):
        return _done(change, flow_id)
    if seen == (True, True) and change.former is not None:
        return NumberResult(change, Status.UNKNOWN, _at_both(change, change.former), wrote=True)
    if is_refused and trouble is not None:
        return NumberResult(change, Status.FAILED, _refused(change, trouble, seen), rejected=True)
    return NumberResult(change, Status.UNKNOWN, _not_shown(change, trouble, seen), wrote=True)


def _where(writer: Writer, change: NumberChange, flow_id: str) -> tuple[bool, bool]:
    """Whether the number leads to the flow, and whether to the former one."""
    former = change.former.id if change.former else ""
    links = read_links(writer.client, {flow_id, former} - {""})
    return change.number in links[flow_id], bool(former) and change.number in links[former]


def _unread(error: ApiError) -> str:
    return f"where it leads cannot be read: {error.reason}"


def _done(change: NumberChange, flow_id: str, reason: str | KnownReason = "") -> NumberResult:
    return NumberResult(change, Status.DONE, reason, id=flow_id, wrote=not reason)


def _at_both(change: NumberChange, former: NumberFlow) -> str:
    return (
        f"the service shows it at {change.to.label} and at {former.label}, and nobody knows which "
        f"answers: take it off {former.label} {_DASHBOARD}"
    )


def _refused(change: NumberChange, trouble: ApiError, seen: _Seen) -> str:
    if change.former is None:
        return _joined(trouble, "is it a number of this account?")
    if seen != (False, True):
        return trouble.reason
    return _joined(
        trouble,
        f"it still leads to {change.former.label}. If the service does not move numbers, lead it "
        f"to {change.to.label} {_DASHBOARD}",
    )


def _not_shown(change: NumberChange, trouble: ApiError | None, seen: _Seen) -> str | KnownReason:
    if isinstance(seen, ApiError):
        return _joined(trouble or seen, "so it is not known where it leads")
    if trouble is not None and seen == (False, True) and change.former is not None:
        return _joined(trouble, f"the service still shows it at {change.former.label}")
    return trouble.reason if trouble is not None else KnownReason.NOT_SEEN


def _joined(trouble: ApiError, then: str) -> str:
    return f"{trouble.reason.rstrip('.')}; {then}"
