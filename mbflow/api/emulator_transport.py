"""Requests to an emulator in this process, by WSGI instead of a socket."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import httpx

from mbflow.emulator.faults import AnswerTooLate, ConnectionReset
from mbflow.emulator.requests import READ_TIMEOUT

if TYPE_CHECKING:
    from mbflow.emulator.app import Emulator


class EmulatorTransport(httpx.BaseTransport):
    """A transport for `httpx.Client`. Closing the client leaves the emulator open.

    Raises what a real connection raises: `httpx.ReadError`, `httpx.ReadTimeout`,
    `httpx.RemoteProtocolError`.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        started: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
            started.append((int(status.split()[0]), headers))

        try:
            body = b"".join(self._emulator(_environ(request), start_response))
        except ConnectionReset as failure:
            raise httpx.ReadError(str(failure), request=request) from failure
        except AnswerTooLate as failure:
            raise httpx.ReadTimeout(str(failure), request=request) from failure
        status, headers = started[0]
        _check_length(request, headers, body)
        stream = httpx.ByteStream(body)  # not read yet, as what comes from a socket
        return httpx.Response(status, headers=headers, stream=stream, request=request)


def _environ(request: httpx.Request) -> dict[str, Any]:
    path, _, query = request.url.raw_path.partition(b"?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": request.url.host,
        "SERVER_PORT": str(request.url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.url.scheme,
        "wsgi.input": io.BytesIO(request.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        READ_TIMEOUT: request.extensions.get("timeout", {}).get("read"),
    }
    for name, value in request.headers.raw:
        key = name.decode("latin-1").upper().replace("-", "_")
        environ[f"HTTP_{key}"] = value.decode("latin-1")
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(len(request.content))
    return environ


def _check_length(request: httpx.Request, headers: list[tuple[str, str]], body: bytes) -> None:
    wanted = next((int(value) for name, value in headers if name == "Content-Length"), len(body))
    if request.method != "HEAD" and wanted != len(body):
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(body)} bytes, expected {wanted})",
            request=request,
        )
