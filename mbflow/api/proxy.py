"""The proxy on the way to the service: which one the environment names, and how it fails."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from mbflow.api.http import Trouble, trouble_of
from mbflow.model.errors import Error

_SCHEMES = ("http", "https", "socks5", "socks5h")
_ANSWER = re.compile(r"(\d{3})\b ?(.*)", re.DOTALL)
_PASSING = {408, 425, 429}
_TUNNELS = ("proxy.start_tls.started", "socks.start_tls.started")
"""What the HTTP library says when the proxy has let it through."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and how messages name it: `http://proxy.example:3128 (HTTPS_PROXY)`."""

    setting: httpx.Proxy
    place: str
    variable: str
    forwards: bool
    """Whether it sees the requests themselves, and may answer them: the endpoint is http."""

    def trouble(self, error: httpx.HTTPError | httpx.InvalidURL, trace: Trace) -> Trouble:
        """Why there is no answer; `proxy` in it where that is not the service's fault."""
        if isinstance(error, httpx.ProxyError):
            return self._refusal(str(error), trace)
        trouble = trouble_of(error)
        if trouble.is_lasting:  # TLS, with the service or with a proxy that looks into it
            return replace(trouble, advice=f"{trouble.advice} The proxy is {self.place}.")
        if isinstance(error, httpx.PoolTimeout) or (trouble.was_sent and not self._is_cut(trace)):
            return trouble
        text = f"cannot be reached: {trouble.text}"
        return Trouble(False, text, advice=self._look, said=trouble.said, proxy=self.place)

    def refusal(self, response: httpx.Response, trace: Trace) -> Trouble | None:
        """What a 407 means, which no service sends."""
        if response.status_code != 407:
            return None
        return self._refusal(f"407 {response.reason_phrase}", trace)

    def _is_cut(self, trace: Trace) -> bool:
        """Whether there was no tunnel yet, so that the service has seen nothing."""
        return not self.forwards and trace.is_new and not trace.has_tunnel

    def _refusal(self, text: str, trace: Trace) -> Trouble:
        answer = _ANSWER.fullmatch(text)
        if answer is None:
            return Trouble(
                False, "does not let mbflow through", False, self._look, text, self.place
            )
        status = int(answer[1])
        return Trouble(
            was_sent=False,
            text=f"refused: it answered {status}",
            is_lasting=400 <= status < 500 and status not in _PASSING,
            advice=self._login(trace) if status == 407 else self._look,
            said=answer[2],
            proxy=self.place,
        )

    @property
    def _look(self) -> str:
        return f"Look at {self.variable}; NO_PROXY names hosts that need no proxy."

    def _login(self, trace: Trace) -> str:
        others = [name for name in trace.logins if name.lower() != "basic"]
        if others and len(others) == len(trace.logins):
            return (
                f"It wants a login by {' or '.join(others)}, and mbflow knows Basic alone. A small "
                "proxy on this machine can do it instead: px or cntlm."
            )
        if self.setting.auth:
            return f"The user or the password in {self.variable} is wrong."
        return f"It wants a user and a password: {self.variable}=http://USER:PASSWORD@HOST:PORT"


@dataclass(slots=True)
class Trace:
    """What the HTTP library tells of one request: without it a proxy's answer is only a status."""

    is_new: bool = False
    """Whether a connection was made for the request."""
    has_tunnel: bool = False
    logins: list[str] = field(default_factory=list)
    """The ways to log in that a proxy offers: `Basic`, `NTLM`."""

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        self.is_new = self.is_new or event.endswith("connect_tcp.started")
        self.has_tunnel = self.has_tunnel or event in _TUNNELS
        if event == "http11.receive_response_headers.complete":
            self.logins = list(_logins(info["return_value"][3]))


def _logins(headers: list[tuple[bytes, bytes]]) -> Iterator[str]:
    for name, value in headers:
        if name.lower() == b"proxy-authenticate" and value.split():
            yield value.split()[0].decode("latin-1")


def proxy_to(endpoint: httpx.URL, context: ssl.SSLContext) -> Proxy | None:
    """The proxy of the process environment, if one leads to the endpoint.

    Raises `Error` for one that cannot be used; no password is in any text.
    """
    found = getproxies()
    text = (found.get(endpoint.scheme) or found.get("all") or "").strip()
    if not text or _needs_none(endpoint):
        return None
    names = [f"{name}_proxy" for name in (endpoint.scheme, "all")]
    names = [name for pair in names for name in (pair, pair.upper())]
    set_here = (name for name in names if os.environ.get(name, "").strip() == text)
    variable = next(set_here, "the system's settings")
    return _proxy(text if "://" in text else f"http://{text}", variable, endpoint, context)


def _proxy(text: str, variable: str, endpoint: httpx.URL, context: ssl.SSLContext) -> Proxy:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL()
    if not url.host or b"%" in url.raw_host or (url.port or 1) > 65535:
        raise _unusable(variable, "it is not a complete URL")
    if text.count("@") > 1 or ("@" in text and not url.userinfo):
        raise _unusable(variable, "its password holds signs that are written %40 for @, %2F for /")
    place = f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"
    if url.scheme not in _SCHEMES:
        raise _unusable(variable, f"{place} is neither an http nor a SOCKS 5 proxy")
    if url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise _unusable(
            variable, f"{place} speaks SOCKS, which needs a package more: pip install socksio"
        )
    secured = context if url.scheme == "https" else None
    setting = httpx.Proxy(url, ssl_context=secured)
    return Proxy(setting, f"{place} ({variable})", variable, endpoint.scheme == "http")


def _unusable(variable: str, why: str) -> Error:
    return Error(
        f"The proxy in {variable} cannot be used: {why}.",
        "It looks like this: http://proxy.example.com:3128",
    )


def _needs_none(endpoint: httpx.URL) -> bool:
    port = endpoint.port or (443 if endpoint.scheme == "https" else 80)
    stated = os.environ.get("no_proxy", os.environ.get("NO_PROXY", ""))
    # The second knows the settings of macOS.
    return is_excepted(stated, endpoint.host, port) or proxy_bypass(endpoint.host)


def is_excepted(stated: str, host: str, port: int) -> bool:
    """Whether NO_PROXY names the host: `*`, `example.com`, `.example.com`, `example.com:8443`,
    `10.0.0.0/8`, `::1`, `[::1]:8443`, between commas or blanks.
    """
    return any(_covers(one.lower(), host.lower(), port) for one in re.split(r"[\s,]+", stated))


def _covers(pattern: str, host: str, port: int) -> bool:
    name, its_port = _split(pattern)
    if its_port and its_port != str(port):
        return False
    address = _address(host)
    if address is not None:
        return name == "*" or _is_within(address, name)
    name = name.removeprefix("*").strip(".")
    host = host.rstrip(".")
    return pattern == "*" or (bool(name) and (host == name or host.endswith(f".{name}")))


def _split(pattern: str) -> tuple[str, str]:
    """Host and port; that of an IPv6 address stands behind brackets."""
    if pattern.startswith("["):
        host, _, rest = pattern[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = pattern.rpartition(":")
    return (host, port) if host and ":" not in host and port.isdigit() else (pattern, "")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_within(address: IPv4Address | IPv6Address, network: str) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:
        return False
