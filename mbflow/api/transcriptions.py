"""Transcriptions of recordings: listed, made, read (reference sections 2.1, 2.2 and 10).

A transcription is `{"id", "recordingId", "status", "legId", ...}`, as the service sent it. All
functions raise what `Sender.send` raises, and `Error` for an id that cannot stand in an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.api.download import download, read_text
from mbflow.api.http import Listing
from mbflow.api.recordings import RecordingId
from mbflow.api.resource import address, create, read_list, read_one
from mbflow.model.flow import Body

if TYPE_CHECKING:
    from mbflow.api.client import Client

LANGUAGES = (
    "de-DE",
    "en-AU",
    "en-UK",
    "en-US",
    "es-ES",
    "es-LA",
    "fr-FR",
    "it-IT",
    "nl-NL",
    "pt-BR",
)
"""Reference section 14.2; the service may know more by now."""


@dataclass(frozen=True, slots=True)
class TranscriptionId:
    """A transcription, and the recording, with call and leg, that the long addresses name."""

    id: str
    recording: RecordingId | None = None

    @property
    def path(self) -> str:
        """The long address where the recording is known, else the short one (2.2)."""
        if self.recording is None:
            return address("transcriptions", self.id)
        return f"{self.recording.path}{address('transcriptions', self.id)}"


def list_transcriptions(
    client: Client, recording: RecordingId, limit: int | None = None
) -> Listing:
    """The first `limit` transcriptions of a recording, or all (2.1)."""
    return read_list(client, f"{recording.path}/transcriptions", "transcriptions", limit)


def create_transcription(client: Client, recording: RecordingId, language: str | None) -> Body:
    """POST it, once; the transcription as the service answered it.

    `language` is one of `LANGUAGES`; without one the service chooses (10).
    """
    body: Body = {} if language is None else {"language": language}
    return create(client, f"{recording.path}/transcriptions", body)


def get_transcription(client: Client, transcription: TranscriptionId) -> Body | None:
    """The transcription, or None when the service says that there is none."""
    return read_one(client, transcription.path)


def read_transcription(client: Client, transcription: TranscriptionId) -> str | None:
    """Its text, or None when the API says that there is none (404): not yet, perhaps."""
    return read_text(client, f"{transcription.path}.txt")


def download_transcription(
    client: Client, transcription: TranscriptionId, target: Path, *, force: bool
) -> int:
    """Fetch its text as `target`; the number of bytes. Raises like `download`."""
    return download(
        client,
        f"{transcription.path}.txt",
        target,
        accept="text/plain",
        force=force,
    )
