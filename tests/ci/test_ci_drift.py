"""`mbflow ci drift`: one issue, opened, updated, closed."""

import pytest
from apply.world import say
from cli.racing import Hand

from .conftest import push

MARKER = "<!-- mbflow drift acme/production -->"


@pytest.fixture
def live(repository):
    """All that the files say is live, and locked."""
    for words in (("plan",), ("apply", "--lock", "none")):
        code, out, err = repository.ci(*words, "-e", "production")
        assert code == 0, out + err
    repository.commit("locked")
    return repository


def open_issues(host):
    return [one for one in host.issues if one["state"] in ("open", "opened")]


def look(repository, environ):
    code, out, err = repository.ci("drift", "-e", "production", environ=environ)
    return code, out + err


def test_an_issue_is_opened_updated_and_closed(live, service, github):
    environ = push(live, github, "", "schedule", issues="write")
    assert look(live, environ)[0] == 0
    assert github.issues == []
    hand = Hand(service)
    hand.edit("Menu", say("By hand", "Menu"))
    code, told = look(live, environ)
    assert code == 2
    assert "apply exactly" not in told and "branch is behind" not in told
    (issue,) = github.issues
    assert issue["title"] == "Call flows of production are not what git says"
    assert issue["body"].startswith(f"{MARKER}\n") and "menu" in issue["body"]
    assert "**outside-edit** `the live flow was edited outside git. This branch" in issue["body"]
    assert "`mbflow import menu" in issue["body"] and "branch is behind" not in issue["body"]
    writes = len(github.sent("POST", "PATCH"))
    assert look(live, environ)[0] == 2
    assert len(github.sent("POST", "PATCH")) == writes, "the same drift is not told again"
    hand.edit("Hello", say("By hand", "Hello"))
    assert look(live, environ)[0] == 2
    (issue,) = open_issues(github)
    assert "hello" in issue["body"] and "menu" in issue["body"]
    hand.edit("Menu", say("Press a key", "Menu"))
    hand.edit("Hello", say("Hello", "Hello"))
    assert look(live, environ)[0] == 0
    assert open_issues(github) == [] and len(github.issues) == 1
    assert service.sent("POST").count("POST /call-flows") == 2, "nothing was written"


@pytest.mark.long
def test_gitlab_has_an_issue_too(live, service, gitlab):
    environ = {**gitlab.environ(gitlab.token(api="write")), "CI_PIPELINE_SOURCE": "schedule"}
    Hand(service).edit("Menu", say("By hand", "Menu"))
    assert look(live, environ)[0] == 2
    (issue,) = gitlab.issues
    assert issue["description"].startswith(MARKER)
    Hand(service).edit("Menu", say("Press a key", "Menu"))
    assert look(live, environ)[0] == 0
    assert open_issues(gitlab) == []


@pytest.mark.long
def test_elsewhere_drift_is_a_file(live, service, github):
    Hand(service).edit("Menu", say("By hand", "Menu"))
    assert look(live, {})[0] == 2
    assert "menu" in live.file("drift.md").read_text()
    environ = push(live, github, "", "schedule", issues="read")
    code, told = look(live, environ)
    assert code == 2 and "The issue was not made" in told
    Hand(service).edit("Menu", say("Press a key", "Menu"))
    assert look(live, {})[0] == 0
    assert not live.file("drift.md").exists()


@pytest.mark.long
def test_a_failure_is_no_drift(live, github):
    environ = push(live, github, "", "schedule", issues="write")
    (live.folder / "flows" / "menu.yaml").write_text("nothing")
    assert look(live, environ)[0] == 1
    assert github.issues == []
