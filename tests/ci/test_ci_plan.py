"""`mbflow ci plan`, as the job of a pull request or merge request."""

import json
import re
from contextlib import nullcontext

import pytest
from apply.world import say
from cli.conftest import KEY

from mbflow.ci.event import read_event
from mbflow.cli.verbs.ci import _Verbs
from mbflow.model.errors import Error

from .conftest import WRITES, git, pull_request

MARKER = "<!-- mbflow plan acme/production -->"


def outputs(repository):
    lines = (repository.folder.parent / "output").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_one_comment_is_made_and_then_updated(repository, github):
    base = repository.commit("base")
    for number in range(150):
        github.comment(12, f"{MARKER}\nnot ours {number}")
    for text in ("One", "Two", "Three"):
        repository.write("hello", say(text, "Hello"))
        repository.commit(text, branch="topic")
        environ = pull_request(repository, github, base, **WRITES)
        code, out, err = repository.ci("plan", "-e", "production", environ=environ)
        assert code == 0, out + err
        (comment,) = github.comments(12)
        assert comment.startswith(f"{MARKER}\n")
        assert "hello" in comment and "2 creates" in comment
    assert len(github.sent("POST")) == 1
    assert github.comments(12) == [repository.file("comment.md").read_text()]
    assert repository.file("plan.html").read_text().startswith("<!")
    assert outputs(repository)["changes"] == "2"
    assert outputs(repository)["exit-code"] == "0"
    assert outputs(repository)["artifact"] == f"mbflow-plan-production-{repository.tree()}"
    assert "2 creates" in (repository.folder.parent / "summary.md").read_text()
    assert repository.plan_document()["options"]["base"] == "origin/main"
    assert repository.environment["endpoint"] in comment
    kept = [file.read_text() for file in repository.file("").rglob("*") if file.is_file()]
    for secret in (environ["GITHUB_TOKEN"], KEY):
        assert not any(secret in text for text in (out, err, comment, *kept))


def test_who_may_not_comment_gets_a_note(repository, github):
    environ = pull_request(repository, github, repository.commit("base"), pull_requests="read")
    code, out, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert "Note: The comment was not made: GITHUB_TOKEN may not do this (403)" in err
    assert "The comment was not made" in (repository.folder.parent / "summary.md").read_text()
    assert environ["GITHUB_TOKEN"] not in out + err


def test_a_fork_is_tested_and_not_planned(repository, github):
    base = repository.commit("base")
    environ = pull_request(repository, github, base, fork=True, pull_requests="read")
    code, out, err = repository.ci("plan", "-e", "production", environ=environ, key="")
    assert code == 0, out + err
    assert "a fork's job has no access key" in err
    assert not repository.file("plan.json").exists()
    repository.calls("hello", "Goodbye")
    code, _, _ = repository.ci("plan", "-e", "production", environ=environ, key="")
    assert code == 1
    (repository.folder / "mbflow.yaml").write_text("project: acme\nenvironments: [\n")
    code, out, _ = repository.ci("plan", "-e", "production", environ=environ, key="")
    assert code == 1 and "file=mbflow.yaml" in out


def test_problems_are_red_annotated_and_in_the_comment(repository, github):
    old = repository.folder / "flows" / "old.yaml"
    old.write_text("title: Old\nsteps: [{action: hangup}, {action: hangup}]\n")
    base = repository.commit("base")
    environ = pull_request(repository, github, base, **WRITES)
    (repository.folder / "flows" / "menu.yaml").write_text("title: Menu\nsteps: [{action: sing}]\n")
    code, out, _ = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 1
    assert "\n::error col=" in out and "file=flows/menu.yaml" in out
    assert "::warning" not in out and "\n::notice title=mbflow::Not shown: 1 warning about" in out
    old.unlink()
    assert not repository.file("plan.json").exists()
    (comment,) = github.comments(12)
    assert comment.startswith(MARKER) and "sing" in comment
    project = repository.folder / "mbflow.yaml"
    whole = project.read_text()
    project.write_text("project: acme\nenvironments: [\n")
    code, out, _ = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 1
    assert "file=mbflow.yaml" in out
    (comment,) = github.comments(12)
    assert "mbflow.yaml" in comment
    project.write_text(whole)
    repository.write("menu", say("Press", "Menu"))
    assert repository.ci("plan", "-e", "production", environ=environ)[0] == 0
    (comment,) = github.comments(12)
    assert comment.startswith(MARKER) and "2 creates" in comment


def test_failed_calls_are_red_and_the_plan_is_there(repository, github):
    repository.calls("hello", "Goodbye")
    environ = pull_request(repository, github, repository.commit("base"), **WRITES)
    code, out, _ = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 1
    assert re.search(r"^::error (col=\d+,)?file=flows/hello\.calls\.yaml,line=", out, re.MULTILINE)
    (comment,) = github.comments(12)
    assert "mbflow test failed" in comment and "somebody calls" in comment
    assert "2 creates" in comment
    assert repository.file("plan.json").exists()


@pytest.mark.long
def test_a_fault_of_the_code_host_makes_no_second_comment(repository, github):
    environ = pull_request(repository, github, repository.commit("base"), **WRITES)
    github.faults = [-502, 503]
    code, out, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert len(github.comments(12)) == 1
    github.faults = [503, 503, 503]
    repository.write("hello", say("Anew", "Hello"))
    code, _, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 0
    assert "Note: The comment was not made" in err


