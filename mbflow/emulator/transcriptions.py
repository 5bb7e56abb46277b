"""The endpoints of transcriptions: list, order, read, download (reference section 10)."""

from __future__ import annotations

import re

from mbflow.emulator.call_objects import Transcription, transcription_shown, transcriptions_of
from mbflow.emulator.call_record import OrderedTranscription, call_of
from mbflow.emulator.call_store import Running, changed, named_recording, recordings_so_far, running
from mbflow.emulator.context import CALL, Context, list_answer
from mbflow.emulator.flow_checks import spelled
from mbflow.emulator.recordings import file_answer, recording_link
from mbflow.emulator.requests import json_of
from mbflow.emulator.responses import (
    CONFLICT,
    INVALID,
    NOT_FOUND,
    Refused,
    Response,
    linked,
    not_found,
    one,
    text_of,
)

FILE = {"file": ".txt"}
USUAL_LANGUAGE = "en-US"

_LANGUAGE = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_MOST = 20


def list_transcriptions(context: Context) -> Response:
    found, take = named_recording(context)
    link = f"{recording_link(context)}/transcriptions"
    return list_answer(
        context,
        transcriptions_of(found.course, take, found.at),
        link=link,
        more=FILE,
        item=lambda written: (
            f"{_items(context)}/{written.id}",
            text_of(transcription_shown(found.course, written, found.at)),
        ),
    )


def create_transcription(context: Context) -> Response:
    found, take = named_recording(context)
    language = _language(context)
    if not take.is_done(found.at):
        raise Refused(409, (CONFLICT, "A recording can be transcribed once it is done."))
    if sum(order.recording == take.number for order in found.call.ordered) >= _MOST:
        raise Refused(409, (CONFLICT, f"A recording is transcribed at most {_MOST} times."))
    ordered = (*found.call.ordered, OrderedTranscription(found.at, take.number, language))
    found = changed(context, found, ordered=ordered)
    return _answer(context, found, transcriptions_of(found.course, take, found.at)[0], 201)


def get_transcription(context: Context) -> Response:
    return _answer(context, *_named(context))


def get_text(context: Context) -> Response:
    found, written = _named(context)
    if not written.is_done(found.at):
        raise Refused(
            404, (NOT_FOUND, f"Transcription `{written.id}` is not done; it has no text yet.")
        )
    text = written.take.said.encode()
    return file_answer(context.request, f"{written.id}.txt", text, "text/plain; charset=utf-8")


def _named(context: Context) -> tuple[Running, Transcription]:
    name = context.ids["transcription"]
    for found, written in _candidates(context, name):
        if written.id == name:
            return found, written
    raise not_found("transcription", name)


def _candidates(context: Context, name: str) -> list[tuple[Running, Transcription]]:
    if "recording" in context.ids:
        found, take = named_recording(context)
        return [(found, one) for one in transcriptions_of(found.course, take, found.at)]
    record = context.records.get(CALL, call_of(name))
    if record is None:
        return []
    found = running(context, record)
    return [
        (found, one)
        for take in recordings_so_far(found)
        for one in transcriptions_of(found.course, take, found.at)
    ]


def _language(context: Context) -> str:
    """Object, object with a capital, empty object, nothing, or bare text: each SDK its own way."""
    if context.request.body == b"":
        return USUAL_LANGUAGE
    value = json_of(context.request.body)
    if isinstance(value, dict):
        value = spelled(value, ("language",)).get("language", USUAL_LANGUAGE)
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise context.invalid((INVALID, "language must be a language tag, such as en-US."))
    return value


def _answer(
    context: Context, found: Running, written: Transcription, status: int = 200
) -> Response:
    link = f"{_items(context)}/{written.id}"
    shown = transcription_shown(found.course, written, found.at, leg=status == 200)
    return one(link, linked(text_of(shown), link, FILE), status, more=FILE)


def _items(context: Context) -> str:
    """Long paths lead to long ones; short ones to /transcriptions."""
    long = "leg" in context.ids
    return f"{recording_link(context)}/transcriptions" if long else "/transcriptions"
