"""The httpx clients: one connection each, lent to one worker at a time; and the service's address.

httpx's pool looks through all its connections at every request, so a client with one connection
a worker scales where a shared pool does not.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TypeAlias
from urllib.request import getproxies, proxy_bypass

import httpx

from mbflow.api.http import ApiRequest, ApiResponse, Trouble, read_response, trouble_of
from mbflow.model.errors import Error
from mbflow.model.flow import EMBEDDED

_USABLE = re.compile(r"[!-~]+")
_MASK = "[access key]"


class AccessKey:
    """A key that no `repr`, `str` or message shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str, source: str = "") -> None:
        """Raise `Error` when `text` cannot stand in a header; `source` says where it is from."""
        if not _USABLE.fullmatch(text):
            where = f" in {source}" if source else ""
            raise Error(
                f"The access key{where} cannot be used: {_fault(text)}.",
                "It must be the key alone, as the service's dashboard shows it.",
            )
        self._text = text

    def __repr__(self) -> str:
        return _MASK

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an access key is never pickled")

    @property
    def header(self) -> str:
        """The value of `Authorization` (reference section 1)."""
        return f"AccessKey {self._text}"

    def mask(self, text: str) -> str:
        """The text with every mention of the key taken out."""
        return text.replace(self._text, _MASK)


def _fault(text: str) -> str:
    if not text.strip():
        return "it is empty"
    if not text.isascii():
        return "it holds characters that are not ASCII"
    if text != text.strip():
        return "white space or a line break stands around it"
    return "it holds white space or control characters"


SHORTEST = 4
"""A shorter secret would be masked wherever these few characters happen to stand."""
_MASKED = "[secret]"


def mask_of(key: AccessKey | None, secrets: Collection[str]) -> Callable[[str], str]:
    """A function that takes every mention of the key and of the secrets out of a text."""
    longest_first = sorted((s for s in secrets if len(s) >= SHORTEST), key=len, reverse=True)

    def mask(text: str) -> str:
        text = text if key is None else key.mask(text)
        for secret in longest_first:
            text = text.replace(secret, _MASKED)
        return text

    return mask


def address_of(endpoint: str) -> httpx.URL:
    """The endpoint as an address; raises `Error` when requests cannot be built on it."""
    if endpoint == EMBEDDED:
        return httpx.URL("http://embedded")
    url = _parse(endpoint)
    if url is None or url.scheme not in {"http", "https"} or not _is_host(url):
        raise Error(
            f"The endpoint is not an http or https address: {endpoint}",
            "It looks like this:",
            "    https://voice.messagebird.com",
        )
    if url.userinfo or url.query or url.fragment:
        raise Error("The endpoint must be an address alone: no user, password, query or fragment.")
    return url


def is_loopback(host: str) -> bool:
    """Whether the host is this machine: `localhost`, `127.0.0.1`, `::1`."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(url: httpx.URL) -> bool:
    return bool(url.host) and b"%" not in url.raw_host


def _parse(endpoint: str) -> httpx.URL | None:
    try:
        return httpx.URL(endpoint)
    except httpx.InvalidURL:
        return None


CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
"""Seconds without a single byte, not for the whole answer."""

Receive: TypeAlias = "Callable[[httpx.Response], ApiResponse | Trouble]"
"""Reads a response whose body has not been read yet."""


class ReadOnlyTransport(httpx.BaseTransport):
    """Passes GET on to another transport; anything else never reaches the network."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            raise RuntimeError(f"a reading verb tried to send {request.method}")
        return self._transport.handle_request(request)

    def close(self) -> None:
        self._transport.close()


class Connections:
    """Up to `count` httpx clients, made when needed; the last one used is lent first."""

    def __init__(
        self,
        make_transport: Callable[[], httpx.BaseTransport],
        *,
        base: str,
        headers: Mapping[str, str],
        count: int,
        timeout: httpx.Timeout,
    ) -> None:
        self._make_transport = make_transport
        self._base = base
        self._headers = headers
        self._timeout = timeout
        self._free = threading.Semaphore(count)
        self._idle: deque[httpx.Client] = deque()
        self._is_closed = False

    def attempt(
        self, request: ApiRequest, receive: Receive = read_response
    ) -> ApiResponse | Trouble:
        """Send once and read the answer; whatever the service does comes back as a value."""
        with self._borrow() as client:
            try:
                with client.stream(
                    request.method,
                    self._base + request.path,
                    params=dict(request.query) or None,
                    content=request.content,
                    headers=_headers_of(request),
                ) as response:
                    return receive(response)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return trouble_of(error)

    def close(self) -> None:
        """Close what is idle now; what is lent closes when it comes back."""
        self._is_closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    @contextmanager
    def _borrow(self) -> Iterator[httpx.Client]:
        with self._free:
            try:
                client = self._idle.pop()
            except IndexError:
                client = self._make_client()
            try:
                yield client
            finally:
                self._idle.append(client)
                if self._is_closed:
                    self.close()

    def _make_client(self) -> httpx.Client:
        return httpx.Client(
            transport=self._make_transport(),
            headers=dict(self._headers),
            timeout=self._timeout,
            follow_redirects=False,
            trust_env=False,
        )


def network(endpoint: httpx.URL) -> Callable[[], httpx.BaseTransport]:
    """What makes transports to `endpoint`, all with one TLS context.

    The proxies of the process environment are used, but never towards this machine itself.
    """
    context = _tls_context(endpoint)
    proxy = None if is_loopback(endpoint.host) else _proxy_for(endpoint)
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)

    def make() -> httpx.BaseTransport:
        try:
            return httpx.HTTPTransport(verify=context, limits=limits, proxy=proxy)
        except (ValueError, ImportError, httpx.InvalidURL):
            failure = Error(
                "The proxy that the process environment names cannot be used.",
                "Look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.",
            )
        raise failure

    return make


def _tls_context(endpoint: httpx.URL) -> ssl.SSLContext:
    """Certificates are loaded (20 ms) only where they are looked at."""
    if endpoint.scheme == "https":
        return httpx.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _proxy_for(endpoint: httpx.URL) -> str | None:
    if proxy_bypass(endpoint.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(endpoint.scheme) or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def _headers_of(request: ApiRequest) -> dict[str, str]:
    headers = {} if request.content is None else {"Content-Type": "application/json"}
    if request.accept:
        headers |= {"Accept": request.accept, "Accept-Encoding": "identity"}
    return headers
