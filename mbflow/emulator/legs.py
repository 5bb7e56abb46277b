"""The endpoints of legs: list, read, hold, hang up (reference section 8)."""

from __future__ import annotations

from dataclasses import replace

from mbflow.emulator.call_legs import Leg, LegStatus
from mbflow.emulator.call_objects import leg_object
from mbflow.emulator.call_record import CallPart, number_of, part_id
from mbflow.emulator.call_store import CurrentCall, find_call, find_call_of, store_call
from mbflow.emulator.context import Context, list_answer
from mbflow.emulator.responses import Response, conflict, not_found, nothing, one, text_of


def list_legs(context: Context) -> Response:
    current = find_call(context)
    return list_answer(
        context,
        [number for number, _ in reversed(current_legs(current))],
        link=f"/calls/{current.call.id}/legs",
        item=lambda number: (_link(current, number), _text(current, number)),
    )


def get_leg(context: Context) -> Response:
    return _answer(*find_leg(context))


def delete_leg(context: Context) -> Response:
    """Hangs up one leg; with the first one the call ends. A leg that is over stays as it is."""
    current, number = find_leg(context)
    leg, call = current.timeline.legs[number], current.call
    if leg.is_over(current.at):
        return nothing()
    if leg.dial is not None:
        hangups = {**call.hangups, str(leg.dial): leg.cut_answer(current.at)}
        store_call(context, current, hangups=hangups)
    elif leg.extra is not None:
        callees = list(call.extra_callees)
        callees[leg.extra] = replace(callees[leg.extra], answer=leg.cut_answer(current.at))
        store_call(context, current, extra_callees=tuple(callees))
    else:
        store_call(context, current, hangup_at=current.at)
    return nothing()


def hold_leg(context: Context) -> Response:
    return _set_hold(context, "put on hold")


def unhold_leg(context: Context) -> Response:
    return _set_hold(context, "taken off hold")


def _set_hold(context: Context, what: str) -> Response:
    """A leg has no status for being on hold (reference 14.4): only the call's time moves."""
    current, number = find_leg(context)
    if current.timeline.legs[number].status(current.at) is not LegStatus.ONGOING:
        name = context.ids["leg"]
        raise conflict(f"Leg `{name}` is not ongoing; it cannot be {what}.")
    return _answer(store_call(context, current), number)


def find_leg(context: Context) -> tuple[CurrentCall, int]:
    """The leg that the path names, long or short, by its number; else refused with 404."""
    name = context.ids["leg"]
    current = find_call_of(context, name)
    number = number_of(name, CallPart.LEG)
    if current is None or not any(number == known for known, _ in current_legs(current)):
        raise not_found("leg", name)
    return current, number


def current_legs(current: CurrentCall) -> list[tuple[int, Leg]]:
    """The legs that have begun, each with its number."""
    return [(n, leg) for n, leg in enumerate(current.timeline.legs) if leg.at <= current.at]


def _answer(current: CurrentCall, number: int) -> Response:
    return one(_link(current, number), _text(current, number))


def _link(current: CurrentCall, number: int) -> str:
    return f"/calls/{current.call.id}/legs/{part_id(current.call.id, CallPart.LEG, number)}"


def _text(current: CurrentCall, number: int) -> str:
    return text_of(leg_object(current.timeline, number, current.at))
