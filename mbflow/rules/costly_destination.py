"""Transfers to premium-rate and emergency numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A transfer goes to a premium-rate number or an emergency number.

The company pays for the call, and premium-rate numbers are often used for fraud. Emergency
services cannot see where the caller is. If the transfer is intended, add an exception with the
reason.

Fails:

    title: Quiz
    steps:
      - action: transfer
        options: {destination: "449098790000"}

Passes:

    title: Desk
    steps:
      - action: transfer
        options: {destination: "447700900123"}"""

_SHORTEST = 7  # digits of an international number; emergency numbers have fewer


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).doing("transfer"):
        digits = step.raw_text("destination").lstrip("+")
        kind = _kind(digits) if digits.isascii() and digits.isdigit() else ""
        if kind:
            message = f"This is {kind} number. If it is intended, add an exception with a reason."
            yield Finding(message, step.path("options", "destination"))


def _kind(digits: str) -> str:
    if len(digits) < _SHORTEST:
        return "an emergency" if _is_emergency(digits) else ""
    premium = _premium(digits[:3])
    return "a premium-rate" if premium is not None and premium.fullmatch(digits) else ""


@cache
def _premium(start: str) -> re.Pattern[str] | None:
    """What premium-rate numbers that begin so look like; None where no country code does.

    Only the pattern that is needed: to have phonenumbers parse every number costs ten times more.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    codes = [int(start[:length]) for length in (1, 2, 3)]
    code = next((code for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), None)
    if code is None:
        return None
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    found = [PhoneMetadata.metadata_for_region_or_calling_code(code, of) for of in regions]
    rates = [metadata.premium_rate for metadata in found if metadata is not None]
    patterns = {rate.national_number_pattern or "" for rate in rates if rate is not None}
    either = "|".join(f"(?:{pattern})" for pattern in sorted(patterns - {""}))
    return re.compile(f"{code}(?:{either})") if either else None


@cache
def _is_emergency(digits: str) -> bool:
    from phonenumbers import SUPPORTED_SHORT_REGIONS, is_emergency_number

    return any(is_emergency_number(digits, region) for region in SUPPORTED_SHORT_REGIONS)
