"""The client for an environment of the project: the built-in emulator, or a remote service."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx

from mbflow.api.client import Client
from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import AnswerTooLate, ConnectionReset
from mbflow.emulator.requests import READ_TIMEOUT
from mbflow.model.errors import Error
from mbflow.model.project import LOCAL, Environment
from mbflow.state.folder import state_folder


def embedded_transport(emulator: Emulator) -> httpx.BaseTransport:
    """A transport for `httpx.Client`. Closing the client leaves the emulator open.

    Raises what a real connection raises: `httpx.ReadError`, `httpx.ReadTimeout`,
    `httpx.RemoteProtocolError`.
    """
    return _EmbeddedTransport(emulator)


class _EmbeddedTransport(httpx.BaseTransport):
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answered: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
            answered.append((int(status.split()[0]), headers))

        try:
            body = b"".join(self._emulator(_environ(request), start_response))
        except ConnectionReset as failure:
            raise httpx.ReadError(str(failure), request=request) from failure
        except AnswerTooLate as failure:
            raise httpx.ReadTimeout(str(failure), request=request) from failure
        status, headers = answered[0]
        _check_length(request, headers, body)
        return httpx.Response(status, headers=headers, content=body, request=request)


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


def open_client(
    root: Path,
    environment: Environment,
    *,
    can_write: bool,
    workers: int = 8,
    secrets: Collection[str] = (),
    environ: Mapping[str, str] = os.environ,
) -> Client:
    """A client that is to be closed; closing it closes an emulator in process too.

    The built-in emulator lives in `.mbflow/NAME/emulator.sqlite3` below the project's root and
    takes one request at a time. No message shows any of the `secrets`. For a remote service the
    access key comes from `environ`; raises `Error` when it is missing or cannot be a key.
    """
    if environment.is_embedded:
        return _embedded(root, environment, can_write=can_write, secrets=secrets)
    return Client(
        environment.endpoint,
        _access_key(environment, environ),
        can_write=can_write,
        workers=workers,
        key_source=environment.access_key_env,
        secrets=secrets,
    )


def _embedded(
    root: Path, environment: Environment, *, can_write: bool, secrets: Collection[str]
) -> Client:
    from mbflow.emulator.app import Emulator

    database = state_folder(root, environment) / "emulator.sqlite3"
    emulator = Emulator(database, account=LOCAL)
    return Client(
        environment.endpoint,
        None,
        can_write=can_write,
        workers=1,
        transport=lambda: embedded_transport(emulator),
        on_close=emulator.close,
        secrets=secrets,
    )


def _access_key(environment: Environment, environ: Mapping[str, str]) -> str:
    key = environ.get(environment.access_key_env, "")
    if not key:
        raise Error(
            f"No access key: set {environment.access_key_env} to the key of the environment "
            f"{environment.name}."
        )
    return key
