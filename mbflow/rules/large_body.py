"""Bodies that older documentation does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.model.flow import Flow
from mbflow.rules.body_size import LARGEST_BODY, size_of
from mbflow.rules.rule import Finding

MANUAL = """\
The flow is larger than 32 KB as JSON.

An older edition of the documentation names 32 KB as the most that the service takes, a newer one
64 KB. Below 32 KB a flow is safe with both."""

SAFE_BODY = 32 * 1024
"""Bytes of JSON (reference section 16: 32 KB for the flow, single source)."""


def check(flow: Flow) -> Iterator[Finding]:
    size = size_of(flow)
    if SAFE_BODY < size < LARGEST_BODY:
        message = (
            f"The flow is {size:,} bytes of JSON; some editions of the documentation allow "
            f"{SAFE_BODY:,}. Split it, for instance with a fetchCallFlow step."
        )
        yield Finding(message)
