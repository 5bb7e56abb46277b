"""What apply will still ask for, told by the plan; and how it is acknowledged in git."""

import json
import re
import shlex

import pytest
from apply.world import say

from .racing import Hand

PLAN = "plan.json"
NUMBER = "31201234567"


@pytest.fixture
def hazardous(applied, service, in_process):
    """Flow b, which a number leads to, has lost its file."""
    Hand(service).assign("B", NUMBER)
    applied.remove("b")
    return applied, in_process(applied)


def acknowledgement(err):
    """The line for `mbflow.yaml`."""
    (line,) = re.findall(r"^ +acknowledged: (.*)$", err, re.MULTILINE)
    return json.loads(line)


def test_a_plan_that_can_be_applied_is_green(applied, in_process):
    applied.write("a", say("Good day", "A"))
    assert in_process(applied)("plan", "--require-applicable").code == 0


def test_a_plan_that_cannot_be_applied_says_all_that_is_missing(hazardous):
    project, mbflow = hazardous
    project.remove("a")
    assert mbflow("plan").code == 0
    ran = mbflow("plan", "--require-applicable", "--detailed-exitcode", "--out", PLAN)
    assert ran.code == 3
    key = acknowledgement(ran.err)["b"]["numbers"]
    whole = "mbflow apply plan.json --allow b --allow-deletes 2"
    assert ran.err == (
        "Saved as plan.json. To apply exactly this, with its hazards (!):\n"
        f"    {whole}\n"
        "Refused: Apply will not make these changes before more is said.\n"
        f"  delete b: numbers: 1 number would lead nowhere: {NUMBER}\n"
        "      --allow b\n"
        "  The plan deletes 2 of 3 flows of this project: a, b. Confirm the number, or list the "
        "names under `removed:` in mbflow.yaml and plan again.\n"
        "      --allow-deletes 2\n"
        "  Or acknowledge it in git: in mbflow.yaml, below the environment production:\n"
        f'      acknowledged: {{"b": {{"numbers": "{key}"}}}}\n'
        "  The whole command:\n"
        f"      {whole}\n"
    )
    assert mbflow(*shlex.split(whole)[1:]).code == 0


def test_a_comment_says_it_too(hazardous):
    _, mbflow = hazardous
    ran = mbflow("plan", "--require-applicable", "--format", "markdown")
    assert ran.code == 3
    plan, _, refusal = ran.out.partition("#### Refused: `Apply will not make these changes")
    assert plan.startswith("<!-- mbflow plan acme/production -->\n\n### mbflow plan: `production`")
    assert '    acknowledged: {"b": {"numbers": "' in refusal


def test_what_is_acknowledged_in_git_is_applied(hazardous, service):
    project, mbflow = hazardous
    stated = acknowledgement(mbflow("plan", "--require-applicable").err)
    project.save(acknowledged=stated)
    document = json.loads((project.folder / "mbflow.yaml").read_text())
    (project.folder / "mbflow.yaml").write_text(json.dumps({**document, "removed": ["b"]}))
    ran = mbflow("plan", "--require-applicable", "--out", PLAN)
    assert ran.code == 0, ran.err
    assert "! numbers: acknowledged in mbflow.yaml; 1 number would lead nowhere" in ran.out
    assert mbflow("apply", "--auto-approve").code == 3, "nobody looked at a plan"
    assert mbflow("apply", PLAN).code == 0
    assert service.titles() == ["A", "C"]
    assert "mbflow.yaml acknowledges numbers of b, and there is no such hazard: remove it" in (
        " ".join(mbflow("plan").out.split())
    )


def test_an_acknowledgement_is_of_what_was_looked_at(hazardous, service):
    """Another number, or another body, has to be looked at again; so has another kind."""
    project, mbflow = hazardous
    stated = acknowledgement(mbflow("plan", "--require-applicable").err)
    project.save(acknowledged=stated)
    Hand(service).assign("B", "31201234568")
    ran = mbflow("plan", "--require-applicable")
    assert ran.code == 3
    assert acknowledgement(ran.err) != stated
    assert "it is not what it was then: look at it again" in " ".join(ran.out.split())
    project.save(acknowledged={"b": {"default": acknowledgement(ran.err)["b"]["numbers"]}})
    assert mbflow("plan", "--require-applicable").code == 3


def test_git_may_acknowledge_what_a_plan_was_made_without(hazardous, service):
    project, mbflow = hazardous
    ran = mbflow("plan", "--require-applicable", "--out", PLAN)
    project.save(acknowledged=acknowledgement(ran.err))
    assert mbflow("apply", PLAN).code == 0
    assert service.titles() == ["A", "C"]


