"""What git knows: where a repository begins, which flow files existed at another commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from mbflow.errors import Error


def repository_root(folder: Path) -> Path | None:
    """The folder at or above `folder` that holds a repository. git itself is not needed."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def files_at(root: Path, reference: str, folder: str) -> list[str]:
    """Paths below `folder`, from the project's root, that existed at a commit, branch or tag.

    None at the commit of zeros, by which git names the state before a branch was first pushed.
    """
    if not reference.strip("0"):
        return []
    command = ["git", "-C", str(root), "ls-tree", "-r", "-z", "--name-only"]
    try:
        done = subprocess.run(
            [*command, "--end-of-options", reference, "--", folder],
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise Error("git cannot be run, and --base needs it.") from error
    if done.returncode != 0:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Error(
            f"git does not know the files at {reference}: {why[-1] if why else 'no reason given'}",
            "In CI, fetch the base branch first; a shallow clone does not have it.",
        )
    return [name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name]
