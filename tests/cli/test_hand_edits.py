"""Somebody edits by hand, in the dashboard, while mbflow plans or applies.

An edit is placed between two requests by gates; see `conftest`. Whatever the place, the edit stands
or is refused with words, but for one: between the last look at a flow and the write stands one
round trip, because the API has no conditional write.
"""

import json

import pytest
from apply.world import payloads, say

from .racing import Clone, Hand, answered, committed, ended

APPLY = ("apply", "--auto-approve")
DONE, FAILED, REFUSED, PARTIAL = 0, 1, 3, 4
NUMBER = "31201234567"


@pytest.fixture
def service(make_service, gates):
    return make_service(sleep=gates.sleep)


@pytest.fixture
def hand(service):
    return Hand(service)


def heard(service, title):
    (found,) = [payloads(body) for body in service.live().values() if body["title"] == title]
    return found


def meanwhile(project, service, gates, fault, act, *options):
    """`code, out, err` of an apply during which `act` happens where the fault holds a request."""
    service.faults(fault)
    process = project.start(*APPLY, *options)
    gates.wait_for(1)
    act()
    gates.open(1)
    return ended(process)


def assert_asked_before_overwriting(project, service, hazard):
    """The next apply names the edit, and how to keep it, and writes nothing."""
    live = service.live()
    code, _, err = project.run(*APPLY)
    assert code == REFUSED
    assert f"update a: {hazard}: " in err
    assert "mbflow import a" in err
    assert service.live() == live


