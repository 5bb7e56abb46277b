"""`plan --format markdown` as a CI job writes it: marker, links, coverage, budget."""

import json
import re

import pytest
from builders import flow, hangup, pause, say, transfer, when
from comment_page import CommentPage

from mbflow.schema.validator import is_valid

SHA = "0123456789abcdef0123456789abcdef01234567"
GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/phone"}
MARKER = "<!-- mbflow plan acme/production -->"


def menu(*keys, text="For sales, press 1."):
    ask = {"onKeypressGoto": "asked", "onKeypressVar": "choice"}
    rings = [transfer(f"3120123456{key}", conditions=[when("choice", key)]) for key in keys]
    rings[0]["id"] = "asked"
    return flow(say(text, **ask), pause(5, **ask), hangup(), *rings, hangup(), title="A")


CALLS = """\
calls:
  - name: nobody presses
    ends: hangup
  - name: sales
    does: [{press: "1"}]
    ends: {transferred: "31201234561"}
"""


@pytest.fixture
def grown(applied):
    """Flow a gets a third key; of its calls none presses it."""
    applied.write("a", menu("1", "2"))
    assert applied.run("apply", "--auto-approve")[0] == 0
    applied.write("a", menu("1", "2", "3"))
    (applied.folder / "flows/a.calls.yaml").write_text(CALLS)
    return applied


def comment(project, *words):
    code, out, err = project.run("plan", "--format", "markdown", *words)
    assert code == 0, err
    CommentPage(out)
    return out


def test_which_of_the_change_is_tested_stands_in_the_plan(grown):
    planned = comment(grown, "--out", "plan.json")
    words = (
        "3 changed branches, 0 gone through by calls in `flows/a.calls.yaml`; not: "
        "`step 2: key 3`, `step 6: answered`, `step 6: not answered`."
    )
    assert words in planned
    (grown.folder / "flows/a.calls.yaml").unlink()
    assert grown.run("show", "plan.json", "--format", "markdown")[1] == planned
    document = json.loads((grown.folder / "plan.json").read_text())
    assert is_valid("plan", document)
    assert document["changes"][0]["coverage"] == {
        "file": "flows/a.calls.yaml",
        "branches": 3,
        "missed": 3,
        "named": ["step 2: key 3", "step 6: answered", "step 6: not answered"],
    }


def test_calls_that_go_through_the_change_count(grown):
    orders = '  - name: orders\n    does: [{press: "3"}]\n    ends: {transferred: "31201234563"}\n'
    (grown.folder / "flows/a.calls.yaml").write_text(CALLS + orders)
    assert "3 changed branches, 2 gone through" in comment(grown)


def test_a_broken_call_file_stops_no_plan(grown):
    (grown.folder / "flows/a.calls.yaml").write_text("calls: [")
    assert "3 changed branches, 0 gone through" in comment(grown)


def test_a_change_without_a_call_file_says_so(grown):
    (grown.folder / "flows/a.calls.yaml").unlink()
    grown.write("new", {"title": "New", "steps": [hangup()]})
    text = comment(grown)
    assert "3 changed branches, and no call file that goes through them." in text
    assert "There is no call file for it." in text


def test_the_menu_is_drawn_with_its_keys(grown):
    text = comment(grown)
    assert '-->|"3"|' in text and '-->|"nobody presses"|' in text
    assert "transfer<br/>31201234563" in text


# Commit and links


@pytest.fixture
def event(tmp_path):
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"pull_request": {"head": {"sha": SHA}}}))
    return {"GITHUB_EVENT_PATH": str(path), "GITHUB_SHA": "f" * 40}


def set_all(monkeypatch, variables):
    for name in ("CI_PROJECT_URL", "CI_COMMIT_SHA", "GITHUB_EVENT_PATH", "GITHUB_SHA", *GITHUB):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_files_are_links_to_the_head_of_a_pull_request(grown, monkeypatch, event):
    set_all(monkeypatch, {**GITHUB, **event})
    text = comment(grown, "--out", "plan.json")
    blob = f"https://github.com/acme/phone/blob/{SHA}"
    assert f"[`flows/a.yaml`]({blob}/flows/a.yaml)" in text
    assert f"[`flows/a.calls.yaml`]({blob}/flows/a.calls.yaml)" in text
    assert f"commit `{SHA[:10]}`" in text
    set_all(monkeypatch, {**GITHUB, "GITHUB_SHA": "e" * 40})  # of another job, on merge
    assert grown.run("show", "plan.json", "--format", "markdown")[1] == text


def test_files_are_links_at_gitlab(grown, monkeypatch):
    url = "https://gitlab.example:8443/acme/voice/phone"
    set_all(monkeypatch, {"CI_PROJECT_URL": url, "CI_COMMIT_SHA": SHA})
    assert f"[`flows/a.yaml`]({url}/-/blob/{SHA}/flows/a.yaml)" in comment(grown)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"GITHUB_SHA": SHA},
        {**GITHUB, "GITHUB_SHA": "x) [y](https://evil.example"},
        {**GITHUB, "GITHUB_REPOSITORY": "a/b) <img src=x>", "GITHUB_SHA": SHA},
        {"CI_PROJECT_URL": "javascript:alert(1)", "CI_COMMIT_SHA": SHA},
        {**GITHUB, "GITHUB_EVENT_PATH": "/dev/null"},
    ],
)
def test_without_an_address_files_are_no_links(grown, monkeypatch, variables):
    set_all(monkeypatch, variables)
    text = comment(grown)
    assert "](" not in text and "`flows/a.yaml`" in text


# Where there is no plan, and where there is little room


def test_the_comment_is_found_again_whatever_happens(grown):
    words = ("plan", "-e", "production", "--format", "markdown")
    assert comment(grown).startswith(f"{MARKER}\n")
    (grown.folder / "flows/b.yaml").write_text("steps: [{action: sya}]\n")
    code, out, _ = grown.run(*words)
    assert (code, out.partition("\n")[0]) == (1, MARKER)
    assert "no plan: 1 file has errors" in out and "`flows/b.yaml:1:" in out
    for project_file in ("project: acme\nfarms: 3\n", "project: 'acme'\nflows: [\n"):
        (grown.folder / "mbflow.yaml").write_text(project_file)
        code, out, _ = grown.run(*words)
        assert (code, out.partition("\n")[0]) == (1, MARKER)
        assert re.search(r"mbflow\.yaml:\d", out)


def test_the_environment_may_come_from_the_process(grown, monkeypatch):
    (grown.folder / "mbflow.lock.yaml").write_text("<<<<<<< ours\n")
    monkeypatch.setenv("MBFLOW_ENVIRONMENT", "production")
    assert grown.run("plan", "--format", "markdown")[1].startswith(f"{MARKER}\n")


def test_a_budget_is_kept_by_plan_show_and_refusals(grown):
    grown.write("b", flow(*[say(f"Announcement {n}.") for n in range(90)], title="B"))
    assert grown.run("plan", "--out", "plan.json")[0] == 0
    for words in (["plan"], ["show", "plan.json"]):
        _, out, _ = grown.run(*words, "--format", "markdown", "--budget", "1500")
        assert len(out) <= 1500 and "2 updates" in out
    (grown.folder / "mbflow.yaml").write_text("".join(f"wrong_{n}: 1\n" for n in range(400)))
    code, out, _ = grown.run("plan", "--format", "markdown", "--budget", "1500")
    assert code == 1 and len(out) <= 1500 and "more lines" in out
    CommentPage(out)
    assert grown.run("plan", "--budget", "999")[0] == 64
