"""Files: the whole of one, or the part that a Range header asks for. Always as an attachment."""

from __future__ import annotations

from werkzeug.http import parse_range_header

from mbflow.exchange.answers import INVALID, Answer, error
from mbflow.exchange.calling.audio import Audio
from mbflow.exchange.requests import Request


def file_answer(request: Request, name: str, body: bytes | Audio, content_type: str) -> Answer:
    """The file `name`; 206 for one range of bytes, 416 for one that lies outside of it."""
    size = len(body)
    tag = f'"{name}-{size}"'
    headers = (
        ("Content-Disposition", f'attachment; filename="{name}"'),
        ("Accept-Ranges", "bytes"),
        ("ETag", tag),
    )
    wanted = parse_range_header(request.range) if request.if_range in ("", tag) else None
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return Answer(200, body, content_type, headers)
    part = wanted.range_for_length(size)
    if part is None:
        outside = ("Content-Range", f"bytes */{size}")
        return error(416, (INVALID, f"The file has {size} bytes."), headers=(outside,))
    start, stop = part
    place = ("Content-Range", f"bytes {start}-{stop - 1}/{size}")
    return Answer(206, body[start:stop], content_type, (*headers, place))
