"""Requests to web servers: signed, bounded in time and size, loopback unless told otherwise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import jwt
from jwt.algorithms import HMACAlgorithm

_VALID_SECONDS = 60


def signature(token: str, url: str, body: bytes, *, legacy: bool = False) -> dict[str, str]:
    """The headers that sign a request to `url`; none without a token."""
    if not token:
        return {}
    return _legacy(token, url, body) if legacy else _jwt(token, url, body)


def _jwt(token: str, url: str, body: bytes) -> dict[str, str]:
    now = int(time.time())
    claims = {
        "iss": "MessageBird",
        "iat": now,
        "nbf": now,
        "exp": now + _VALID_SECONDS,
        "jti": str(uuid.uuid4()),
        "url_hash": hashlib.sha256(url.encode()).hexdigest(),
    }
    if body:
        claims["payload_hash"] = hashlib.sha256(body).hexdigest()
    signed = _signer().encode(json.dumps(claims).encode(), token, "HS256", {"typ": "JWT"})
    return {"MessageBird-Signature-JWT": signed}


class _AnyKey(HMACAlgorithm):
    """Tokens are what users chose: one that is short, or looks like a key file, is no mistake."""

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key

    def check_key_length(self, key: bytes) -> None:
        return None


@cache
def _signer() -> jwt.PyJWS:
    signer = jwt.PyJWS()
    signer.unregister_algorithm("HS256")
    signer.register_algorithm("HS256", _AnyKey(HMACAlgorithm.SHA256))
    return signer


def _legacy(token: str, url: str, body: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    query = urlencode(sorted(parse_qsl(urlsplit(url).query, keep_blank_values=True)))
    signed = f"{moment}\n{query}\n".encode() + hashlib.sha256(body).digest()
    digest = hmac.new(token.encode(), signed, hashlib.sha256).digest()
    return {
        "MessageBird-Request-Timestamp": moment,
        "MessageBird-Signature": base64.b64encode(digest).decode(),
    }


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
    """One HTTP client for all that the emulator sends. Safe between threads."""

    def __init__(self, *, anywhere: bool, seconds: float) -> None:
        self._anywhere = anywhere
        self._seconds = seconds
        # No proxy, no redirect: what is loopback must stay so.
        self._client = httpx.Client(
            timeout=seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "mbflow-emulator", "Accept": "*/*"},
        )

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> WebAnswer:
        """Never raises for what a web server or an address may do."""
        if not self._anywhere and not is_loopback(url):
            return WebAnswer(problem="not a loopback address")
        until = time.monotonic() + self._seconds
        try:
            with self._client.stream(
                method, url, headers=dict(headers), content=body or None
            ) as response:
                return _read(response, until)
        except httpx.TimeoutException:
            return WebAnswer(problem=f"no answer within {self._seconds:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return WebAnswer(problem=str(error) or type(error).__name__)

    def close(self) -> None:
        self._client.close()


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
