"""Recordings and their transcriptions, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from mbflow.model.flow import Body
from mbflow.model.text import printable
from mbflow.views.objects import minute, object_text, objects_table, seconds, status_of, words

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
