"""The flow is larger than 32 KB as JSON.

An older edition of the documentation names 32 KB as the most that the service takes, a newer one
64 KB. Below 32 KB a flow is safe with both.
"""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.model.flow import Flow
from mbflow.model.problem import Problem, Severity
from mbflow.rules.body_size import LARGEST_BODY, size_of

ID = "large-body"
SEVERITY = Severity.WARNING

SAFE_BODY = 32 * 1024
"""Bytes of JSON (reference section 16: 32 KB for the flow, single source)."""


def check(flow: Flow) -> Iterator[Problem]:
    size = size_of(flow)
    if SAFE_BODY < size < LARGEST_BODY:
        message = (
            f"The flow is {size:,} bytes of JSON; some editions of the documentation allow "
            f"{SAFE_BODY:,}. Split it, for instance with a fetchCallFlow step."
        )
        yield Problem(ID, SEVERITY, message)
