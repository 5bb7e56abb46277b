"""git, asked about this checkout; where it refuses, in its own words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from mbflow.model.errors import Error

# How git tells a hook for which repository it runs. The files may be in another one; and with
# GIT_DIR alone git takes any folder for the top of the work tree.
_OF_A_HOOK = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
}
SAYS = "git says: "


class GitRefusal(Error):
    """git ran, and said no."""


def git(root: Path, *words: str) -> str:
    """What `git WORDS` writes, run in the folder.

    Raises `GitRefusal` with what git says, and `Error` where there is no git.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=_environ(),
        )
    except OSError as error:
        raise Error(f"git cannot be run: {error.strerror}. --base needs it.") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        lines = [line for line in said if line.strip()] or [f"exit code {done.returncode}"]
        raise GitRefusal(f"{SAYS}{lines[0]}", *(f"    {line.strip()}" for line in lines[1:]))
    return done.stdout.decode("utf-8", "surrogateescape")


def _environ() -> dict[str, str]:
    """Without what names another repository, and without traces among git's own words."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _OF_A_HOOK and not name.startswith("GIT_TRACE")
    }
