"""`plan --fail-on HAZARD`: the plan is shown and saved as ever, and ends with 3."""

import json

import pytest
from apply.world import say

from mbflow.plan.document import document_digest
from mbflow.plan.model import HazardKind

from .racing import Hand

PLAN = "plan.json"


@pytest.fixture
def mbflow(applied, service, in_process):
    """Flow a was edited by hand, b is new to this branch."""
    Hand(service).edit("A", say("A hotfix"))
    applied.write("b", say("Good day", "B"))
    return in_process(applied)


@pytest.mark.parametrize("kind", ["outside-edit", "any"])
def test_a_plan_with_the_hazard_ends_with_3(applied, mbflow, kind):
    ran = mbflow("plan", "--fail-on", kind, "--out", PLAN, "--detailed-exitcode")
    assert ran.code == 3
    assert "Plan for production" in ran.out and (applied.folder / PLAN).exists()
    assert ran.err.startswith("Saved as plan.json. To apply exactly this:\n")
    assert (
        f"Refused: The plan has hazards, and --fail-on {kind} was given.\n"
        "  update a: outside-edit: the live flow was edited outside git"
    ) in ran.err


def test_other_hazards_pass(mbflow):
    words = ("--fail-on", "protected", "--fail-on", "recreate")
    assert mbflow("plan", *words).code == 0
    assert mbflow("plan", *words, "--detailed-exitcode").code == 2


def test_one_that_is_acknowledged_stops_it_too(mbflow):
    assert mbflow("plan", "--allow", "a", "--fail-on", "outside-edit").code == 3


def test_what_apply_will_ask_for_is_told_with_it(applied, mbflow):
    for name in "bc":
        applied.remove(name)
    ran = mbflow("plan", "--fail-on", "any", "--require-applicable", "--format", "markdown")
    assert ran.code == 3
    for text in (ran.out, ran.err):
        assert "The plan has hazards, and --fail-on any was given." in text
        assert "Apply will not make these changes before more is said." in text


def test_an_unknown_hazard_is_told(mbflow):
    ran = mbflow("plan", "--fail-on", "outside")
    assert ran.code == 64
    assert 'There is no hazard "outside". Did you mean "outside-edit"?' in ran.err
    assert all(kind.value in ran.err for kind in HazardKind)


@pytest.mark.parametrize("kind", [kind.value for kind in HazardKind])
def test_each_kind_stops_a_saved_plan_that_is_shown(applied, mbflow, kind):
    mbflow("plan", "--out", PLAN)
    path = applied.folder / PLAN
    document = json.loads(path.read_text())
    (change,) = [one for one in document["changes"] if one["hazards"]]
    change["hazards"][0]["kind"] = kind
    document["digest"] = document_digest(document)
    path.write_text(json.dumps(document))
    assert mbflow("show", PLAN).code == 0
    ran = mbflow("show", PLAN, "--fail-on", kind, "--detailed-exitcode")
    assert (ran.code, f"  update a: {kind}: " in ran.err) == (3, True)
    other = "protected" if kind != "protected" else "numbers"
    assert mbflow("show", PLAN, "--fail-on", other).code == 0
