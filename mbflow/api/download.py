"""Files of the service: streamed to disk, bounded, checked to be whole."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import httpx

from mbflow.api.errors import Rejected
from mbflow.api.http import ApiRequest, ApiResponse, Trouble, read_response
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
