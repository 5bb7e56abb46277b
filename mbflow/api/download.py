"""Files of the service: whole under their name or not at all, bounded in size and time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from mbflow.api.errors import WRONG_ENDPOINT, Rejected
from mbflow.api.http import ApiRequest, ApiResponse, Trouble, read_response
from mbflow.model.progress import Progress
from mbflow.project.whole_file import result_file

if TYPE_CHECKING:
    import httpx

    from mbflow.api.client import Client

LARGEST_FILE = 1 << 30
"""Bytes: eight hours of two channels of 8 kHz and 16 bit fit."""
LONGEST_DOWNLOAD = 3600.0
"""Seconds, however steadily it drips."""

Check: TypeAlias = Callable[[BinaryIO], str]
"""What is wrong with a whole file, without user text; "" for nothing."""


def download(
    client: Client,
    path: str,
    target: Path,
    *,
    accept: str,
    force: bool,
    check: Check = lambda file: "",
) -> int:
    """Fetch the file at `path` of the service as `target`; the number of its bytes.

    It starts again after passing failures. Raises like `result_file` and `Sender.send`; the
    service is not asked for a file that could not be written.
    """
    request = ApiRequest("GET", path, accept=accept)
    with result_file(target, force=force) as file:
        client.sender.fetch(request, partial(_receive, file, check, client.progress))
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
    file: BinaryIO, check: Check, progress: Progress, response: httpx.Response
) -> ApiResponse | Trouble:
    """The response's body into the file, from its beginning."""
    status, headers = response.status_code, response.headers
    if not response.is_success:
        return read_response(response)
    if status != 200 or "html" in headers.get("Content-Type", "").lower():
        return Trouble(True, f"it answered {status} without the file", True, WRONG_ENDPOINT)
    file.seek(0)
    file.truncate()
    text = headers.get("Content-Length", "")
    length = int(text) if text.isascii() and text.isdigit() else None
    received, deadline = 0, time.monotonic() + LONGEST_DOWNLOAD
    with progress.begin("Downloading", length) as part:
        for chunk in response.iter_bytes():
            received += len(chunk)
            if received > LARGEST_FILE:
                return Trouble(True, f"the file is larger than {LARGEST_FILE >> 20} MB", True)
            if time.monotonic() > deadline:
                return Trouble(True, "the file did not come within an hour", True)
            file.write(chunk)
            part.advance(len(chunk))
    fault = check(file)
    return Trouble(True, fault) if fault else ApiResponse(status, headers, b"")


_HEAD = 12
_NO_LENGTH = 0x7FFF0000
"""Programs that write to a pipe cannot know the length: they write 0 or a number near a limit."""


def check_wav(file: BinaryIO) -> str:
    """What is wrong with a WAV file, by its head and its length."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD)
    if len(head) < _HEAD or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return "what it sent is not a WAV file"
    told = int.from_bytes(head[4:8], "little")
    if 0 < told < _NO_LENGTH and length < told + 8:
        return f"the WAV file ends early, after {length:,} of {told + 8:,} bytes"
    return ""