def bodies_kept(project):
    """What callers heard before, by the snapshots of this checkout."""
    folder = project.folder / ".mbflow" / "production" / "snapshots"
    lines = [line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    return [payloads(record["before"]) for record in map(json.loads, lines) if record["before"]]


# Updates: the plan asks for the flow's numbers; then come the last look and the read-back


@pytest.mark.parametrize(
    ("fault", "expected", "text", "hazard"),
    [
        ("GET /call-flows/* latency=1 nth=2", FAILED, "edited since the plan was made", "conflict"),
        ("PUT * latency=1 after nth=1", PARTIAL, "whose change stands", "outside-edit"),
        ("GET /call-flows/* latency=1 nth=3", PARTIAL, "whose change stands", "outside-edit"),
        ("GET /call-flows/* latency=1 after nth=3", DONE, "done     update  a", "outside-edit"),
    ],
    ids=["before-the-last-look", "before-the-answer", "before-the-read-back", "after-it"],
)
def test_an_edit_by_hand_stands(applied, service, gates, hand, fault, expected, text, hazard):
    applied.write("a", say("Good day", "A"))

    def edit():
        hand.move_clock(2)
        hand.edit("A", say("By hand"))

    code, _, err = meanwhile(applied, service, gates, fault, edit)
    assert code == expected
    assert text in err
    assert heard(service, "A") == ["By hand"]
    assert_asked_before_overwriting(applied, service, hazard)


@pytest.mark.parametrize(
    "fault",
    ["GET /call-flows/* latency=1 after nth=2", "PUT * latency=1 nth=1"],
    ids=["after-the-last-look", "before-the-write"],
)
def test_an_edit_by_hand_in_the_one_window_is_overwritten(applied, service, gates, hand, fault):
    """From the moment the service answers the last look to the moment it gets the write."""
    applied.write("a", say("Good day", "A"))
    code, _, _ = meanwhile(applied, service, gates, fault, lambda: hand.edit("A", say("By hand")))
    assert code == DONE
    assert heard(service, "A") == ["Good day"]
    assert bodies_kept(applied) == [["I am a"]], "nothing in the API could have told"
    flow_id = hand.id_of("A")
    asked = [one for one in service.sent("GET", "PUT") if one.endswith(flow_id)]
    assert (
        sorted(asked[1:]) == [f"GET /call-flows/{flow_id}"] * 2 + [f"PUT /call-flows/{flow_id}"] * 2
    )


def test_the_same_edit_by_hand_counts_as_done(applied, service, gates, hand):
    applied.write("a", say("Good day", "A"))
    fault = "GET /call-flows/* latency=1 nth=1"
    code, out, _ = meanwhile(
        applied, service, gates, fault, lambda: hand.edit("A", say("Good day"))
    )
    assert code == DONE
    assert "1 done already" in out
    assert len(service.sent("PUT")) == 1, "that of the hand"


def test_one_edited_flow_does_not_stop_the_others(applied, service, gates, hand):
    for name in "abc":
        applied.write(name, say(f"{name} from git", name.upper()))
    flow_id = hand.id_of("B")
    fault = f"GET /call-flows/{flow_id} latency=1 nth=1"
    code, out, err = meanwhile(
        applied, service, gates, fault, lambda: hand.edit("B", say("By hand"))
    )
    assert code == PARTIAL
    assert "failed   update  b" in err
    assert "2 done, 1 failed" in out
    heard_now = [heard(service, title) for title in "ABC"]
    assert heard_now == [["a from git"], ["By hand"], ["c from git"]]


def test_a_flow_deleted_by_hand_is_not_made_again(applied, service, gates, hand):
    applied.write("a", say("Good day", "A"))
    fault = "GET /call-flows/* latency=1 nth=1"
    code, _, err = meanwhile(applied, service, gates, fault, lambda: hand.delete(hand.id_of("A")))
    assert code == FAILED
    assert "the live flow is gone since the plan was made" in err
    assert service.titles() == ["B", "C"]


# Deletes: a look at the flow, then one at its numbers, then the write


@pytest.mark.parametrize(
    ("fault", "what", "text"),
    [
        ("GET /call-flows/*-* latency=1 nth=2", "edit", "edited since the plan was made"),
        (
            "GET */numbers latency=1 nth=2",
            "number",
            f"numbers lead to it that the plan does not show: {NUMBER}",
        ),
    ],
)
def test_a_flow_that_somebody_works_on_is_not_deleted(
    applied, service, gates, hand, fault, what, text
):
    applied.remove("a")
    acts = {
        "edit": lambda: hand.edit("A", say("By hand")),
        "number": lambda: hand.assign("A", NUMBER),
    }
    code, _, err = meanwhile(applied, service, gates, fault, acts[what], "--allow-deletes", "1")
    assert code == FAILED
    assert text in err
    assert service.titles() == ["A", "B", "C"]
    assert service.sent("DELETE") == []


def test_the_window_of_a_delete_holds_both_looks(applied, service, gates, hand):
    """An edit after the look at the flow is lost with it; the body of that look can come back."""
    applied.remove("a")
    code, _, _ = meanwhile(
        applied,
        service,
        gates,
        "GET */numbers latency=1 nth=2",
        lambda: hand.edit("A", say("By hand")),
        *("--allow-deletes", "1"),
    )
    assert code == DONE
    assert service.titles() == ["B", "C"]
    assert bodies_kept(applied) == [["I am a"]]
    code, _, err = applied.run("rollback", "last", "--auto-approve", "--allow", "a")
    assert code == DONE, err
    assert heard(service, "A") == ["I am a"]


# Creates


def test_a_flow_made_by_hand_beside_a_create_is_left_alone(applied, service, gates, hand):
    applied.write("new", say("From git", "New"))
    fault = "POST * latency=1 nth=1"
    code, _, _ = meanwhile(applied, service, gates, fault, lambda: hand.make(say("By hand", "New")))
    assert code == DONE
    found = [payloads(body) for body in service.live().values() if body["title"] == "New"]
    assert sorted(found) == [["By hand"], ["From git"]]
    assert applied.run("plan", "--detailed-exitcode")[0] == DONE


# Between a plan and its apply


def saved(project, name="plan.json"):
    code, _, err = project.run("plan", "--out", name)
    assert code == DONE, err
    return name


def test_a_saved_plan_is_refused_after_an_edit_by_hand(applied, service, hand):
    applied.write("a", say("Good day", "A"))
    plan = saved(applied)
    hand.edit("A", say("By hand"))
    writes = service.writes()
    code, _, err = applied.run("apply", plan)
    assert code == REFUSED
    assert "update a: the live flow was edited since the plan was made\n" in err
    assert "Nothing was changed; make a new plan." in err
    assert service.writes() == writes
    assert "conflict" in applied.run("plan", "--out", plan)[1]
    assert applied.run("apply", plan)[0] == DONE, "now the plan shows what it takes back"
    assert heard(service, "A") == ["Good day"]


def test_a_saved_plan_leaves_an_edit_of_another_flow_alone(applied, service, hand):
    applied.write("a", say("Good day", "A"))
    plan = saved(applied)
    hand.edit("B", say("By hand"))
    code, _, err = applied.run("apply", plan)
    assert code == PARTIAL
    assert "Not in the plan, left alone: update b" in err
    assert heard(service, "B") == ["By hand"]
    code, _, err = applied.run(*APPLY)
    assert code == REFUSED
    assert "update b: outside-edit: " in err


def test_an_edit_while_a_person_thinks_is_not_covered_by_the_yes(applied, service, hand):
    applied.write("a", say("Good day", "A"))
    code, shown = answered(
        applied,
        "apply",
        asked="Apply this to production",
        meanwhile=lambda: hand.edit("A", say("By hand")),
        answer="y\n",
    )
    assert code == REFUSED
    assert "update a: the live flow was edited since the plan was made" in shown
    assert heard(service, "A") == ["By hand"]


# An old plan after a newer one


def test_an_old_plan_after_a_newer_one_is_refused(applied, service):
    applied.write("a", say("First thought", "A"))
    applied.write("new", say("First thought", "New"))
    old = saved(applied, "old.json")
    applied.write("a", say("Second thought", "A"))
    applied.write("new", say("Second thought", "New"))
    assert applied.run("apply", saved(applied, "new.json"))[0] == DONE
    writes = service.writes()
    code, _, err = applied.run("apply", old)
    assert code == REFUSED
    for name, action in (("a", "update"), ("new", "create")):
        text = f"{action} {name}: flows/{name}.yaml says something else than when the plan was made"
        assert text in err
    assert service.writes() == writes


def test_an_old_plan_and_checkout_are_refused_after_a_newer(applied, service, hand, tmp_path):
    """As when a pipeline of an older commit is started again: its files fit its plan."""
    applied.write("a", say("First thought", "A"))
    applied.write("new", say("First thought", "New"))
    saved(applied, "old.json")
    older = committed(applied, "first thought, not applied")
    applied.write("a", say("Second thought", "A"))
    applied.write("new", say("Second thought", "New"))
    assert applied.run("apply", saved(applied, "new.json"))[0] == DONE
    committed(applied, "second thought")
    pipeline = Clone(applied, tmp_path / "pipeline", older)
    writes = service.writes()
    code, _, err = pipeline.run("apply", "old.json")
    assert code == REFUSED
    assert "update a: the live flow was edited since the plan was made" in err
    flow_id = hand.id_of("New")
    assert (
        f"create new: the live flow is not what the plan saw: it would now be update {flow_id}"
        in err
    )
    assert service.writes() == writes
