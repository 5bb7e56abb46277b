"""The form of a transfer's destination."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
The destination of a transfer is not a telephone number, a SIP address or a client.

The service accepts a number in international form, digits only, without a plus and without zeros
before the country code; a SIP address (`sip:…`); or a client (`client:…`).

Fails:

    title: Desk
    steps:
      - action: transfer
        options: {destination: "07700 900123"}

Passes:

    title: Desk
    steps:
      - action: transfer
        options: {destination: "447700900123"}"""

_FORMS = re.compile(r"[1-9][0-9]{6,14}|sips?:[^\s@]+@[^\s@]+|client:\S+", re.IGNORECASE)


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).doing("transfer"):
        destination = step.raw_text("destination")
        if "${" not in destination and not _FORMS.fullmatch(destination):
            yield Finding(_message(destination), step.path("options", "destination"))


def _message(destination: str) -> str:
    """The value itself is left out: it could come from a secret variable."""
    digits = re.sub(r"[\s()./+-]", "", destination)
    if not digits.isascii() or not digits.isdigit():
        return "This is not a telephone number in digits, a sip: address or a client: name."
    if destination.startswith("+") and _FORMS.fullmatch(digits):
        return "Write the number without the plus, digits only."
    if digits.startswith("00"):
        return "Write the number without the zeros before the country code."
    if digits.startswith("0"):
        return "This is a national number. Write the country code in place of the leading zero."
    if _FORMS.fullmatch(digits):
        return "Write the number in digits only, without spaces or punctuation."
    return "An international number has 7 to 15 digits, including the country code."
