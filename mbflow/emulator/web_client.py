"""Requests to web servers: signed, bounded in time and size, loopback unless allowed otherwise."""

from __future__ import annotations

import re
import ssl
import threading
import time
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

LARGEST = 64 * 1024
"""An answer may have fewer bytes than this, as a request to the API may."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What came of a request. `problem` says in words why there is no whole answer."""

    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    problem: str = ""

    @property
    def is_success(self) -> bool:
        return not self.problem and self.status is not None and 200 <= self.status < 300


class WebClient:
    """The HTTP clients for all that the emulator sends, one a scheme. Safe between threads.

    Certificates are those that SSL_CERT_FILE or SSL_CERT_DIR name, else the usual ones.
    """

    def __init__(self, *, anywhere: bool, seconds: float, legacy_signatures: bool = False) -> None:
        self._anywhere = anywhere
        self._seconds = seconds
        self._legacy = legacy_signatures
        self._lock = threading.Lock()
        self._clients: dict[str, httpx.Client] = {}

    def send(
        self, method: str, url: str, *, body: bytes = b"", content_type: str = "", token: str = ""
    ) -> WebAnswer:
        """Signed, where there is a token. Never raises for what a web server or a URL may do."""
        from mbflow.emulator.signature import signature

        if not self._anywhere and not is_loopback(url):
            return WebAnswer(problem="not a loopback address")
        until = time.monotonic() + self._seconds
        try:
            target = httpx.URL(url)
            headers = signature(token, url_as_sent(target), body, legacy=self._legacy)
            if content_type:
                headers["Content-Type"] = content_type
            client = self._client(target.scheme)
            with client.stream(method, target, headers=headers, content=body or None) as response:
                return _read(response, until)
        except httpx.TimeoutException:
            return WebAnswer(problem=f"no answer within {self._seconds:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return WebAnswer(problem=_failure(error))

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _client(self, scheme: str) -> httpx.Client:
        with self._lock:
            if scheme not in self._clients:
                # No proxy, no redirect: what is loopback must stay so.
                self._clients[scheme] = httpx.Client(
                    timeout=self._seconds,
                    verify=_tls_context(scheme),
                    trust_env=False,
                    follow_redirects=False,
                    headers={"User-Agent": "mbflow-emulator", "Accept": "*/*"},
                )
            return self._clients[scheme]


def _tls_context(scheme: str) -> ssl.SSLContext:
    """Certificates are loaded (20 ms) only where they are looked at."""
    if scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context()


def url_as_sent(url: httpx.URL) -> str:
    """The URL as a web server puts it together: scheme, Host header, and target of the request."""
    return f"{url.scheme}://{url.netloc.decode()}{url.raw_path.decode()}"


_TLS_NOISE = re.compile(r"^\[[^\]]*\] | \(_ssl\.c:\d+\)$")


def _failure(error: Exception) -> str:
    """Why nothing could be sent, or no whole answer came."""
    text = str(error)
    if isinstance(error, httpx.ConnectError):
        if "SSL" in text or "certificate" in text:
            return f"TLS failed: {_TLS_NOISE.sub('', text)}; SSL_CERT_FILE names what is trusted"
        if "refused" in text:
            return "the connection was refused"
        return "no connection could be made"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the answer is not HTTP, or broke off"
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
        return "the connection broke"
    if isinstance(error, httpx.DecodingError):
        return "the answer is compressed in a broken way"
    if isinstance(error, OSError):
        return "the certificates that SSL_CERT_FILE names cannot be read"
    return "this is no URL that a request can be sent to"


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own. Names other than localhost are not looked up."""
    try:
        host = httpx.URL(url).host
        return host == "localhost" or ip_address(host).is_loopback
    except (httpx.InvalidURL, ValueError):
        return False


def _read(response: httpx.Response, until: float) -> WebAnswer:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= LARGEST:
            return WebAnswer(response.status_code, problem=f"more than {LARGEST} bytes")
        if time.monotonic() > until:
            return WebAnswer(response.status_code, problem="too slow")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return WebAnswer(response.status_code, body, kind)
