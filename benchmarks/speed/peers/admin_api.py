"""A stand-in for the admin API that deck reads: so many services, and nothing else, on a port.

    python admin_api.py SERVICES

Every page is encoded before the first request. Prints `listening on URL`.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE = 1000
EMPTY = b'{"data":[],"next":null}'
ABOUT = b'{"version":"2.1.0","configuration":{"database":"postgres"}}'


def service(number: int, version: int = 0) -> dict[str, object]:
    """What deck says of a service in its file."""
    return {
        "name": f"shop{number:06}",
        "host": f"shop{number}.example.com",
        "port": 443,
        "protocol": "https",
        "path": f"/v{version}",
        "retries": 5,
        "connect_timeout": 60000,
        "read_timeout": 60000,
        "write_timeout": 60000,
    }


def pages(count: int) -> list[bytes]:
    found = []
    for first in range(0, count, PAGE):
        last = min(first + PAGE, count)
        data = [
            {"id": f"00000000-0000-4000-8000-{number:012}", "created_at": 1, **service(number)}
            for number in range(first, last)
        ]
        after = f"/services?offset={last}&size={PAGE}" if last < count else None
        found.append(json.dumps({"data": data, "next": after, "offset": str(last)}).encode())
        if after is None:
            found[-1] = json.dumps({"data": data, "next": None}).encode()
    return found or [EMPTY]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    services: list[bytes]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/services":
            offset = int(parse_qs(url.query).get("offset", ["0"])[0])
            body = self.services[offset // PAGE]
        else:
            body = ABOUT if url.path == "/" else EMPTY
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


if __name__ == "__main__":
    Handler.services = pages(int(sys.argv[1]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
