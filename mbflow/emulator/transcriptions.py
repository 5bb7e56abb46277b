"""The endpoints of transcriptions: list, order, read, download (reference section 10)."""

from __future__ import annotations

import re

from mbflow.emulator.call_objects import Transcription, transcription_object, transcriptions_of
from mbflow.emulator.call_record import TranscriptionOrder, call_of
from mbflow.emulator.call_store import CurrentCall, current_call, store_call
from mbflow.emulator.call_timeline import DEFAULT_LANGUAGE
from mbflow.emulator.context import CALL, Context, list_answer
from mbflow.emulator.flow_checks import fold_names
from mbflow.emulator.recordings import (
    current_recordings,
    file_answer,
    find_recording,
    recording_link,
)
from mbflow.emulator.requests import json_of
from mbflow.emulator.responses import (
    INVALID,
    NOT_FOUND,
    ErrorResponse,
    Response,
    add_links,
    conflict,
    invalid,
    not_found,
    one,
    text_of,
)

FILE = {"file": ".txt"}

_LANGUAGE = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_MOST = 20


def list_transcriptions(context: Context) -> Response:
    current, recording = find_recording(context)
    link = f"{recording_link(context)}/transcriptions"
    return list_answer(
        context,
        transcriptions_of(current.timeline, recording, current.at),
        link=link,
        more=FILE,
        item=lambda transcription: (
            f"{_items(context)}/{transcription.id}",
            text_of(transcription_object(current.timeline, transcription, current.at)),
        ),
    )


def create_transcription(context: Context) -> Response:
    current, recording = find_recording(context)
    language = _language(context)
    if not recording.is_done(current.at):
        raise conflict("A recording can be transcribed once it is done.")
    if sum(order.recording == recording.number for order in current.call.orders) >= _MOST:
        raise conflict(f"A recording is transcribed at most {_MOST} times.")
    orders = (
        *current.call.orders,
        TranscriptionOrder(current.at, recording.number, language),
    )
    current = store_call(context, current, orders=orders)
    return _answer(
        context, current, transcriptions_of(current.timeline, recording, current.at)[0], 201
    )


def get_transcription(context: Context) -> Response:
    return _answer(context, *_find(context))


def get_text(context: Context) -> Response:
    current, transcription = _find(context)
    if not transcription.is_done(current.at):
        raise ErrorResponse(
            404, (NOT_FOUND, f"Transcription `{transcription.id}` is not done; it has no text yet.")
        )
    text = transcription.recording.said.encode()
    return file_answer(
        context.request, f"{transcription.id}.txt", text, "text/plain; charset=utf-8"
    )


def _find(context: Context) -> tuple[CurrentCall, Transcription]:
    name = context.ids["transcription"]
    for current, transcription in _candidates(context, name):
        if transcription.id == name:
            return current, transcription
    raise not_found("transcription", name)


def _candidates(context: Context, name: str) -> list[tuple[CurrentCall, Transcription]]:
    if "recording" in context.ids:
        current, recording = find_recording(context)
        return [
            (current, one) for one in transcriptions_of(current.timeline, recording, current.at)
        ]
    record = context.records.get(CALL, call_of(name))
    if record is None:
        return []
    current = current_call(context, record)
    return [
        (current, one)
        for recording in current_recordings(current)
        for one in transcriptions_of(current.timeline, recording, current.at)
    ]


def _language(context: Context) -> str:
    """Object, object with a capital, empty object, nothing, or bare text: each SDK its own way."""
    body = context.request.body
    if body is not None and not body.strip():
        return DEFAULT_LANGUAGE
    value = json_of(body)
    if isinstance(value, dict):
        value = fold_names(value, ("language",)).get("language", DEFAULT_LANGUAGE)
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise invalid((INVALID, "language must be a language tag, such as en-US."))
    return value


def _answer(
    context: Context, current: CurrentCall, transcription: Transcription, status: int = 200
) -> Response:
    link = f"{_items(context)}/{transcription.id}"
    shown = transcription_object(current.timeline, transcription, current.at, leg=status == 200)
    return one(link, add_links(text_of(shown), link, FILE), status, more=FILE)


def _items(context: Context) -> str:
    """Long paths lead to long ones; short ones to /transcriptions."""
    long = "leg" in context.ids
    return f"{recording_link(context)}/transcriptions" if long else "/transcriptions"
