"""What plain YAML scalars mean: the YAML 1.2 core schema, and what a 1.1 reader would make of them.

`yes`, `on`, `12:30` and `1_000` are texts here, and `0612` is the number 612.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

TEXT = object()
"""The answer for a scalar that is text: its value is the text itself."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """The answer for a number that JSON cannot carry."""

    reason: str


_NULLS = ("", "~", "null", "Null", "NULL")
_TRUES = ("true", "True", "TRUE")
_FALSES = ("false", "False", "FALSE")
_MAY_BE_OTHER = frozenset("-+.0123456789~nNtTfF")
"""A plain scalar that begins otherwise is text."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 3000
"""Characters. Python refuses to write integers of more than 4,300 digits."""

_known: dict[str, object] = {
    **dict.fromkeys(_NULLS),
    **dict.fromkeys(_TRUES, True),
    **dict.fromkeys(_FALSES, False),
}
_KNOWN_AT_MOST = 50_000
_UNKNOWN = object()


def plain_value(text: str) -> object:
    """The value of a plain scalar: None, bool, int or float, or `TEXT`, or `Unusable`."""
    if text and text[0] not in _MAY_BE_OTHER:
        return TEXT
    value = _known.get(text, _UNKNOWN)
    if value is _UNKNOWN:
        value = _number(text)
        if len(text) <= 20 and len(_known) < _KNOWN_AT_MOST:
            _known[text] = value
    return value


def _number(text: str) -> object:
    if _INTEGER.fullmatch(text):
        return _whole(text, 10)
    if _OCTAL.fullmatch(text):
        return _whole(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _whole(text[2:], 16)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else Unusable("is too large for a number")
    if _NOT_FINITE.fullmatch(text):
        return Unusable("is not a number that JSON can carry")
    return TEXT


def _whole(digits: str, base: int) -> object:
    if len(digits) > _LONGEST_NUMBER:
        return Unusable(f"has more than {_LONGEST_NUMBER} digits")
    return int(digits, base)


# What YAML 1.1 (PyYAML's safe loader and many others) reads as something other than text.
_OTHER_IN_1_1 = re.compile(
    r"""[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF
    |[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?[0-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+
    |[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
    |[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9][0-9_]*([eE][-+]?[0-9]+)?
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\ \t].*)?
    |<<|=""",
    re.VERBOSE,
)


def is_text_everywhere(text: str) -> bool:
    """Whether a plain scalar is text for readers of YAML 1.1 and of YAML 1.2 alike."""
    return plain_value(text) is TEXT and not _OTHER_IN_1_1.fullmatch(text)
