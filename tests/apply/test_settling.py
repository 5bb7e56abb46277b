"""How long a lost create is looked for, whatever the clock does."""

import json

import pytest

from .world import Killed, killed_at, say

DAY = 86_400


@pytest.mark.parametrize("back", [0, 10, DAY, 365 * DAY])
def test_a_clock_that_was_set_back_delays_nobody(world, repo, back):
    """The intent of the killed run then stands in the future."""
    repo.write("a", say("Hello", "A"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("before-post"))
    world.clock.now -= back
    begun = world.clock.now
    assert repo.pending() == ["create a"]
    settle_seconds = repo.checkout().environment.settle_seconds
    assert world.clock.now - begun <= settle_seconds
    repo.apply()
    assert world.titles() == ["A"]
    assert repo.pending() == []


def test_a_clock_ahead_makes_no_second_flow_of_what_is_listed(world, repo):
    repo.write("a", say("Hello", "A"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("after-post"))
    world.clock.now += 365 * DAY
    assert repo.pending() == []
    repo.apply()
    assert world.titles() == ["A"]


@pytest.mark.parametrize("ahead", [0, 60, 240])
def test_a_clock_that_is_minutes_ahead_waits_all_the_same(world, repo, ahead):
    """The run was killed on another machine: what it sent may still be on its way."""
    repo.write("a", say("Hello", "A"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("before-post"))
    world.clock.now += ahead
    begun = world.clock.now
    assert repo.pending() == ["create a"]
    assert world.clock.now - begun == repo.checkout().environment.settle_seconds


def test_snapshots_are_taken_back_in_the_order_of_the_applies(world, repo):
    for number, move in enumerate((10 * DAY, -10 * DAY, 5)):
        world.clock.now += move
        repo.write("a", say(f"Take {number}", "A"))
        repo.apply()
    folder = repo.folder / ".mbflow/production/snapshots"
    last = json.loads(max(folder.iterdir()).read_text())
    assert "Take 1" in json.dumps(last["before"])
