"""Calls that were really made, and their legs, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from mbflow.model.flow import Body, Json
from mbflow.model.text import printable
from mbflow.views.objects import (
    minute,
    object_text,
    objects_table,
    party,
    seconds,
    status_of,
    words,
)

_CALL = {
    "status": ("status", words),
    "source": ("from", party),
    "destination": ("to", party),
    "numberId": ("number", words),
}
_LEG = {
    "status": ("status", words),
    "direction": ("direction", words),
    "source": ("from", party),
    "destination": ("to", party),
    "duration": ("length", seconds),
    "sipResponseCode": ("SIP code", words),
    "callId": ("call", words),
}


def calls_table(calls: Sequence[Body], width: int | None = None) -> str:
    columns = [
        ("ID", lambda call: words(call["id"])),
        ("STATUS", lambda call: words(call.get("status"))),
        ("CREATED (UTC)", lambda call: minute(call.get("createdAt"))),
        ("TO", lambda call: party(call.get("destination"))),
        ("FROM", lambda call: party(call.get("source"))),
    ]
    return objects_table(calls, columns, width)


def legs_table(legs: Sequence[Body], width: int | None = None) -> str:
    columns = [
        ("ID", lambda leg: words(leg["id"])),
        ("STATUS", lambda leg: words(leg.get("status"))),
        ("DIRECTION", lambda leg: words(leg.get("direction"))),
        ("TO", lambda leg: party(leg.get("destination"))),
        ("LENGTH", lambda leg: seconds(leg.get("duration"))),
        ("COST", _cost),
        ("FROM", lambda leg: party(leg.get("source"))),
    ]
    return objects_table(legs, columns, width)


def call_text(call: Body, legs: Sequence[Body] = (), width: int | None = None) -> str:
    text = object_text("Call", call, _CALL)
    return f"{text}\n\n{legs_table(legs, width)}" if legs else text


def leg_text(leg: Body) -> str:
    shown = {key: value for key, value in leg.items() if key not in ("cost", "currency")}
    if "cost" in leg:
        shown["cost"] = _cost(leg)
    return object_text("Leg", shown, _LEG)


def news(call: Body, legs: Sequence[Body], known: dict[str, Json]) -> list[str]:
    """A line for the call and for each leg whose status is not the one in `known`.

    `known` is brought up to date.
    """
    told = [(str(leg["id"]), leg, _leg_line(leg)) for leg in legs]
    told.append((str(call["id"]), call, f"call {words(call.get('status'))}"))
    lines = [line for name, body, line in told if known.get(name, "") != body.get("status")]
    known.update((name, body.get("status")) for name, body, _ in told)
    return lines


def _leg_line(leg: Body) -> str:
    length = f", {seconds(leg.get('duration'))}" if leg.get("endedAt") else ""
    whom = party(leg.get("destination"))
    return f"{words(leg.get('direction'))} leg to {whom}: {words(leg.get('status'))}{length}"


def _cost(leg: Body) -> str:
    """`0.0015 EUR`; the service counts in fractions of a cent."""
    cost = leg.get("cost")
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        return words(cost)
    return f"{cost:.6f}".rstrip("0").rstrip(".") + (
        f" {words(leg['currency'])}" if leg.get("currency") else ""
    )


_RECORDING = {
    "status": ("status", words),
    "state": ("status", words),
    "type": ("type", words),
    "format": ("format", words),
    "duration": ("length", seconds),
    "legId": ("leg", words),
}
_TRANSCRIPTION = {
    "status": ("status", words),
    "recordingId": ("recording", words),
    "recordingID": ("recording", words),
    "legId": ("leg", words),
}
_NO_LEG = "00000000-0000-0000-0000-000000000000"
"""Lists and fresh transcriptions have this one (reference section 10)."""
_WIDTH = 80


def recordings_table(recordings: Sequence[Body], width: int | None = None) -> str:
    columns = [
        ("ID", lambda recording: words(recording["id"])),
        ("STATUS", lambda recording: words(status_of(recording))),
        ("TYPE", lambda recording: words(recording.get("type"))),
        ("LENGTH", lambda recording: seconds(recording.get("duration"))),
        ("CREATED (UTC)", lambda recording: minute(recording.get("createdAt"))),
        ("LEG", lambda recording: words(recording.get("legId"))),
    ]
    return objects_table(recordings, columns, width)


def recording_text(recording: Body) -> str:
    return object_text("Recording", recording, _RECORDING)


def transcriptions_table(transcriptions: Sequence[Body], width: int | None = None) -> str:
    columns = [
        ("ID", lambda transcription: words(transcription["id"])),
        ("STATUS", lambda transcription: words(status_of(transcription))),
        ("CREATED (UTC)", lambda transcription: minute(transcription.get("createdAt"))),
    ]
    return objects_table(transcriptions, columns, width)


def transcription_text(transcription: Body, text: str | None = None) -> str:
    """One transcription, and below it what was said, where there is a text."""
    shown = {
        key: value
        for key, value in transcription.items()
        if value != _NO_LEG and (key != "error" or value is not None)
    }
    head = object_text("Transcription", shown, _TRANSCRIPTION)
    return head if text is None else f"{head}\n\n{_said(text)}"


def _said(text: str) -> str:
    lines = [part for line in text.strip().splitlines() for part in _wrapped(printable(line))]
    # Once more, because what was harmless in the middle of a line may now begin one.
    return "\n".join(map(printable, lines)) or "(nothing was said)"


def _wrapped(line: str) -> list[str]:
    parts = textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return parts or [""]
