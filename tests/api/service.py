"""A scripted service on a loopback socket: it answers what a test tells it, and counts."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def page(self) -> int:
        return int(self.query.get("page", "1"))

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer. `act` is what happens on the socket: answer, reset, hang, cut."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    act: str = "answer"

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode() if self.body is not None else b""


class Service:
    """Runs while it is entered; `answer` is called for every request, in the server's threads."""

    def __init__(self, answer: Callable[[Asked], Reply], *, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.connections: set = set()
        self.answer = answer
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.service = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def count(self, method: str, path: str = "") -> int:
        return sum(a.method == method and path in ("", a.path) for a in self.asked)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def flow(number: int, **more) -> dict:
    """A live call flow with a steady id."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "title": f"Flow {number}",
        "steps": [{"id": f"s{number}", "action": "hangup"}],
        "createdAt": "2017-03-06T13:34:14Z",
        "updatedAt": "2017-03-06T13:34:14Z",
        **more,
    }


def pages_of(items: list, *, cap: int = 1000, total: int | None = None):
    """A well-behaved list: answers `page` and `perPage`, with at most `cap` a page."""

    def answer(asked: Asked) -> Reply:
        size = min(int(asked.query.get("perPage", "10")), cap)
        start = (asked.page - 1) * size
        return listed(items[start : start + size], len(items) if total is None else total)

    return answer


def listed(items: list | None, total: int) -> Reply:
    return Reply(body={"data": items, "pagination": {"totalCount": total}})


def one(item: dict, status: int = 200) -> Reply:
    return Reply(status, {"data": [item], "_links": {"self": f"/call-flows/{item['id']}"}})


def refused(status: int, message: str = "", code: int = 13, **headers) -> Reply:
    body = {"data": None, "errors": [{"message": message, "code": code}]}
    return Reply(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    service: "Service"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def serve(self):
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = dict(parse_qsl(address.query))
        asked = Asked(self.command, address.path, query, dict(self.headers.items()), body)
        service = self.server.service
        service.asked.append(asked)
        service.connections.add(self.client_address)
        reply = service.answer(asked)
        if reply.act == "hang":
            service.released.wait(60)
        if reply.act in ("hang", "reset"):
            self.reset()
        else:
            self.send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def send(self, reply: Reply):
        content = reply.content
        self.send_response_only(reply.status)
        for name, text in reply.headers.items():
            self.send_header(name, text)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if reply.act == "cut" else content)
        self.wfile.flush()
        if reply.act == "cut":
            self.reset()

    def reset(self):
        """Close so that the peer sees a reset rather than an end."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True