def test_texts_of_flows_are_no_workflow_commands(repository, github):
    repository.write("hello", say("::set-output name=x::y\n::add-path::/evil", "::error::Hello"))
    environ = pull_request(repository, github, repository.commit("base"), **WRITES)
    code, out, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 0, out + err
    stopped = None
    for line in map(str.strip, (out + err).splitlines()):
        if line.startswith("::stop-commands::"):
            stopped = line.removeprefix("::stop-commands::")
        elif stopped is not None:
            stopped = None if line == f"::{stopped}::" else stopped
        else:
            assert not line.startswith("::") or line.startswith(("::warning ", "::error "))


def test_the_base_is_what_github_merged_with(repository, github):
    """The event names where main was when the request was made; HEAD has what came since."""
    old = repository.commit("base")
    git(repository.folder, "checkout", "-q", "-b", "request")
    repository.write("menu", say("Shorter", "Menu"))
    repository.commit("shorter", branch="request")
    git(repository.folder, "checkout", "-q", "main")
    repository.write("hello", say("Newer", "Hello"))
    new = repository.commit("newer")
    git(repository.folder, "merge", "-q", "--no-ff", "-m", "trial", "request")
    environ = pull_request(repository, github, old, **WRITES)
    code, out, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 0, out + err
    plan = repository.plan_document()
    assert plan["options"]["base"] == new
    causes = {one["flow"]: one["cause"] for one in plan["changes"]}
    assert causes == {"hello": "pending", "menu": "branch"}
    git(repository.folder, "checkout", "-q", "request")  # as who checks out the head itself
    assert repository.ci("plan", "-e", "production", environ=environ)[0] == 0
    assert repository.plan_document()["options"]["base"] == "origin/main"


@pytest.mark.parametrize(
    "text", ["", pytest.param("[" * 100_000, id="deep"), "[]", '{"pull_request": [1]}', "7"]
)
def test_an_event_that_is_none_is_no_crash(tmp_path, text):
    path = tmp_path / "event.json"
    path.write_text(text)
    names = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)}
    with pytest.raises(Error) if text in ("", "[" * 100_000) else nullcontext():
        event = read_event({**names, "GITHUB_EVENT_NAME": "pull_request"})
        assert event.number is None and event.is_without_secrets


def test_what_is_said_is_no_workflow_command(capsys):
    """GitHub's runner takes `##[` for a command wherever it stands in a line."""
    _Verbs(on_github=True).say("Not applied: ##[set-output name=commit]x")
    start, text, end = capsys.readouterr().err.splitlines()
    assert text.startswith("Not applied")
    assert end == f"::{start.removeprefix('::stop-commands::')}::"


def test_pull_request_target_is_refused(repository, github):
    environ = pull_request(repository, github, repository.commit("base"), **WRITES)
    environ["GITHUB_EVENT_NAME"] = "pull_request_target"
    code, _, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 3
    assert "it hands secrets to pull requests of forks" in err
    assert github.requests == []


def merge_request(repository, gitlab, base, **variables):
    return {
        **gitlab.environ(gitlab.token(api="write")),
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "3",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_COMMIT_SHA": git(repository.folder, "rev-parse", "HEAD"),
        **variables,
    }


def test_a_merge_request_has_one_note_and_a_quality_report(repository, gitlab):
    base = repository.commit("base")
    for _ in range(150):
        gitlab.comment(3, f"{MARKER}\nnot ours")
    (repository.folder / "flows" / "menu.yaml").write_text(
        "title: Menu\nsteps:\n  - {action: hangup}\n  - {action: hangup}\n"
    )
    for _ in range(2):
        environ = merge_request(repository, gitlab, base)
        code, out, err = repository.ci("plan", "-e", "production", environ=environ)
        assert code == 0, out + err
        assert environ["GITLAB_TOKEN"] not in out + err
    assert len(gitlab.comments(3)) == 1
    report = json.loads((repository.folder / "mbflow-ci" / "codequality.json").read_text())
    (found,) = [one for one in report if one["check_name"] == "unreachable-step"]
    assert found["location"] == {"path": "flows/menu.yaml", "lines": {"begin": 4}}
    assert len({one["fingerprint"] for one in report}) == len(report)
    code, _, err = repository.ci(
        "plan", "-e", "production", environ={**environ, "GITLAB_TOKEN": ""}
    )
    assert code == 0
    assert "Without GITLAB_TOKEN nothing is told in GitLab" in err


def test_the_name_of_an_unset_variable_is_no_key(repository, gitlab, service):
    """GitLab leaves `$NAME` as it is where a fork has no such variable."""
    base = repository.commit("base")
    fork = merge_request(repository, gitlab, base, CI_MERGE_REQUEST_SOURCE_PROJECT_ID="43")
    key = "$MESSAGEBIRD_READ_KEY"
    code, out, err = repository.ci("plan", "-e", "production", environ=fork, key=key)
    assert code == 0, out + err
    assert "production was not planned: a fork's job has no access key" in err
    code, out, err = repository.ci("plan", "-e", "production", key=key)
    assert code == 1 and "it is the name of a variable that is not set" in out + err
    assert not service.sent("GET")


def test_without_a_code_host_files_are_written(repository):
    base = repository.commit("base")
    code, out, err = repository.ci("plan", "--base", base)
    assert code == 0, out + err
    assert "2 creates" in repository.file("plan.md").read_text()
    assert "$ mbflow plan -e production --base" in out
    assert repository.file("plan.html").exists()


@pytest.mark.long
def test_the_exit_code_is_the_worst(repository):
    assert repository.ci("plan", "-e", "nowhere")[0] == 64
    assert repository.ci("plan", "-e", "production", key="")[0] == 1
    repository.ci("plan", "-e", "production")
    assert repository.ci("apply", "-e", "production", "--lock", "none")[0] == 0
    repository.remove("hello")
    code, _, err = repository.ci("plan", "-e", "production", "--base", "HEAD~0")
    assert code in (0, 3), err
