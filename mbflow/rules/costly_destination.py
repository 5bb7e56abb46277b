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

# A number that begins otherwise costs no premium rate, and phonenumbers, a seventh of the time that
# a check of one file takes, is not loaded for it. A test holds this to what phonenumbers knows.
_PREMIUM = (
    " 12 13 19 78 209 278 279 309 319 327 329 338 348 369 390 391 398 409 419 438 439 448 449"
    " 459 466 469 478 487 491 499 518 529 546 555 559 571 579 589 601 611 628 641 645 649 651"
    " 661 819 826 841 861 908 909 911 929 2128 2138 2168 2218 2270 2303 2313 2368 2409 2428 2488"
    " 2509 2549 2559 2569 2628 2648 2679 2689 2698 2979 2989 3516 3517 3529 3531 3549 3559 3565"
    " 3579 3586 3587 3599 3709 3719 3724 3729 3739 3749 3758 3759 3761 3769 3787 3809 3817 3819"
    " 3829 3839 3856 3868 3869 3879 3895 4209 4219 4239 5021 5039 5069 5078 5079 5088 5908 5929"
    " 5948 5968 5979 5989 6709 6873 8529 8551 8862 9609 9619 9629 9669 9689 9719 9721 9738 9739"
    " 9791 9793 9795 9799 9949 "
)
_PREMIUM_STARTS = frozenset(_PREMIUM.split())

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
    if _PREMIUM_STARTS.isdisjoint((digits[:2], digits[:3], digits[:4])):
        return ""
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
