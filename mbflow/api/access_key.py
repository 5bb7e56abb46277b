"""The access key, and the mask that takes it and the secrets out of what others wrote.

Only foreign text is masked, where it enters a message: a key such as `e` must not take letters out
of mbflow's own sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from mbflow.model.errors import Error

_USABLE = re.compile(r"[!-~]+")
_KEY = "[access key]"
_SECRET = "[secret]"
_SHORTEST = 4
"""What is shorter stands in every text by chance: it is masked where it is a word of its own."""


class AccessKey:
    """A key that no `repr`, `str` or message shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str, source: str = "") -> None:
        """Raise `Error` when `text` cannot stand in a header; `source` says where it is from."""
        if not _USABLE.fullmatch(text) or is_unset(text):
            where = f" in {source}" if source else ""
            raise Error(
                f"The access key{where} cannot be used: {_fault(text)}.",
                "It must be the key alone, as the service's dashboard shows it.",
            )
        self._text = text

    def __repr__(self) -> str:
        return _KEY

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an access key is never pickled")

    @property
    def header(self) -> str:
        """The value of `Authorization` (reference section 1)."""
        return f"AccessKey {self._text}"


def is_unset(text: str) -> bool:
    """Whether this is no key: nothing, or the `$NAME` of a variable that GitLab does not have."""
    return not text or text.startswith("$")


def mask_of(key: AccessKey | None, secrets: Collection[str]) -> Callable[[str], str]:
    """A function that takes every mention of the key and of the secrets out of a text."""
    signs = {secret: _SECRET for secret in secrets if secret} | ({key._text: _KEY} if key else {})
    if not signs:
        return lambda text: text
    # One pass, the longest first: no sign is looked through for the next secret.
    pattern = re.compile("|".join(map(_pattern, sorted(signs, key=len, reverse=True))))
    return lambda text: pattern.sub(lambda found: signs[found[0]], text)


def _pattern(hidden: str) -> str:
    text = re.escape(hidden)
    return text if len(hidden) >= _SHORTEST else rf"(?<!\w){text}(?!\w)"


def _fault(text: str) -> str:
    if not text.strip():
        return "it is empty"
    if is_unset(text):
        return "it is the name of a variable that is not set"
    if not text.isascii():
        return "it holds characters that are not ASCII"
    if text != text.strip():
        return "white space or a line break stands around it"
    return "it holds white space or control characters"
