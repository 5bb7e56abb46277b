"""The endpoints of recordings, below their leg and by themselves (reference section 9)."""

from __future__ import annotations

from werkzeug.http import parse_range_header

from mbflow.emulator.audio import Audio
from mbflow.emulator.call_objects import recording_object
from mbflow.emulator.call_record import CallPart, number_of, part_id
from mbflow.emulator.call_store import CurrentCall, find_call_of, store_call
from mbflow.emulator.call_timeline import CallRecording
from mbflow.emulator.context import Context, list_answer
from mbflow.emulator.legs import find_leg
from mbflow.emulator.requests import Request
from mbflow.emulator.responses import (
    INVALID,
    NOT_FOUND,
    ErrorResponse,
    Response,
    add_links,
    error,
    not_found,
    nothing,
    one,
    text_of,
)


def file_answer(request: Request, name: str, body: bytes | Audio, content_type: str) -> Response:
    """The file `name`; 206 for one range of bytes, 416 for one that lies outside of it."""
    size = len(body)
    tag = f'"{name}-{size}"'
    headers = (
        ("Content-Disposition", f'attachment; filename="{name}"'),
        ("Accept-Ranges", "bytes"),
        ("ETag", tag),
    )
    ranges = parse_range_header(request.range) if request.if_range in ("", tag) else None
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return Response(200, body, content_type, headers)
    part = ranges.range_for_length(size)
    if part is None:
        outside = ("Content-Range", f"bytes */{size}")
        return error(416, (INVALID, f"The file has {size} bytes."), headers=(outside,))
    start, stop = part
    place = ("Content-Range", f"bytes {start}-{stop - 1}/{size}")
    return Response(206, body[start:stop], content_type, (*headers, place))


FILE = {"file": ".wav"}


def list_recordings(context: Context) -> Response:
    current, leg = find_leg(context)
    link = f"/calls/{context.ids['call']}/legs/{context.ids['leg']}/recordings"
    return list_answer(
        context,
        [recording for recording in reversed(current_recordings(current)) if recording.leg == leg],
        link=link,
        more=FILE,
        item=lambda recording: (f"{link}/{_name(current, recording)}", _text(current, recording)),
    )


def get_recording(context: Context) -> Response:
    """The links stand on the envelope and on the object: some SDKs read the one, some the other."""
    current, recording = find_recording(context)
    link = recording_link(context)
    return one(link, add_links(_text(current, recording), link, FILE), more=FILE)


def get_audio(context: Context) -> Response:
    current, recording = find_recording(context)
    refuse_unfinished(current, recording)
    audio = Audio(recording.ms(current.at), recording.sounds)
    return file_answer(context.request, f"{_name(current, recording)}.wav", audio, "audio/wav")


def delete_recording(context: Context) -> Response:
    current, recording = find_recording(context)
    store_call(
        context, current, deleted_recordings=(*current.call.deleted_recordings, recording.number)
    )
    return nothing()


def find_recording(context: Context) -> tuple[CurrentCall, CallRecording]:
    """The recording that the path names, long or short; else refused with 404."""
    name = context.ids["recording"]
    if "leg" in context.ids:
        find_leg(context)
    current = find_call_of(context, name)
    for recording in [] if current is None else current_recordings(current):
        if recording.number == number_of(name, CallPart.RECORDING) and current is not None:
            leg = part_id(current.call.id, CallPart.LEG, recording.leg)
            if context.ids.get("leg", leg) == leg:
                return current, recording
    raise not_found("recording", name)


def current_recordings(current: CurrentCall) -> list[CallRecording]:
    """The recordings that have begun and were not deleted."""
    return [
        recording
        for recording in current.timeline.recordings
        if recording.at <= current.at and recording.number not in current.call.deleted_recordings
    ]


def recording_link(context: Context) -> str:
    """The recording's link in the form, long or short, in which the client asked."""
    ids = context.ids
    long = f"/calls/{ids['call']}/legs/{ids['leg']}" if "leg" in ids else ""
    return f"{long}/recordings/{ids['recording']}"


def refuse_unfinished(current: CurrentCall, recording: CallRecording) -> None:
    if not recording.is_done(current.at):
        name = _name(current, recording)
        raise ErrorResponse(
            404, (NOT_FOUND, f"Recording `{name}` is not done; it has no file yet.")
        )


def _name(current: CurrentCall, recording: CallRecording) -> str:
    return part_id(current.call.id, CallPart.RECORDING, recording.number)


def _text(current: CurrentCall, recording: CallRecording) -> str:
    return text_of(recording_object(current.timeline, recording, current.at))
