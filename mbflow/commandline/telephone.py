"""Telephone numbers and addresses on the command line: written as people do, taken as digits."""

from __future__ import annotations

import re

import click

_ORNAMENT = re.compile(r"\(0\)|[\s().\-/]")
_ADDRESS = re.compile(r"sips?:[!-?A-~]+@[!-?A-~]+|client:[!-~]+", re.IGNORECASE)
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")


def numbers_in_digits(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """For an argument of several numbers: `+31 20 123 4567` becomes `31201234567`, each once."""
    return tuple(dict.fromkeys(_digits(text) for text in value))


def number_in_digits(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """For one number."""
    return _digits(value)


def party(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """For one number, or a SIP or client address, which passes as it is (reference 6.2)."""
    return value if _ADDRESS.fullmatch(value) else _digits(value)


def _digits(text: str) -> str:
    digits = _ORNAMENT.sub("", text).removeprefix("+").removeprefix("00")
    if not _DIGITS.fullmatch(digits) or not _is_possible(digits):
        raise click.BadParameter(
            f"{text} is not a telephone number in full, with its country: +31201234567"
        )
    return digits


def _is_possible(digits: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False
