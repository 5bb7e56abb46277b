"""Sends one request to somebody's web server: bounded in time and size, loopback unless told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

LARGEST = 64 * 1024
"""An answer may have fewer bytes than this, as a request to the API may."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a request. `problem` says in words why there is no whole answer."""

    status: int | None = None
    body: bytes = b""
    content_type: str = ""
    problem: str = ""

    @property
    def is_success(self) -> bool:
        return not self.problem and self.status is not None and 200 <= self.status < 300


class Sender:
    """One HTTP client for all that the exchange sends. Safe between threads."""

    def __init__(self, *, anywhere: bool, seconds: float) -> None:
        self._anywhere = anywhere
        self._seconds = seconds
        # No proxy, no redirect: what is loopback must stay so.
        self._client = httpx.Client(
            timeout=seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "mbflow-exchange", "Accept": "*/*"},
        )

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Received:
        """Never raises for what a web server or an address may do."""
        if not self._anywhere and not is_loopback(url):
            return Received(problem="not a loopback address")
        until = time.monotonic() + self._seconds
        try:
            with self._client.stream(
                method, url, headers=dict(headers), content=body or None
            ) as response:
                return _read(response, until)
        except httpx.TimeoutException:
            return Received(problem=f"no answer within {self._seconds:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Received(problem=str(error) or type(error).__name__)

    def close(self) -> None:
        self._client.close()


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own. Names other than localhost are not looked up."""
    try:
        host = httpx.URL(url).host
        return host == "localhost" or ip_address(host).is_loopback
    except (httpx.InvalidURL, ValueError):
        return False


def _read(response: httpx.Response, until: float) -> Received:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= LARGEST:
            return Received(response.status_code, problem=f"more than {LARGEST} bytes")
        if time.monotonic() > until:
            return Received(response.status_code, problem="too slow")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Received(response.status_code, body, kind)
