"""Calls that were really made, and their legs, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from mbflow.model.flow import Body, Json
from mbflow.model.text import printable
from mbflow.views.objects import (
    column,
    minute,
    object_text,
    objects_table,
    party,
    seconds,
    status_of,
    value_text,
)

_CALL = {
    "status": ("status", value_text),
    "source": ("from", party),
    "destination": ("to", party),
    "numberId": ("number", value_text),
}
_LEG = {
    "status": ("status", value_text),
    "direction": ("direction", value_text),
    "source": ("from", party),
    "destination": ("to", party),
    "duration": ("length", seconds),
    "sipResponseCode": ("SIP code", value_text),
    "callId": ("call", value_text),
}


_CALL_COLUMNS = (
    column("ID", "id"),
    column("STATUS", "status"),
    column("CREATED (UTC)", "createdAt", minute),
    column("TO", "destination", party),
    column("FROM", "source", party),
)


def calls_table(calls: Sequence[Body], width: int | None = None) -> str:
    return objects_table(calls, _CALL_COLUMNS, width)


def legs_table(legs: Sequence[Body], width: int | None = None) -> str:
    return objects_table(legs, _LEG_COLUMNS, width)


def call_text(call: Body, legs: Sequence[Body] = (), width: int | None = None) -> str:
    text = object_text("Call", call, _CALL)
    return f"{text}\n\n{legs_table(legs, width)}" if legs else text


def leg_text(leg: Body) -> str:
    shown = {key: value for key, value in leg.items() if key not in ("cost", "currency")}
    if "cost" in leg:
        shown["cost"] = _cost(leg)
    return object_text("Leg", shown, _LEG)


def status_lines(call: Body, legs: Sequence[Body], known: dict[str, Json]) -> list[str]:
    """A line for the call and for each leg whose status is not the one in `known`.

    `known` is brought up to date.
    """
    rows = [(str(leg["id"]), leg, _leg_line(leg)) for leg in legs]
    rows.append((str(call["id"]), call, f"call {value_text(call.get('status'))}"))
    lines = [line for name, body, line in rows if known.get(name, "") != body.get("status")]
    known.update((name, body.get("status")) for name, body, _ in rows)
    return lines


def _leg_line(leg: Body) -> str:
    length = f", {seconds(leg.get('duration'))}" if leg.get("endedAt") else ""
    direction, status = value_text(leg.get("direction")), value_text(leg.get("status"))
    return f"{direction} leg to {party(leg.get('destination'))}: {status}{length}"


def _cost(leg: Body) -> str:
    """`0.0015 EUR`; the service counts in fractions of a cent."""
    cost = leg.get("cost")
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        return value_text(cost)
    return f"{cost:.6f}".rstrip("0").rstrip(".") + (
        f" {value_text(leg['currency'])}" if leg.get("currency") else ""
    )


_LEG_COLUMNS = (
    column("ID", "id"),
    column("STATUS", "status"),
    column("DIRECTION", "direction"),
    column("TO", "destination", party),
    column("LENGTH", "duration", seconds),
    ("COST", _cost),
    column("FROM", "source", party),
)
_RECORDING = {
    "status": ("status", value_text),
    "state": ("status", value_text),
    "type": ("type", value_text),
    "format": ("format", value_text),
    "duration": ("length", seconds),
    "legId": ("leg", value_text),
}
_TRANSCRIPTION = {
    "status": ("status", value_text),
    "recordingId": ("recording", value_text),
    "recordingID": ("recording", value_text),
    "legId": ("leg", value_text),
}
_NO_LEG = "00000000-0000-0000-0000-000000000000"
"""Lists and fresh transcriptions have this one (reference section 10)."""
_WIDTH = 80


_RECORDING_COLUMNS = (
    column("ID", "id"),
    ("STATUS", lambda recording: value_text(status_of(recording))),
    column("TYPE", "type"),
    column("LENGTH", "duration", seconds),
    column("CREATED (UTC)", "createdAt", minute),
    column("LEG", "legId"),
)
_TRANSCRIPTION_COLUMNS = (
    column("ID", "id"),
    ("STATUS", lambda transcription: value_text(status_of(transcription))),
    column("CREATED (UTC)", "createdAt", minute),
)


def recordings_table(recordings: Sequence[Body], width: int | None = None) -> str:
    return objects_table(recordings, _RECORDING_COLUMNS, width)


def recording_text(recording: Body) -> str:
    return object_text("Recording", recording, _RECORDING)


def transcriptions_table(transcriptions: Sequence[Body], width: int | None = None) -> str:
    return objects_table(transcriptions, _TRANSCRIPTION_COLUMNS, width)


def transcription_text(transcription: Body, text: str | None = None) -> str:
    """One transcription, and below it what was said, where there is a text."""
    shown = {
        key: value
        for key, value in transcription.items()
        if value != _NO_LEG and (key != "error" or value is not None)
    }
    head = object_text("Transcription", shown, _TRANSCRIPTION)
    return head if text is None else f"{head}\n\n{_speech(text)}"


def _speech(text: str) -> str:
    lines = [part for line in text.strip().splitlines() for part in _wrap(printable(line))]
    # Once more, because what was harmless in the middle of a line may now begin one.
    return "\n".join(map(printable, lines)) or "(nothing was said)"


def _wrap(line: str) -> list[str]:
    parts = textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return parts or [""]
