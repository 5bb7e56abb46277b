"""Transcripts as text, with what fell short beside the line where it first shows; and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.model.flow import Json
from mbflow.simulator.transcript import Event, Transcript
from mbflow.testing.expectations import Failure
from mbflow.testing.transcript_text import short_lines
from mbflow.views.text import Style


def transcript_text(
    transcript: Transcript, failures: Sequence[Failure] = (), style: Style | None = None
) -> str:
    """A line for each event; `>` marks where a failure shows, and `E` tells it, as pytest does.

    What comes again and again is told once.
    """
    style = style or Style()
    lines = []
    marked = {failure.event for failure in failures}
    for number, line in short_lines(transcript.events, transcript.flow, marked):
        here = [failure for failure in failures if failure.event == number]
        lines.append(style.paint(f"> {line}", "red") if here else f"  {line}")
        lines += [style.paint(f"E   {failure.message}", "red", "bold") for failure in here]
    return "\n".join(lines)


def transcript_json(transcript: Transcript) -> dict[str, Json]:
    """Times are in seconds, steps count from 0, as in the paths of problems."""
    ending = transcript.ending
    return {
        "events": [_event(event) for event in transcript.events],
        "ends": {"kind": ending.kind.value, "at": ending.at / 1000, "text": ending.text},
        "variables": dict(transcript.variables),
    }


def _event(event: Event) -> dict[str, Json]:
    found: dict[str, Json] = {"at": event.at / 1000, "kind": event.kind.value}
    if event.step >= 0:
        found |= {"flow": event.flow, "step": event.step}
    if event.lasts:
        found["lasts"] = event.lasts / 1000
    texts = {"text": event.text, "detail": event.detail, "why": event.why}
    return found | {name: text for name, text in texts.items() if text}
