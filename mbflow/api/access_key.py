"""The access key: held once, given to the request header, masked everywhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from mbflow.model.errors import Error

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

    def masked(self, text: str) -> str:
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


def masking(key: AccessKey | None, secrets: Collection[str]) -> Callable[[str], str]:
    """A function that takes every mention of the key and of the secrets out of a text."""
    longest_first = sorted((s for s in secrets if len(s) >= SHORTEST), key=len, reverse=True)

    def masked(text: str) -> str:
        text = text if key is None else key.masked(text)
        for secret in longest_first:
            text = text.replace(secret, _MASKED)
        return text

    return masked
