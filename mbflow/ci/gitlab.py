"""GitLab, as a code host: its REST API v4."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

from mbflow.api.code_host import CodeHost
from mbflow.ci.host import Merged, Place, Post, whose
from mbflow.model.flow import Body


class GitLab:
    """The project of this run; GITLAB_TOKEN is what asks: a job's own token makes no comments."""

    noun = "merge request"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._token = environ["GITLAB_TOKEN"]
        self._web = environ.get("CI_PROJECT_URL", "")
        self._project = environ.get("CI_PROJECT_ID", "")
        address = environ.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
        self._asked = CodeHost(
            address, self._token, "GITLAB_TOKEN", lambda token: {"PRIVATE-TOKEN": token}
        )
        self._user: Mapping[str, object] | None = None

    def close(self) -> None:
        self._asked.close()

    def push_settings(self) -> Mapping[str, str]:
        """A job's clone only reads. The token stands in no address and in no list of processes."""
        place = urlsplit(self._web)
        if place.scheme not in ("http", "https"):
            return {}
        login = base64.b64encode(f"oauth2:{self._token}".encode()).decode()
        address = f"{place.scheme}://{place.netloc}/"
        return {
            f"http.{address}.extraHeader": f"Authorization: Basic {login}",
            "remote.origin.pushurl": f"{self._web}.git",
        }

    def comments(self, number: int) -> Iterator[Post]:
        for note in self._asked.listed(f"{self._path}/merge_requests/{number}/notes"):
            yield self._post(note, "id", "body")

    def add_comment(self, number: int, body: str) -> None:
        self._asked.send("POST", f"{self._path}/merge_requests/{number}/notes", {"body": body})

    def edit_comment(self, number: int, post: int, body: str) -> None:
        path = f"{self._path}/merge_requests/{number}/notes/{post}"
        self._asked.send("PUT", path, {"body": body})

    def issues(self) -> Iterator[Post]:
        for issue in self._asked.listed(f"{self._path}/issues?state=opened"):
            yield self._post(issue, "iid", "description")

    def open_issue(self, title: str, body: str) -> None:
        self._asked.send("POST", f"{self._path}/issues", {"title": title, "description": body})

    def edit_issue(self, post: int, body: str) -> None:
        self._asked.send("PUT", f"{self._path}/issues/{post}", {"description": body})

    def close_issue(self, post: int) -> None:
        self._asked.send("PUT", f"{self._path}/issues/{post}", {"state_event": "close"})

    def propose(self, branch: str, target: str, title: str, body: str) -> None:
        opened = f"{self._path}/merge_requests?state=opened&source_branch={quote(branch, safe='')}"
        if not any(self._asked.listed(opened)):
            document: Body = {
                "source_branch": branch,
                "target_branch": target,
                "title": title,
                "description": body,
                "remove_source_branch": True,
            }
            self._asked.send("POST", f"{self._path}/merge_requests", document)

    def merged(self, commit: str) -> Merged | None:
        path = f"{self._path}/repository/commits/{commit}/merge_requests"
        for request in self._asked.listed(path):
            iid = request.get("iid")
            if request.get("state") == "merged" and isinstance(iid, int):
                return Merged(iid, str(request.get("sha", "")))
        return None

    def plan_of(self, request: Merged, environment: str, project: Place) -> bytes | None:
        """Of the newest pipeline of this project; a fork's pipelines are the fork's."""
        path = f"{self._path}/merge_requests/{request.number}/pipelines"
        for pipeline in self._asked.listed(path):
            if pipeline.get("sha") == request.head and self._is_here(pipeline):
                return self._plan_of(pipeline, environment, project)
        return None

    def _plan_of(self, pipeline: Body, environment: str, project: Place) -> bytes | None:
        folder = f"artifacts/{quote(project.folder)}mbflow-ci/{quote(environment, safe='')}"
        tree = project.tree.encode()
        for job in self._asked.listed(f"{self._path}/pipelines/{pipeline.get('id')}/jobs"):
            at = f"{self._path}/jobs/{job.get('id')}/{folder}"
            if job.get("artifacts_file") and self._asked.download(f"{at}/tree") == tree:
                return self._asked.download(f"{at}/plan.json")
        return None

    def _is_here(self, pipeline: Body) -> bool:
        return str(pipeline.get("project_id")) == self._project

    def has_reviewers(self, environment: str) -> bool:
        """No: the job that is approved is the one that plans."""
        return False

    @property
    def _path(self) -> str:
        return f"/projects/{quote(self._project, safe='')}"

    def _post(self, found: Body, key: str, text: str) -> Post:
        number, body, author = found.get(key), found.get(text), found.get("author")
        if self._user is None:
            self._user = whose(self._asked)
        return Post(
            number if isinstance(number, int) else 0,
            body if isinstance(body, str) else "",
            isinstance(author, dict) and author.get("id") == self._user.get("id"),
        )
