"""The emulator on a port, through waitress; broken connections are acted out on the socket."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from errno import EACCES, EADDRINUSE
from http import HTTPStatus
from typing import TYPE_CHECKING

from waitress import create_server, wasyncore  # type: ignore[import-untyped]
from waitress.channel import (  # type: ignore[import-untyped]
    ClientDisconnected,
    HTTPChannel,
)
from waitress.task import ErrorTask, WSGITask  # type: ignore[import-untyped]

from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import SimulatedFailure
from mbflow.emulator.requests import BODY_LIMIT
from mbflow.emulator.responses import BAD_REQUEST, INTERNAL, error
from mbflow.model.errors import Error
from mbflow.model.text import shortened

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_THREADS = 16
_LARGEST_BODY_READ = 16 * 1024 * 1024
_LOG = logging.getLogger("mbflow.emulator")


class Server:
    """An emulator listening on a port from the moment this is made. Port 0 picks a free one.

    Raises `mbflow.model.errors.Error` where it cannot listen.
    """

    def __init__(self, emulator: Emulator, host: str, port: int) -> None:
        listening = _listen(host, port)
        self.host, self.port = listening.getsockname()[:2]
        # waitress warns of answers that are shorter than they say, which is a fault asked for.
        logging.getLogger("waitress").setLevel(logging.ERROR)
        self._lock = threading.Lock()
        self._stopping = False
        self._map: dict[int, object] = {}
        self._server = create_server(
            _application(emulator),
            map=self._map,
            sockets=[listening],
            threads=_THREADS,
            ident="mbflow",
            max_request_body_size=_LARGEST_BODY_READ,
        )
        self._server.channel_class = _Channel

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serves until `stop`, or until a signal handler raises SystemExit or Ctrl-C comes.

        Requests in flight are answered first.
        """
        with suppress(SystemExit, KeyboardInterrupt):
            while not self._stopping:
                wasyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)
        self._server.task_dispatcher.shutdown()
        with self._lock:
            self._stopping = True
            wasyncore.close_all(self._map)

    def stop(self) -> None:
        """Ends `run`, from another thread. Does nothing where it has ended."""
        with self._lock:
            if not self._stopping:
                self._stopping = True
                self._server.pull_trigger()


class _Task(WSGITask):  # type: ignore[misc]
    """Answers one request, or resets its connection where the emulator says so."""

    def service(self) -> None:
        try:
            super().service()
        except SimulatedFailure as failure:
            self.channel.reset_when_closed()
            raise ClientDisconnected from failure


class _ErrorTask(ErrorTask):  # type: ignore[misc]
    """Requests that are no HTTP, or too large, in the documented error shape too."""

    def execute(self) -> None:
        status, why = self.request.error.code, shortened(self.request.error.body, 200).rstrip(".")
        message = f"This is not a request that can be read: {why}."
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            status, message = 422, f"The request body must be smaller than {BODY_LIMIT} bytes."
        code = INTERNAL if status >= 500 else BAD_REQUEST
        body = error(status, (code, message)).body
        self.status = f"{status} {HTTPStatus(status).phrase}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    error_task_class = _ErrorTask

    def reset_when_closed(self) -> None:
        """Lingering for no time makes closing a reset, as when a machine or a proxy dies."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _listen(host: str, port: int) -> socket.socket:
    listening = None
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        return listening
    except (OSError, UnicodeError) as trouble:
        if listening is not None:
            listening.close()
        reason = getattr(trouble, "strerror", None) or "no such host"
        is_port = isinstance(trouble, OSError) and trouble.errno in (EADDRINUSE, EACCES)
        raise Error(
            f"The emulator cannot listen on {host}, port {port}: {reason}.",
            "Name another port with --port, or 0 to have one picked."
            if is_port
            else "Name an address of this machine with --host; 0.0.0.0 is all it has.",
        ) from trouble


def _application(emulator: Emulator) -> object:
    """A database that cannot be used is an error answer, and a line in the log."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return emulator(environ, start_response)
        except Error as trouble:
            _LOG.error("%s", trouble.summary)
            answer = error(500, (INTERNAL, "The emulator cannot use its database."))
            length = str(len(answer.body))
            start_response(
                "500 Internal Server Error",
                [("Content-Type", answer.content_type), ("Content-Length", length)],
            )
            return answer.pieces

    return application
