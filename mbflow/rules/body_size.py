"""The largest body that the service accepts."""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterator

from mbflow.flow.steps import steps_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding
from mbflow.schema.validator import sent_body

MANUAL = """\
The flow is larger than the service accepts: 64 KB as JSON.

Split it: a `fetchCallFlow` step, or a transfer to a number with a flow of its own, continues in
another flow."""


LARGEST_BODY = 64 * 1024
"""Bytes of JSON (reference section 16)."""
_MARKER_BYTES = len(',"id":"babf8f9e-5ec0-86bf-9a87-bd4fde7c0000"')
_LONGEST_ESCAPE = 6


def check(flow: Flow) -> Iterator[Finding]:
    size = size_of(flow)
    if size >= LARGEST_BODY:
        message = (
            f"The flow is {size:,} bytes of JSON; the service accepts less than {LARGEST_BODY:,}. "
            "Split it, for instance with a fetchCallFlow step."
        )
        yield Finding(message)


def size_of(flow: Flow) -> int:
    """The flow's bytes as JSON with the markers that are sent; 0 where it is far below 32 KB.

    Two rules ask for it in turn, so the last size is kept.
    """
    if not _kept or _kept[0][0] is not flow:
        _kept[:] = [(flow, _size_of(flow))]
    return _kept[0][1]


_kept: list[tuple[Flow, int]] = []


def _size_of(flow: Flow) -> int:
    if len(marshal.dumps(flow.raw, 2)) * _LONGEST_ESCAPE < LARGEST_BODY // 2:
        return 0  # without the cost of writing JSON
    body = sent_body(flow.raw)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode("utf-8", "replace"))
    return size + sum(_MARKER_BYTES for _, step in steps_of(flow) if not step.get("id"))
