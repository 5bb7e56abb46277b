"""Recordings: listed, read, fetched as WAV files, deleted (reference sections 2 and 9)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import httpx

from mbflow.api.errors import Rejected
from mbflow.api.http import ApiRequest, ApiResponse, Listing, Trouble, read_response
from mbflow.api.legs import list_legs
from mbflow.api.resource import address, delete, read_list, read_one
from mbflow.model.flow import Body
from mbflow.project.whole_file import whole_or_nothing

if TYPE_CHECKING:
    from mbflow.api.client import Client


LARGEST_FILE = 1 << 30
"""Bytes: eight hours of two channels of 8 kHz and 16 bit fit."""
LONGEST_DOWNLOAD = 3600.0
"""Seconds, however steadily it drips."""

Progress: TypeAlias = Callable[[int, int | None], object]
"""Called with the bytes that have come and those that will, where that is known."""
Fault: TypeAlias = Callable[[BinaryIO], str]
"""What is wrong with a whole file, or ""."""


def download(
    client: Client,
    path: str,
    target: Path,
    *,
    accept: str,
    force: bool,
    progress: Progress,
    fault: Fault = lambda file: "",
) -> int:
    """Fetch the file at `path` of the service as `target`; the number of its bytes.

    It starts again after passing failures. Raises what `Sender.send` and `whole_or_nothing` raise.
    """
    request = ApiRequest("GET", path, accept=accept)
    with whole_or_nothing(target, force=force) as file:
        client.sender.fetch(request, partial(_receive, file, fault=fault, progress=progress))
        return file.seek(0, os.SEEK_END)


def read_text(client: Client, path: str) -> str | None:
    """The text at `path`, or None when there is none (404). Raises like `Sender.send`."""
    request = ApiRequest("GET", path, accept="text/plain")
    try:
        answer = client.sender.fetch(request, read_response)
    except Rejected as rejection:
        if rejection.status != 404:
            raise
        return None
    return answer.body.decode("utf-8", "replace")


def _receive(
    file: BinaryIO,
    response: httpx.Response,
    *,
    fault: Fault,
    progress: Progress,
    clock: Callable[[], float] = time.monotonic,
) -> ApiResponse | Trouble:
    """The response's body into the file, from its beginning."""
    if not response.is_success:
        return read_response(response)
    if response.status_code != 200 or "html" in response.headers.get("Content-Type", "").lower():
        return Trouble(
            True,
            f"it answered {response.status_code} without the file",
            is_lasting=True,
            advice="Is this the right endpoint? It is set in mbflow.yaml.",
        )
    file.seek(0)
    file.truncate()
    length, deadline = _length(response), clock() + LONGEST_DOWNLOAD
    received = 0
    for chunk in response.iter_bytes():
        received += len(chunk)
        if received > LARGEST_FILE:
            return Trouble(True, f"the file is larger than {LARGEST_FILE >> 20} MB", True)
        if clock() > deadline:
            return Trouble(True, "the file did not come within an hour", True)
        file.write(chunk)
        progress(received, length)
    text = fault(file)
    return Trouble(True, text) if text else ApiResponse(200, response.headers, b"")


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


_HEAD = 12
_UNTOLD = 0x7FFF0000
"""Programs that write to a pipe cannot know the length: they write 0 or a number near a limit."""


def wav_fault(file: BinaryIO) -> str:
    """What is wrong with the file, without user text; "" for nothing."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD)
    if len(head) < _HEAD or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return "what it sent is not a WAV file"
    told = int.from_bytes(head[4:8], "little")
    if 0 < told < _UNTOLD and length < told + 8:
        return f"the WAV file ends early, after {length:,} of {told + 8:,} bytes"
    return ""


@dataclass(frozen=True, slots=True)
class RecordingId:
    """A recording, and the call and leg that the long addresses name (reference section 2.2)."""

    id: str
    call: str | None = None
    leg: str | None = None

    @property
    def path(self) -> str:
        """The long address where call and leg are known, else the short one."""
        if self.call is None or self.leg is None:
            return address("recordings", self.id)
        return address("calls", self.call, "legs", self.leg, "recordings", self.id)


def list_recordings(client: Client, call_id: str, leg_id: str, limit: int | None = None) -> Listing:
    path = address("calls", call_id, "legs", leg_id, "recordings")
    return read_list(client, path, "recordings", limit)


def list_recordings_of_call(client: Client, call_id: str, limit: int | None = None) -> Listing:
    """Those of all its legs."""
    items: list[Body] = []
    total = 0
    for leg in list_legs(client, call_id).items:
        found = list_recordings(client, call_id, str(leg["id"]))
        items += found.items
        total += found.total
    return Listing(items[:limit], total)


def get_recording(client: Client, recording: RecordingId) -> Body | None:
    return read_one(client, recording.path)


def delete_recording(client: Client, recording: RecordingId, found: Body) -> None:
    """DELETE it, once. `found` is what `get_recording` gave.

    Where its own link is the long address, that one is used: it is the documented one.
    """
    delete(client, _own_path(recording, found))


def download_recording(
    client: Client, recording: RecordingId, target: Path, *, force: bool, progress: Progress
) -> int:
    """Its audio, as a file that is there whole or not at all; the number of bytes.

    Raises what `downloading.download` raises.
    """
    return download(
        client,
        f"{recording.path}.wav",
        target,
        accept="audio/*",
        fault=wav_fault,
        force=force,
        progress=progress,
    )


def _own_path(recording: RecordingId, found: Body) -> str:
    links = found.get("_links")
    link = links.get("self") if isinstance(links, dict) else None
    parts = link.split("/") if isinstance(link, str) else []
    match parts:
        case ["", "calls", call, "legs", leg, "recordings", name] if name == recording.id:
            return RecordingId(name, call, leg).path
    return recording.path
