"""The endpoints of recordings, below their leg and by themselves (reference section 9)."""

from __future__ import annotations

from werkzeug.http import parse_range_header

from mbflow.emulator.audio import Audio
from mbflow.emulator.call_objects import recording_shown
from mbflow.emulator.call_record import CallPart, part_id
from mbflow.emulator.call_store import (
    Running,
    changed,
    named_leg,
    named_recording,
    recordings_so_far,
)
from mbflow.emulator.call_timeline import CallRecording
from mbflow.emulator.context import Context, list_answer
from mbflow.emulator.requests import Request
from mbflow.emulator.responses import (
    INVALID,
    NOT_FOUND,
    Refused,
    Response,
    error,
    linked,
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
    wanted = parse_range_header(request.range) if request.if_range in ("", tag) else None
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return Response(200, body, content_type, headers)
    part = wanted.range_for_length(size)
    if part is None:
        outside = ("Content-Range", f"bytes */{size}")
        return error(416, (INVALID, f"The file has {size} bytes."), headers=(outside,))
    start, stop = part
    place = ("Content-Range", f"bytes {start}-{stop - 1}/{size}")
    return Response(206, body[start:stop], content_type, (*headers, place))


FILE = {"file": ".wav"}


def list_recordings(context: Context) -> Response:
    found, leg = named_leg(context)
    link = f"/calls/{context.ids['call']}/legs/{context.ids['leg']}/recordings"
    return list_answer(
        context,
        [take for take in reversed(recordings_so_far(found)) if take.leg == leg],
        link=link,
        more=FILE,
        item=lambda take: (f"{link}/{_name(found, take)}", _text(found, take)),
    )


def get_recording(context: Context) -> Response:
    """The links stand on the envelope and on the object: some SDKs read the one, some the other."""
    found, take = named_recording(context)
    link = recording_link(context)
    return one(link, linked(_text(found, take), link, FILE), more=FILE)


def get_audio(context: Context) -> Response:
    found, take = named_recording(context)
    refuse_unfinished(found, take)
    audio = Audio(take.ms(found.at), take.sounds)
    return file_answer(context.request, f"{_name(found, take)}.wav", audio, "audio/wav")


def delete_recording(context: Context) -> Response:
    found, take = named_recording(context)
    changed(context, found, deleted=(*found.call.deleted, take.number))
    return nothing()


def recording_link(context: Context) -> str:
    """The recording's link in the form, long or short, in which the client asked."""
    ids = context.ids
    long = f"/calls/{ids['call']}/legs/{ids['leg']}" if "leg" in ids else ""
    return f"{long}/recordings/{ids['recording']}"


def refuse_unfinished(found: Running, take: CallRecording) -> None:
    if not take.is_done(found.at):
        name = _name(found, take)
        raise Refused(404, (NOT_FOUND, f"Recording `{name}` is not done; it has no file yet."))


def _name(found: Running, take: CallRecording) -> str:
    return part_id(found.call.id, CallPart.RECORDING, take.number)


def _text(found: Running, take: CallRecording) -> str:
    return text_of(recording_shown(found.course, take, found.at))
