"""Secrets that git names no more: texts are covered that it does not hold."""

import pytest
from builders import flow, hangup, pause, say

from mbflow.apply.lock_update import entry_of
from mbflow.flow.canonical import Form
from mbflow.model.flow import Flow
from mbflow.plan.secrets import OLDER, covered, hide_body, is_one_missing

PIN, HOOK = "8264-hush-7713", "hook-4711-x"
BOTH = {"pin": PIN, "hook": HOOK}
SENT = flow(say(f"The code is {PIN}."), say(f"{HOOK} {PIN} {PIN}"), say("Goodbye"), title="Door")


def entry():
    hidden = hide_body(SENT, BOTH)
    return entry_of(
        Flow("door", "door.yaml", SENT, hidden), Form(hidden), Form(hidden), "id-1", secrets=BOTH
    )


def payloads(body):
    return [step["options"]["payload"] for step in body["steps"] if step["action"] == "say"]


def test_an_entry_names_each_secret_as_often_as_it_was_sent():
    assert entry().secrets == ("hook", "pin", "pin", "pin")
    assert PIN not in repr(entry())


def test_an_entry_without_secrets_is_as_ever():
    body = flow(say("a ${literal}"))
    assert (
        entry_of(
            Flow("a", "a.yaml", body, body), Form(body), Form(body), "id-1", secrets={}
        ).secrets
        == ()
    )


def test_while_git_names_all_secrets_nothing_is_covered():
    live = hide_body(SENT, BOTH)
    assert covered(live, None, entry(), BOTH) is live


@pytest.mark.parametrize(
    "known",
    [{}, {"pin": PIN}, {"hook": HOOK}, {"pin": "another", "hook": HOOK}],
)
def test_with_one_missing_all_that_git_lacks_is_covered(known):
    live = {**hide_body(SENT, known), "id": "id-1", "updatedAt": "2026-01-01T00:00:00Z"}
    assert is_one_missing(live, entry(), known)
    found = covered(live, flow(say("Goodbye"), title="Door"), entry(), known)
    assert payloads(found) == [OLDER, OLDER, "Goodbye"]
    assert {**found, "steps": []} == {**live, "steps": []}
    assert payloads(covered(live, None, entry(), known)) == [OLDER, OLDER, OLDER]


def test_what_the_file_says_itself_is_not_covered():
    live = hide_body(SENT, {"pin": PIN})
    desired = hide_body(flow(say(f"The code is {PIN}.")), {"pin": PIN})
    found = covered(live, desired, entry(), {"pin": PIN})
    assert payloads(found) == ["The code is ${pin}.", OLDER, OLDER]


def test_in_a_flow_edited_since_it_is_the_same():
    live = flow(say("Welcome"), *SENT["steps"], hangup(), pause(7), title="Door")
    found = covered(live, flow(say("Goodbye"), title="Door"), entry(), {})
    assert payloads(found) == [OLDER, OLDER, OLDER, "Goodbye"]
    assert found["title"] == "Door"
    assert payloads(covered(live, None, entry(), {})) == [OLDER, OLDER, OLDER, OLDER]


def test_with_as_many_secrets_shown_nothing_is_covered():
    edited = flow(say("New words"), *SENT["steps"], title="Door")
    live = hide_body(edited, BOTH)
    assert covered(live, flow(say("Other words"), title="Door"), entry(), BOTH) is live


def test_another_secret_does_not_make_up_for_one():
    edited = flow(say(PIN), say(PIN), *SENT["steps"], title="Door")
    live = hide_body(edited, {"pin": PIN})
    assert set(payloads(covered(live, None, entry(), {"pin": PIN}))) == {OLDER}


def test_nothing_is_covered_without_a_word_of_the_lock():
    assert covered(SENT, None, None, {}) is SENT
