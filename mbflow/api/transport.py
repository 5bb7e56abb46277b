"""The httpx transports: one connection each, lent to one worker at a time; the service's address.

httpx's pool looks through all its connections at every request, so a transport with one connection
a worker scales where a shared pool does not. No httpx client stands between: what it does beside
(cookies, redirects, logins) is not wanted here, and costs a fifth of a request.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import TypeAlias

import httpx

from mbflow.api.http import ApiRequest, ApiResponse, Trouble, read_response, trouble_of
from mbflow.api.proxy import Proxy, Trace, proxy_to
from mbflow.api.request_log import RequestLog
from mbflow.api.tls import tls_context
from mbflow.model.errors import Error
from mbflow.model.flow import EMBEDDED


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
    labels = url.raw_host.removesuffix(b".").split(b".")
    return b"%" not in url.raw_host and all(0 < len(label) < 64 for label in labels)


def _parse(endpoint: str) -> httpx.URL | None:
    try:
        return httpx.URL(endpoint)
    except httpx.InvalidURL:
        return None


CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
"""Seconds without a single byte, not for the whole answer."""

_OF_EACH_REQUEST = {"Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}

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


def _folded(response: httpx.Response) -> Trouble | None:
    """Each layer of compression may grow a thousandfold before any bound is looked at."""
    layers = response.headers.get_list("Content-Encoding", split_commas=True)
    if len(layers) < 2:
        return None
    return Trouble(True, "its answer is compressed more than once", True)


class Connections:
    """Up to `count` httpx transports, made when needed; the last one used is lent first."""

    def __init__(
        self,
        make_transport: Callable[[], httpx.BaseTransport],
        *,
        base: str,
        headers: Mapping[str, str],
        count: int,
        timeout: httpx.Timeout,
        proxy: Proxy | None = None,
        log: RequestLog | None = None,
    ) -> None:
        self._make_transport = make_transport
        self._base = base
        self._headers = httpx.Headers({**_OF_EACH_REQUEST, **headers})
        self._timeout = timeout.as_dict()
        self._proxy = proxy
        self._log = log
        self._free = threading.Semaphore(count)
        self._idle: deque[httpx.BaseTransport] = deque()
        self._is_closed = False

    def attempt(
        self, request: ApiRequest, receive: Receive = read_response
    ) -> ApiResponse | Trouble:
        """Send once and read the answer; whatever the service does comes back as a value."""
        trace = Trace()
        with self._borrow() as transport:
            began, size = time.monotonic(), 0
            try:
                with closing(transport.handle_request(self._built(request, trace))) as response:
                    refusal = self._proxy and self._proxy.refusal(response, trace)
                    outcome = refusal or _folded(response) or receive(response)
                    size = response.num_bytes_downloaded
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                outcome = self._proxy.trouble(error, trace) if self._proxy else trouble_of(error)
        if self._log is not None:
            self._log.sent(request, outcome, time.monotonic() - began, size)
        return outcome

    def _built(self, request: ApiRequest, trace: Trace) -> httpx.Request:
        headers = self._headers.copy()
        headers.update(_headers_of(request))
        return httpx.Request(
            request.method,
            self._base + request.path,
            params=dict(request.query) or None,
            content=request.content,
            headers=headers,
            extensions={"timeout": self._timeout} | ({"trace": trace} if self._proxy else {}),
        )

    def close(self) -> None:
        """Close what is idle now; what is lent closes when it comes back."""
        self._is_closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    @contextmanager
    def _borrow(self) -> Iterator[httpx.BaseTransport]:
        with self._free:
            try:
                transport = self._idle.pop()
            except IndexError:
                transport = self._make_transport()
            try:
                yield transport
            finally:
                self._idle.append(transport)
                if self._is_closed:
                    self.close()


def network(endpoint: httpx.URL) -> tuple[Callable[[], httpx.BaseTransport], Proxy | None]:
    """What makes transports to `endpoint`, all with one TLS context; and the proxy in between.

    The proxies of the process environment are used, but never towards this machine itself. Raises
    `Error` where proxy or certificates of the environment cannot be used.
    """
    context = tls_context(endpoint)
    proxy = None if is_loopback(endpoint.host) else proxy_to(endpoint, context)
    setting = None if proxy is None else proxy.setting
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    return lambda: httpx.HTTPTransport(verify=context, limits=limits, proxy=setting), proxy


def _headers_of(request: ApiRequest) -> dict[str, str]:
    headers = {} if request.content is None else {"Content-Type": "application/json"}
    if request.accept:
        headers |= {"Accept": request.accept, "Accept-Encoding": "identity"}
    return headers
