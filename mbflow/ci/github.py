"""GitHub, as a code host: its REST API of 2022-11-28, which GitHub Enterprise Server has too."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from mbflow.api.code_host import CodeHost
from mbflow.api.errors import Rejected
from mbflow.ci.host import Merged, Place, Post, whose
from mbflow.model.flow import Body, Json


class GitHub:
    """The repository of this run; GITHUB_TOKEN is what asks."""

    noun = "pull request"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._repository = environ.get("GITHUB_REPOSITORY", "")
        self._asked = CodeHost(
            environ.get("GITHUB_API_URL") or "https://api.github.com",
            environ["GITHUB_TOKEN"],
            "GITHUB_TOKEN",
            _headers,
        )
        self._user: Mapping[str, object] | None = None

    def close(self) -> None:
        self._asked.close()

    def push_settings(self) -> Mapping[str, str]:
        """None: actions/checkout leaves them in the clone."""
        return {}

    def comments(self, number: int) -> Iterator[Post]:
        for comment in self._asked.listed(f"{self._path}/issues/{number}/comments"):
            yield self._post(comment, "id")

    def add_comment(self, number: int, body: str) -> None:
        self._asked.send("POST", f"{self._path}/issues/{number}/comments", {"body": body})

    def edit_comment(self, number: int, post: int, body: str) -> None:
        self._asked.send("PATCH", f"{self._path}/issues/comments/{post}", {"body": body})

    def issues(self) -> Iterator[Post]:
        for issue in self._asked.listed(f"{self._path}/issues?state=open"):
            if "pull_request" not in issue:
                yield self._post(issue, "number")

    def open_issue(self, title: str, body: str) -> None:
        self._asked.send("POST", f"{self._path}/issues", {"title": title, "body": body})

    def edit_issue(self, post: int, body: str) -> None:
        self._asked.send("PATCH", f"{self._path}/issues/{post}", {"body": body})

    def close_issue(self, post: int) -> None:
        document: Body = {"state": "closed", "state_reason": "completed"}
        self._asked.send("PATCH", f"{self._path}/issues/{post}", document)

    def propose(self, branch: str, target: str, title: str, body: str) -> None:
        head = quote(f"{self._repository.partition('/')[0]}:{branch}")
        if not any(self._asked.listed(f"{self._path}/pulls?state=open&head={head}")):
            document: Body = {"title": title, "head": branch, "base": target, "body": body}
            self._asked.send("POST", f"{self._path}/pulls", document)

    def merged(self, commit: str) -> Merged | None:
        for pull in self._asked.listed(f"{self._path}/commits/{commit}/pulls"):
            number, head = pull.get("number"), pull.get("head")
            if pull.get("merged_at") and isinstance(number, int) and isinstance(head, dict):
                return Merged(number, str(head.get("sha", "")))
        return None

    def plan_of(self, request: Merged, environment: str, project: Place) -> bytes | None:
        """Only from a run of this repository: a fork's run keeps what it likes under any name."""
        name = artifact_name(environment, project.tree)
        path = f"{self._path}/actions/artifacts"
        for artifact in self._asked.listed(f"{path}?name={quote(name)}", "artifacts"):
            run = artifact.get("workflow_run")
            is_ours = (
                isinstance(run, dict)
                and run.get("head_repository_id") == run.get("repository_id")
                and run.get("head_sha") == request.head
            )
            if is_ours and artifact.get("name") == name and artifact.get("expired") is not True:
                archive = self._asked.download(f"{path}/{artifact.get('id')}/zip")
                return archive and _file_in(archive, f"{environment}/plan.json")
        return None

    def has_reviewers(self, environment: str) -> bool:
        try:
            found = self._asked.get(f"{self._path}/environments/{quote(environment, safe='')}")
        except Rejected:
            return False
        rules = found.get("protection_rules") if isinstance(found, dict) else None
        every = rules if isinstance(rules, list) else []
        kinds = [rule.get("type") for rule in every if isinstance(rule, dict)]
        return "required_reviewers" in kinds

    @property
    def _path(self) -> str:
        return f"/repos/{self._repository}"

    def _post(self, found: Body, key: str) -> Post:
        number, body = found.get(key), found.get("body")
        user = found.get("user")
        return Post(
            number if isinstance(number, int) else 0,
            body if isinstance(body, str) else "",
            isinstance(user, dict) and self._is_own(user),
        )

    def _is_own(self, user: Mapping[str, Json]) -> bool:
        """An app may not ask who it is: then any bot is taken, and nobody can write as one."""
        if self._user is None:
            self._user = whose(self._asked)
        if "login" in self._user:
            return user.get("login") == self._user["login"]
        return user.get("type") == "Bot"


def artifact_name(environment: str, tree: str) -> str:
    """What a job keeps its folder as: the name tells for which files the plan is."""
    return f"mbflow-plan-{re.sub('[^A-Za-z0-9_.-]', '-', environment)}-{tree}"


def _headers(token: str) -> dict[str, str]:
    return {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token}",
        "X-GitHub-Api-Version": "2022-11-28",
    }


_LARGEST = 64 * 1024 * 1024
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)


def _file_in(archive: bytes, name: str) -> bytes | None:
    """One file of a ZIP archive; None where it is none, or has no such file of a sane size."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            return files.read(name) if files.getinfo(name).file_size <= _LARGEST else None
    except (*_UNREADABLE, KeyError, NotImplementedError, RuntimeError, ValueError):
        return None