def test_a_way_back_leaves_a_protected_flow_protected(applied, in_process, service):
    """Also where its file is gone, so that only the lock says so."""
    mbflow = in_process(applied)
    applied.write("b", {**say("Hello", "B"), "mbflow": {"protect": True}})
    assert mbflow("apply", "--auto-approve").code == 0
    applied.remove("b")
    assert mbflow("plan", "--out", PLAN).code == 0
    assert mbflow("rollback", PLAN, "--auto-approve").code == 0
    ran = mbflow("apply", PLAN)
    assert (ran.code, "B" in service.titles()) == (3, True)
    assert "! protected" in mbflow("plan").out


@pytest.mark.parametrize("source", ["last", PLAN, "results.jsonl"])
def test_a_protected_flow_comes_back_protected(applied, in_process, service, source):
    """In the lock at once: its file is still gone, and the next apply would delete it again."""
    mbflow = in_process(applied)
    applied.write("b", {**say("Hello", "B"), "mbflow": {"protect": True}})
    assert mbflow("apply", "--auto-approve").code == 0
    applied.remove("b")
    assert mbflow("plan", "--out", PLAN).code == 0
    deleted = mbflow("apply", PLAN, "--allow", "b", "--results", "results.jsonl")
    assert (deleted.code, service.titles()) == (0, ["A", "C"])
    assert "protect" not in applied.lock
    assert mbflow("rollback", source, "--auto-approve").code == 0
    (line,) = [line for line in applied.lock.splitlines() if line.startswith("    b: ")]
    assert line.endswith(", protect: true}")
    assert mbflow("plan", "--out", PLAN).code == 0
    assert mbflow("apply", PLAN).code == 3


def test_the_line_keeps_what_is_acknowledged_already(hazardous, service):
    project, mbflow = hazardous
    stated = acknowledgement(mbflow("plan", "--require-applicable").err)
    project.save(acknowledged=stated)
    Hand(service).assign("A", "31201234568")
    project.remove("a")
    both = acknowledgement(mbflow("plan", "--require-applicable").err)
    assert both == {**stated, "a": {"numbers": both["a"]["numbers"]}}


def test_a_number_after_the_plan_still_stops_the_delete(hazardous, service):
    project, mbflow = hazardous
    project.save(acknowledged=acknowledgement(mbflow("plan", "--require-applicable").err))
    assert mbflow("plan", "--out", PLAN).code == 0
    Hand(service).assign("B", "31201234568")
    assert mbflow("apply", PLAN, "--allow-deletes", "1").code == 3
    assert "B" in service.titles()


@pytest.mark.parametrize(
    "stated", [{"b": {"numbers": True}}, {"b": {"numbers": "all"}}, {"b": {"recreate": "0" * 16}}]
)
def test_an_acknowledgement_of_everything_is_none(applied, in_process, stated):
    applied.save(acknowledged=stated)
    ran = in_process(applied)("plan")
    assert ran.code == 1
    assert "mbflow.yaml" in ran.err


# Where no plan is made, a comment says why


def test_a_refused_plan_is_told_in_a_comment(applied, in_process):
    (applied.folder / "mbflow.lock.yaml").write_text("<<<<<<< ours\n")
    ran = in_process(applied)("plan", "--format", "markdown")
    assert ran.code == 3
    first, head, *_ = filter(None, ran.out.splitlines())
    assert first == "<!-- mbflow plan acme/production -->"
    assert head.startswith(
        "### mbflow plan: `production` · no plan: `mbflow.lock.yaml:1: the lock cannot be read"
    )
    assert "git checkout HEAD -- mbflow.lock.yaml" in ran.out


def test_a_missing_key_is_told_in_a_comment(applied, in_process, monkeypatch):
    monkeypatch.delenv("MESSAGEBIRD_ACCESS_KEY")
    ran = in_process(applied)("plan", "--format=markdown")
    # Once in the sentence, and in each of the two commands that set it.
    assert (ran.code, ran.out.count("MESSAGEBIRD_ACCESS_KEY")) == (1, 3)


def test_a_wrong_project_file_is_told_in_a_comment(applied, in_process):
    (applied.folder / "mbflow.yaml").write_text("projekt: acme\n")
    ran = in_process(applied)("plan", "--format", "markdown")
    assert ran.code == 1
    assert "mbflow.yaml" in ran.out
    assert "projekt" in ran.out


def test_a_comment_about_many_problems_counts_what_is_cut(applied, in_process):
    names = "\n".join(f"wrong_{n}: 1" for n in range(500))
    (applied.folder / "mbflow.yaml").write_text(f"{names}\n")
    out = in_process(applied)("plan", "--format", "markdown").out
    assert len(out) < 60_000
    assert re.search(r"… and [1-9][0-9]* lines more", out)
