"""The endpoints of recordings, below their leg and by themselves (reference section 9)."""

from __future__ import annotations

from mbflow.exchange.answers import NOT_FOUND, Answer, Refused, linked, nothing, one
from mbflow.exchange.calling.audio import Audio
from mbflow.exchange.calling.identity import Part, part_id
from mbflow.exchange.calling.showing import recording_shown
from mbflow.exchange.calling.takes import Take
from mbflow.exchange.context import Context
from mbflow.exchange.downloads import file_answer
from mbflow.exchange.filling import text_of
from mbflow.exchange.lists import list_answer
from mbflow.exchange.running import (
    Running,
    changed,
    named_leg,
    named_recording,
    takes_so_far,
)

FILE = {"file": ".wav"}


def list_recordings(context: Context) -> Answer:
    found, leg = named_leg(context)
    link = f"/calls/{context.ids['call']}/legs/{context.ids['leg']}/recordings"
    return list_answer(
        context,
        [take for take in reversed(takes_so_far(found)) if take.leg == leg],
        link=link,
        more=FILE,
        item=lambda take: (f"{link}/{_name(found, take)}", _text(found, take)),
    )


def get_recording(context: Context) -> Answer:
    """The links stand on the envelope and on the object: some SDKs read the one, some the other."""
    found, take = named_recording(context)
    link = recording_link(context)
    return one(link, linked(_text(found, take), link, FILE), more=FILE)


def get_audio(context: Context) -> Answer:
    found, take = named_recording(context)
    refuse_unfinished(found, take)
    audio = Audio(take.ms(found.at), take.sounds)
    return file_answer(context.request, f"{_name(found, take)}.wav", audio, "audio/wav")


def delete_recording(context: Context) -> Answer:
    found, take = named_recording(context)
    changed(context, found, deleted=(*found.call.deleted, take.number))
    return nothing()


def recording_link(context: Context) -> str:
    """The recording's link in the form, long or short, in which the client asked."""
    ids = context.ids
    long = f"/calls/{ids['call']}/legs/{ids['leg']}" if "leg" in ids else ""
    return f"{long}/recordings/{ids['recording']}"


def refuse_unfinished(found: Running, take: Take) -> None:
    if not take.is_done(found.at):
        name = _name(found, take)
        raise Refused(404, (NOT_FOUND, f"Recording `{name}` is not done; it has no file yet."))


def _name(found: Running, take: Take) -> str:
    return part_id(found.call.id, Part.RECORDING, take.number)


def _text(found: Running, take: Take) -> str:
    return text_of(recording_shown(found.course, take, found.at))
