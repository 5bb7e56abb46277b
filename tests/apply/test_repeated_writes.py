"""A write whose answer was lost is sent again only over what the last look still shows."""

import pytest

from .world import payloads, say

LOST = "PUT * 503 nth=1"


@pytest.fixture
def applied(repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    return repo


def while_it_waits(world, act):
    """`act` happens during the last pause before the write is sent again."""
    sleep = world.clock.sleep

    def acting(seconds):
        if seconds == 8.0:
            world.clock.sleep = sleep
            act()
        sleep(seconds)

    world.clock.sleep = acting


def test_a_put_is_sent_again_where_nothing_has_changed(world, applied):
    applied.write("a", say("Good day", "A"))
    world.faults(LOST)
    assert applied.apply().statuses == {"a": "done"}
    assert payloads(world.body_of("A")) == ["Good day"]


def test_a_put_is_not_sent_again_over_an_edit(world, applied):
    applied.write("a", say("Good day", "A"))
    world.faults(LOST)
    while_it_waits(world, lambda: world.edit("A", steps=say("By hand")["steps"]))
    done = applied.apply()
    assert done.statuses == {"a": "unknown"}
    assert "the flow is now neither what it was nor what was sent" in done.reason("a")
    assert payloads(world.body_of("A")) == ["By hand"]


def test_a_put_is_not_sent_again_where_the_last_look_failed(world, applied):
    """That the flow was untouched eight seconds ago says nothing of an edit since."""
    applied.write("a", say("Good day", "A"))
    failing = [f"GET /call-flows/* 503 nth={number}" for number in range(8, 13)]
    world.faults(LOST, *failing)
    while_it_waits(world, lambda: world.edit("A", steps=say("By hand")["steps"]))
    assert applied.apply().statuses == {"a": "unknown"}
    assert payloads(world.body_of("A")) == ["By hand"]


def test_a_put_is_not_sent_again_over_a_move_of_another_branch(world, applied, make_repo):
    """The move changed nothing but the markers, so the body still is what the plan saw."""
    colleague = make_repo(world)
    colleague.lock_path.write_bytes(applied.lock_path.read_bytes())
    colleague.write("moved", say("Hello", "A"), was="a")
    colleague.write("b", say("Other", "B"))
    applied.write("a", say("Good day", "A"))
    world.faults(LOST)
    while_it_waits(world, colleague.apply)
    assert applied.apply().statuses == {"a": "unknown"}
    assert payloads(world.body_of("A")) == ["Hello"]
    assert colleague.pending() == []


def test_a_delete_is_not_sent_again_once_a_number_leads_there(world, applied):
    flow_id = world.id_of("A")
    applied.remove("a")
    world.faults("DELETE * 503 nth=1")
    while_it_waits(world, lambda: world.dashboard.assign_numbers(flow_id, ["31201234567"]))
    done = applied.apply(allow_deletes=1)
    assert done.statuses == {"a": "unknown"}
    assert "31201234567" in done.reason("a")
    assert flow_id in world.live()


def test_a_delete_is_sent_again_where_nothing_has_changed(world, applied):
    applied.remove("a")
    world.faults("DELETE * 503 nth=1")
    assert applied.apply(allow_deletes=1).statuses == {"a": "done"}
    assert world.titles() == ["B"]
