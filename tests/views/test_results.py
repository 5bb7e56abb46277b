"""What became of the changes, in words and as a document."""

import json

import pytest
from builders import flow, plan_of, say

from mbflow.apply.result import ChangeResult, KnownReason, Status, result_json
from mbflow.cli.next_command import render
from mbflow.plan.document import plan_json
from mbflow.plan.model import Change, ChangeKind, Hazard, HazardKind
from mbflow.views.results import cut_off_lines, outcome_line, results_json, results_lines
from mbflow.views.text import Style, json_text

BEFORE = flow(say("Hello."), title="Menu")
UPDATE = Change("menu", ChangeKind.UPDATE, "id-1", "Menu", before=BEFORE)
CREATE = Change("new", ChangeKind.CREATE, title="New")
AGAIN = Change("again", ChangeKind.CREATE, hazards=(Hazard(HazardKind.RECREATE, "it is gone"),))
PLAN = plan_of(UPDATE, CREATE)
PLACE = "production (https://voice.example.com)"
NEW_LINE = "\n"


def results_text(plan, outcomes):
    return "\n".join(render(results_lines(plan, outcomes), {}))


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (ChangeResult(UPDATE, Status.DONE, id="id-1"), "done     update  menu  id-1"),
        (
            ChangeResult(CREATE, Status.FAILED, "422: title is too long"),
            "failed   create  new\n         422: title is too long",
        ),
        (
            ChangeResult(UPDATE, Status.UNKNOWN, "the answer was lost", id="id-1"),
            "unknown  update  menu  id-1\n         the answer was lost",
        ),
        (
            ChangeResult(UPDATE, Status.SKIPPED, "it stays the default", id="id-1"),
            "skipped  update  menu  id-1\n         it stays the default",
        ),
        (
            ChangeResult(UPDATE, Status.SKIPPED, KnownReason.NOT_BEGUN, id="id-1"),
            "not begun  update  menu  id-1",
        ),
        (
            ChangeResult(UPDATE, Status.UNKNOWN, KnownReason.UNCHECKED, id="id-1"),
            "written    update  menu  id-1",
        ),
    ],
)
def test_one_outcome(outcome, line):
    assert outcome_line(outcome) == line


@pytest.mark.parametrize(("status", "code"), [("done", 32), ("failed", 31), ("skipped", 33)])
def test_its_colour(status, code):
    line = outcome_line(ChangeResult(UPDATE, Status(status), id="id-1"), Style(colour=True))
    assert line.startswith(f"\x1b[{code}m{status}")


def test_hostile_text_is_harmless():
    change = Change("k\n::error::x", ChangeKind.CREATE)
    outcome = ChangeResult(change, Status.FAILED, "::error::boom \x1b[2J ##[error]", id="\u202eid")
    assert outcome_line(outcome) == (
        "failed   create  k\\n::error::x  \\u202eid\n"
        "         \\x3a:error::boom \\e[2J #\\x23[error]"
    )


def test_a_reason_without_end_is_cut():
    assert len(outcome_line(ChangeResult(UPDATE, Status.FAILED, "x" * 5000))) < 850


def test_all_is_done():
    assert results_text(
        PLAN, [ChangeResult(UPDATE, Status.DONE), ChangeResult(CREATE, Status.DONE)]
    ) == (f"2 done. {PLACE}")


def test_something_is_left():
    outcomes = [
        ChangeResult(UPDATE, Status.DONE),
        ChangeResult(CREATE, Status.FAILED),
        ChangeResult(CREATE, Status.UNKNOWN),
        ChangeResult(CREATE, Status.SKIPPED),
    ]
    assert results_text(PLAN, outcomes) == (
        f"1 done, 1 failed, 1 unknown, 1 skipped. {PLACE.replace(' ', NEW_LINE)}\n"
        "What is done stays done. To see what is left:\n"
        "    mbflow plan"
    )


def test_it_was_interrupted():
    cut = [
        ChangeResult(UPDATE, Status.UNKNOWN, KnownReason.UNCHECKED),
        ChangeResult(CREATE, Status.SKIPPED, KnownReason.NOT_BEGUN),
    ]
    rest = f"{PLACE}\nWhat is done stays done. To see what is left:\n    mbflow plan"
    assert results_text(PLAN, cut) == (
        "Interrupted: 1 written, not yet checked; 1 not begun. production\n"
        f"{rest.removeprefix('production ')}"
    )
    assert results_text(PLAN, [*cut[1:], *cut[1:]]) == f"Interrupted: 2 not begun. {rest}"
    done = [ChangeResult(UPDATE, Status.DONE), ChangeResult(UPDATE, Status.FAILED, "no")]
    assert results_text(PLAN, [*done, *cut]) == (
        "Interrupted: 1 done, 1 failed; 1 written, not yet checked; 1 not begun.\n" + rest
    )


def test_what_an_interruption_left_is_counted():
    change = [Change(f"f{number:03}", ChangeKind.CREATE) for number in range(40)]
    outcomes = [ChangeResult(one, Status.SKIPPED, KnownReason.NOT_BEGUN) for one in change]
    outcomes[30] = ChangeResult(change[30], Status.UNKNOWN, KnownReason.UNCHECKED, id="id-30")
    outcomes[31] = ChangeResult(change[31], Status.DONE)
    first, *others, last = cut_off_lines(outcomes)
    assert first == "written    create  f030  id-30"
    assert others == [f"not begun  create  f{number:03}" for number in range(9)]
    assert last == "and 29 more not begun"
    assert len(results_json(PLAN, outcomes, 130)["results"]) == 40


def test_a_recreated_flow_has_a_new_id():
    assert results_text(PLAN, [ChangeResult(AGAIN, Status.DONE, id="id-9")]) == (
        f"1 done. {PLACE}\nagain has the new id id-9: assign its numbers again."
    )
    assert "new id" not in results_text(PLAN, [ChangeResult(AGAIN, Status.FAILED)])


def test_nothing_to_do():
    assert results_text(PLAN, []) == f"Nothing to do. {PLACE}"


def test_the_document():
    outcomes = [
        ChangeResult(UPDATE, Status.DONE, id="id-1"),
        ChangeResult(CREATE, Status.FAILED, "no"),
    ]
    document = results_json(PLAN, outcomes, 4)
    assert document["plan"] == plan_json(PLAN)
    assert document["summary"] == {"done": 1, "failed": 1, "unknown": 0, "skipped": 0}
    assert document["exit_code"] == 4
    assert document["results"] == [result_json(outcome) for outcome in outcomes]
    assert json.loads(json_text(document)) == document


def test_one_record():
    assert result_json(ChangeResult(UPDATE, Status.DONE, "was done already")) == {
        "flow": "menu",
        "action": "update",
        "status": "done",
        "id": "id-1",
        "title": "Menu",
        "reason": "was done already",
        "was": None,
        "before": BEFORE,
        "numbers": [],
        "protect": False,
    }
