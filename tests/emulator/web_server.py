"""A user's web server: takes what the emulator sends, and answers as it is told."""

import json
import ssl
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Got:
    method: str
    url: str
    target: str
    """What stands in the request line."""
    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class WebServer:
    """`answers` maps a path to (status, content type, body) or to a list of them, one a request.

    With a file that holds a key and a certificate it speaks TLS, as localhost.
    """

    def __init__(self, certificate=None):
        self.got = []
        self.answers = {}
        self.changed = threading.Condition()
        self.may_answer = threading.Event()
        self.may_answer.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.handle(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
            self.url = f"https://localhost:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()

    def handle(self, request):
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        got = Got(
            request.command,
            self.url + request.path,
            request.path,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            dict(request.headers),
            body,
        )
        with self.changed:  # Before the answer: the next request may come right after it.
            self.got.append(got)
            self.changed.notify_all()
        self.may_answer.wait(10)
        answer = self.answers.get(parts.path, (200, "text/plain", b""))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        status, kind, content = answer
        request.send_response(status)
        if status in (301, 302):
            request.send_header("Location", content.decode())
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def wait_for(self, count, path=None):
        """The first requests (to a path), once there are so many."""
        with self.changed:
            arrived = self.changed.wait_for(lambda: len(self.of(path)) >= count, timeout=30)
            assert arrived, f"{len(self.of(path))} of {count} requests came"
            return self.of(path)

    def of(self, path):
        return [got for got in self.got if path in (None, got.path)]

    def flow(self, path, *steps):
        self.answers[path] = (200, "application/json", json.dumps({"steps": list(steps)}).encode())

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def eventually(check):
    """The first true value of `check`, asked again and again."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if value := check():
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen within 30 seconds")
