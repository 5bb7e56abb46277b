"""Reminds people to commit the lock: on a terminal, where git has it and it was changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mbflow.cli.next_command import say_lines
from mbflow.cli.output import is_interactive
from mbflow.project.branch import git_command
from mbflow.project.discover import repository_root
from mbflow.project.load import Checkout
from mbflow.state.lock import FILE, lock_path


@contextmanager
def remind_of_lock(checkout: Checkout) -> Iterator[None]:
    """Around what may write the lock. Without its commit, others know nothing of what was done."""
    environment = checkout.environment
    path = lock_path(checkout.root, environment.name, embedded=environment.is_embedded)
    is_in_git = not environment.is_embedded and repository_root(checkout.root) is not None
    before = _content(path) if is_in_git else b""
    yield
    if is_in_git and is_interactive() and _content(path) != before:
        say_lines(
            [
                f"{FILE} has changed. Commit it with the files that were applied:",
                git_command(checkout.root, "add", "--all", "--", checkout.project.flows, FILE),
                git_command(checkout.root, "commit"),
            ]
        )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
