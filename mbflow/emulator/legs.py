"""The endpoints of legs: list, read, hold, hang up (reference section 8)."""

from __future__ import annotations

from dataclasses import replace

from mbflow.emulator.call_objects import leg_shown
from mbflow.emulator.call_record import CallPart, part_id
from mbflow.emulator.call_store import Running, changed, legs_so_far, named_call, named_leg
from mbflow.emulator.context import Context, list_answer
from mbflow.emulator.responses import CONFLICT, Refused, Response, nothing, one, text_of


def list_legs(context: Context) -> Response:
    found = named_call(context)
    return list_answer(
        context,
        [number for number, _ in reversed(legs_so_far(found))],
        link=f"/calls/{found.call.id}/legs",
        item=lambda number: (_link(found, number), _text(found, number)),
    )


def get_leg(context: Context) -> Response:
    return _answer(*named_leg(context))


def delete_leg(context: Context) -> Response:
    """Hangs up one leg; with the first one the call ends. A leg that is over stays as it is."""
    found, number = named_leg(context)
    leg, call = found.course.legs[number], found.call
    if leg.is_over(found.at):
        return nothing()
    if leg.dial is not None:
        parted = {**call.parted, str(leg.dial): leg.parted(found.at)}
        changed(context, found, parted=parted)
    elif leg.joined is not None:
        joined = list(call.joined)
        joined[leg.joined] = replace(joined[leg.joined], answer=leg.parted(found.at))
        changed(context, found, joined=tuple(joined))
    else:
        changed(context, found, hung_up=found.at)
    return nothing()


def hold_leg(context: Context) -> Response:
    return _held(context, "put on hold")


def unhold_leg(context: Context) -> Response:
    return _held(context, "taken off hold")


def _held(context: Context, what: str) -> Response:
    """A leg has no status for being on hold (reference 14.4): only the call's time moves."""
    found, number = named_leg(context)
    if found.course.legs[number].status(found.at) != "ongoing":
        name = context.ids["leg"]
        raise Refused(409, (CONFLICT, f"Leg `{name}` is not ongoing; it cannot be {what}."))
    return _answer(changed(context, found), number)


def _answer(found: Running, number: int) -> Response:
    return one(_link(found, number), _text(found, number))


def _link(found: Running, number: int) -> str:
    return f"/calls/{found.call.id}/legs/{part_id(found.call.id, CallPart.LEG, number)}"


def _text(found: Running, number: int) -> str:
    return text_of(leg_shown(found.course, number, found.at))
