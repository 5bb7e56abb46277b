"""A repository with flows, an account behind a port, and code hosts that it is hosted by."""

import json
import os
import subprocess

import pytest
from apply.world import say
from cli.conftest import (  # noqa: F401
    KEY,
    Project,
    gates,
    make_service,
    no_process_stays,
    run_here,
    service,
    short_retries,
)

from .code_hosts import GitHub, GitLab

CALLS = """\
calls:
  - name: somebody calls
    hears: ["{heard}"]
    ends: hangup
"""


def git(folder, *words):
    names = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    command = ["git", "-C", str(folder), *names, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Repository(Project):
    """A clone with flow files, and `origin`, a bare repository that it pushes to."""

    def __init__(self, folder, url):
        super().__init__(folder / "work", url, settle_seconds=0)
        self.origin = folder / "origin.git"
        git(folder, "init", "-q", "--bare", "--initial-branch", "main", str(self.origin))
        git(self.folder, "init", "-q", "--initial-branch", "main")
        git(self.folder, "remote", "add", "origin", f"file://{self.origin}")
        (self.folder / ".gitignore").write_text(".mbflow/\nmbflow-ci/\n")
        self.write("hello", say("Hello", "Hello"))
        self.write("menu", say("Press a key", "Menu"))
        self.commit("first")

    def commit(self, message, *, branch="main"):
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", message)
        git(self.folder, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
        return git(self.folder, "rev-parse", "HEAD")

    def calls(self, name, heard):
        text = CALLS.format(heard=heard)
        (self.folder / "flows" / f"{name}.calls.yaml").write_text(text)

    def ci(self, *words, environ=(), key=KEY):
        """`code, out, err` of `mbflow ci …` in the clone; of the CI system only what is given."""
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.folder.parent), "NO_COLOR": "1"}
        keys = {"MESSAGEBIRD_ACCESS_KEY": key} if key else {}
        return run_here(["ci", *words], self.folder, {**kept, **keys, **dict(environ)})

    def tree(self):
        return git(self.folder, "rev-parse", "HEAD:./")

    def file(self, name):
        return self.folder / "mbflow-ci" / "production" / name

    def plan_document(self):
        return json.loads(self.file("plan.json").read_text())

    def at_origin(self, path="mbflow.lock.yaml", branch="main"):
        return git(self.origin, "show", f"{branch}:{path}")


@pytest.fixture
def repository(tmp_path, service):  # noqa: F811
    return Repository(tmp_path, service.url)


@pytest.fixture
def github():
    host = GitHub()
    yield host
    host.close()


@pytest.fixture
def gitlab():
    host = GitLab()
    yield host
    host.close()


def event_file(repository, document):
    path = repository.folder.parent / "event.json"
    path.write_text(json.dumps(document))
    return str(path)


def pull_request(repository, github, base, *, number=12, fork=False, **permissions):
    """The variables of a run for a pull request."""
    head = "mallory/phone" if fork else github.repository
    pull = {
        "number": number,
        "base": {"sha": base, "ref": "main"},
        "head": {"repo": {"full_name": head}},
    }
    summary = repository.folder.parent / "summary.md"
    return {
        **github.environ(github.token(**permissions)),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": event_file(repository, {"number": number, "pull_request": pull}),
        "GITHUB_SHA": git(repository.folder, "rev-parse", "HEAD"),
        "GITHUB_REF_NAME": f"{number}/merge",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_OUTPUT": str(repository.folder.parent / "output"),
    }


def push(repository, github, before, event="push", **permissions):
    """The variables of a run for what was merged, or was started by hand or by a clock."""
    return {
        **pull_request(repository, github, before, **permissions),
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": event_file(repository, {"before": before}),
        "GITHUB_REF_NAME": "main",
    }


WRITES = {"pull_requests": "write"}
