"""What messages never show: the access key, and the secrets that a request carries."""

from __future__ import annotations

from collections.abc import Callable, Collection

from mbflow.api.access_key import AccessKey

SHORTEST = 4
"""A shorter secret would be masked wherever these few characters happen to stand."""
_MASK = "[secret]"


def masking(key: AccessKey | None, secrets: Collection[str]) -> Callable[[str], str]:
    """A function that takes every mention of the key and of the secrets out of a text."""
    longest_first = sorted((s for s in secrets if len(s) >= SHORTEST), key=len, reverse=True)

    def masked(text: str) -> str:
        text = text if key is None else key.masked(text)
        for secret in longest_first:
            text = text.replace(secret, _MASK)
        return text

    return masked
