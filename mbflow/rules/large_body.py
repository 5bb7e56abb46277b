"""Bodies that older documentation does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.model.flow import Flow
from mbflow.rules.body_size import LARGEST_BODY, size_of
from mbflow.rules.rule import Finding

MANUAL = """\
The flow is larger than 32 KB as JSON.

An older edition of the documentation gives 32 KB as the largest size that the service accepts, a
newer one 64 KB. A flow below 32 KB is safe with both."""

SAFE_BODY = 32 * 1024
"""Bytes of JSON (reference section 16: 32 KB for the flow, single source)."""


def check(flow: Flow) -> Iterator[Finding]:
    size = size_of(flow)
    if SAFE_BODY < size < LARGEST_BODY:
        message = (
            f"The flow is {size:,} bytes of JSON; an older edition of the documentation "
            f"allows {SAFE_BODY:,}. Split it, for instance with a fetchCallFlow step."
        )
        yield Finding(message)
