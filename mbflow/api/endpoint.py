"""The address of a service, checked before anything is sent to it."""

from __future__ import annotations

import ipaddress

import httpx

from mbflow.errors import Error
from mbflow.model import EMBEDDED


def address_of(endpoint: str) -> httpx.URL:
    """The endpoint as an address; raises `Error` when requests cannot be built on it."""
    if endpoint == EMBEDDED:
        return httpx.URL("http://embedded")
    url = _parsed(endpoint)
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


def _parsed(endpoint: str) -> httpx.URL | None:
    try:
        return httpx.URL(endpoint)
    except httpx.InvalidURL:
        return None
