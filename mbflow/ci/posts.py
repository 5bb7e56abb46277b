"""One comment, one issue: found by its hidden first line, made, updated, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mbflow.api.errors import OutcomeUnknown
from mbflow.ci.host import Host, Post

_TRIES = 3


def keep_comment(host: Host, number: int, marker: str, body: str) -> None:
    """The one comment with this marker says this."""
    _keep(
        lambda: host.comments(number),
        marker,
        body,
        lambda text: host.add_comment(number, text),
        lambda post, text: host.edit_comment(number, post, text),
    )


def keep_issue(host: Host, marker: str, title: str, body: str) -> None:
    """The one open issue with this marker says this."""
    _keep(host.issues, marker, body, lambda text: host.open_issue(title, text), host.edit_issue)


def close_issue(host: Host, marker: str) -> bool:
    """Close it, if there is one."""
    post = _found(host.issues(), marker)
    if post is not None:
        host.close_issue(post.id)
    return post is not None


def _keep(
    posts: Callable[[], Iterable[Post]],
    marker: str,
    body: str,
    add: Callable[[str], None],
    edit: Callable[[int, str], None],
) -> None:
    """Looked up again after each write of which nobody knows: it may be there by now."""
    text = with_marker(marker, body)
    for left in reversed(range(_TRIES)):
        post = _found(posts(), marker)
        try:
            if post is None:
                return add(text)
            if _plain(post.body) != _plain(text):
                edit(post.id, text)
            return None
        except OutcomeUnknown:
            if not left:
                raise
    return None


def _found(posts: Iterable[Post], marker: str) -> Post | None:
    return next((one for one in posts if one.is_ours and _first_line(one.body) == marker), None)


def with_marker(marker: str, text: str) -> str:
    """The text below this marker, which takes the place of the one that it begins with."""
    if _first_line(text).startswith("<!-- mbflow "):
        text = text.lstrip().partition("\n")[2]
    return f"{marker}\n{text}"


def _first_line(text: str) -> str:
    return text.lstrip().partition("\n")[0].strip()


def _plain(text: str) -> str:
    """Code hosts may take CRLF for LF, and blanks from the ends."""
    return text.replace("\r\n", "\n").strip()
