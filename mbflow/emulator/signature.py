"""How what is sent to web servers is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit

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
    token_text = _signer().encode(json.dumps(claims).encode(), token, "HS256", {"typ": "JWT"})
    return {"MessageBird-Signature-JWT": token_text}


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
