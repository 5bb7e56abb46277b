"""Secrets that git names no more: covered where the lock remembers them, compared without them."""

import pytest
from builders import flow, hangup, pause, say

from mbflow.flow.canonical import canonical
from mbflow.model.flow import Flow
from mbflow.plan.secrets import OLDER, hide_body
from mbflow.plan.sent_secrets import (
    covered,
    entry_of,
    only_secrets_differ,
    rest_digest,
    secret_places,
)

PIN, HOOK = "8264-hush-7713", "hook-4711-x"
BOTH = {"pin": PIN, "hook": HOOK}
SENT = flow(say(f"The code is {PIN}."), say(f"{HOOK} {PIN} {PIN}"), say("Goodbye"), title="Door")


def entry():
    hidden = hide_body(SENT, BOTH)
    return entry_of(Flow("door", "door.yaml", SENT, hidden), hidden, "id-1", secrets=BOTH)


def payloads(body):
    return [step["options"]["payload"] for step in body["steps"] if step["action"] == "say"]


def test_an_entry_says_where_secrets_stood_once_for_each():
    assert entry().secrets == (
        "steps[0].options.payload",
        *["steps[1].options.payload"] * 3,
    )
    assert PIN not in repr(entry())


def test_an_entry_without_secrets_is_as_ever():
    body = flow(say("a ${literal}"))
    plain = entry_of(Flow("a", "a.yaml", body, body), body, "id-1", secrets={})
    assert (plain.secrets, plain.rest) == ((), "")
    assert secret_places(canonical(body), {}) == ()


def test_the_rest_is_blind_to_what_stands_there_and_to_nothing_else():
    places = ["steps[0].options.payload"]
    one, two, three = (canonical(flow(say(text), say(end))) for text, end in ("ax", "bx", "ay"))
    assert rest_digest(one, places) == rest_digest(two, places) != rest_digest(three, places)


def test_while_git_names_all_secrets_nothing_is_covered():
    live = hide_body(SENT, BOTH)
    assert covered(live, None, entry(), BOTH) is live
    assert not only_secrets_differ(live, entry(), BOTH)


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({}, [OLDER, OLDER, "Goodbye"]),
        ({"pin": PIN}, ["The code is ${pin}.", OLDER, "Goodbye"]),
        ({"hook": HOOK}, [OLDER, OLDER, "Goodbye"]),
        ({"pin": "another", "hook": HOOK}, [OLDER, OLDER, "Goodbye"]),
    ],
)
@pytest.mark.parametrize("desired", [None, flow(say("Goodbye"), title="Door")])
def test_what_git_names_no_more_is_covered_in_its_place(known, shown, desired):
    live = {**hide_body(SENT, known), "id": "id-1", "updatedAt": "2026-01-01T00:00:00Z"}
    found = covered(live, desired, entry(), known)
    assert payloads(found) == shown
    assert {**found, "steps": []} == {**live, "steps": []}
    assert only_secrets_differ(live, entry(), known)


def test_in_a_flow_edited_since_every_text_is_covered_that_git_does_not_hold():
    live = flow(say("Welcome"), *SENT["steps"], hangup(), pause(7), title="Door")
    found = covered(live, flow(say("Goodbye"), title="Door"), entry(), {})
    assert payloads(found) == [OLDER, OLDER, OLDER, "Goodbye"]
    assert found["title"] == "Door"
    assert payloads(covered(live, None, entry(), {})) == [OLDER, OLDER, OLDER, OLDER]
    assert not only_secrets_differ(live, entry(), {})


def test_in_a_flow_edited_since_that_shows_as_many_secrets_nothing_is_covered():
    edited = flow(say("New words"), *SENT["steps"], title="Door")
    live = hide_body(edited, BOTH)
    assert covered(live, flow(say("Other words"), title="Door"), entry(), BOTH) is live


def test_a_file_that_says_what_was_sent_tells_by_itself():
    live = hide_body(flow(say("Instead of a secret"), title="Door"), BOTH)
    assert covered(live, hide_body(SENT, BOTH), entry(), BOTH) is live


def test_an_edit_around_a_known_secret_is_an_edit():
    edited = flow(say(f"Now it is {PIN}."), *SENT["steps"][1:], title="Door")
    assert not only_secrets_differ(hide_body(edited, BOTH), entry(), BOTH)


def test_nothing_is_covered_without_a_word_of_the_lock():
    assert covered(SENT, None, None, {}) is SENT
