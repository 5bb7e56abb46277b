"""Recordings: listed, read, fetched as WAV files, deleted (reference sections 2.1, 2.2 and 9).

A recording is `{"id", "status", "type", "format", "duration", "legId", ...}`, as the service sent
it; older ones have `state` for `status`. All functions raise what `Sender.send` raises, and `Error`
for an id that cannot stand in an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mbflow.api.download import check_wav, download
from mbflow.api.http import Listing
from mbflow.api.legs import list_legs
from mbflow.api.resource import address, delete, read_list, read_one
from mbflow.model.flow import Body

if TYPE_CHECKING:
    from mbflow.api.client import Client


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
    """The first `limit` recordings of a leg, or all (2.1)."""
    path = address("calls", call_id, "legs", leg_id, "recordings")
    return read_list(client, path, "recordings", limit)


def list_recordings_of_call(client: Client, call_id: str, limit: int | None = None) -> Listing:
    """Those of all its legs; `total` counts them all."""
    items: list[Body] = []
    total = 0
    for leg in list_legs(client, call_id).items:
        found = list_recordings(client, call_id, str(leg["id"]))
        items += found.items
        total += found.total
    return Listing(items[:limit], total)


def get_recording(client: Client, recording: RecordingId) -> Body | None:
    """The recording, or None when the service says that there is none."""
    return read_one(client, recording.path)


def delete_recording(client: Client, recording: RecordingId, found: Body) -> None:
    """DELETE it, once. `found` is what `get_recording` gave.

    Where its own link is the long address, that one is used: it is the documented one.
    """
    delete(client, _own_path(recording, found))


def download_recording(client: Client, recording: RecordingId, target: Path, *, force: bool) -> int:
    """Fetch its audio, a WAV file (9), as `target`; the number of bytes. Raises like `download`."""
    return download(
        client,
        f"{recording.path}.wav",
        target,
        accept="audio/*",
        check=check_wav,
        force=force,
    )


def _own_path(recording: RecordingId, found: Body) -> str:
    links = found.get("_links")
    link = links.get("self") if isinstance(links, dict) else None
    parts = link.split("/") if isinstance(link, str) else []
    match parts:
        case ["", "calls", call, "legs", leg, "recordings", name] if name == recording.id:
            return RecordingId(name, call, leg).path
    return recording.path
