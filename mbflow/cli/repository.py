"""What a CI system tells of the repository by its process variables: the commit, and its files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SERVER = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
_LARGEST_EVENT = 10_000_000
"""Bytes."""


def planned_commit(environ: Mapping[str, str]) -> str:
    """The commit that people know: of a pull request its head, and not the merge that is tried.

    Empty where no CI system tells it.
    """
    found = environ.get("CI_COMMIT_SHA") or _head_of_pull_request(environ)
    commit = found or environ.get("GITHUB_SHA", "")
    return commit if _COMMIT.fullmatch(commit) else ""


def files_address(commit: str, root: str, environ: Mapping[str, str]) -> str:
    """Where the files of a project can be read at a commit; `root` is its place in the repository.

    Empty where that is not known: links that are relative do not work in comments.
    """
    if not commit:
        return ""
    if environ.get("CI_PROJECT_URL"):
        address = f"{environ['CI_PROJECT_URL']}/-/blob/{commit}"
    elif environ.get("GITHUB_SERVER_URL") and environ.get("GITHUB_REPOSITORY"):
        repository = f"{environ['GITHUB_SERVER_URL']}/{environ['GITHUB_REPOSITORY']}"
        address = f"{repository}/blob/{commit}"
    else:
        return ""
    return f"{address}/{quote(root)}" if _SERVER.fullmatch(address) else ""


def _head_of_pull_request(environ: Mapping[str, str]) -> str:
    """From the event that GitHub leaves in a file; empty where it is about no pull request."""
    try:
        path = Path(environ["GITHUB_EVENT_PATH"])
        if path.stat().st_size > _LARGEST_EVENT:
            return ""
        return str(json.loads(path.read_bytes())["pull_request"]["head"]["sha"])
    except (KeyError, TypeError, OSError, ValueError):
        return ""
