"""Numbers of which nobody knows which flow answers them: never forgotten, never led on by guess."""

import shutil

import pytest

from .world import NUMBERS, Killed, killed_at, say

ONE, TWO = NUMBERS[1:3]


@pytest.fixture
def doubling(make_world):
    """A service where a number keeps its former flow; one flow there is nobody's."""
    world = make_world(quirks=["linked-number-added"])
    world.dashboard.create_call_flow(say("By hand", "Hand"))
    world.lead("Hand", ONE)
    return world


@pytest.fixture
def repo_there(doubling, make_repo):
    repo = make_repo(doubling)
    repo.write("a", say("I am a", "A"))
    repo.write("b", say("I am b", "B"))
    repo.apply()
    return repo


def doubts(repo):
    """Kinds of hazards of each number that a plan would lead."""
    return {c.number: [h.kind.value for h in c.hazards] for c in repo.plan().plan.numbers}


def test_a_second_link_is_told_until_it_is_gone(doubling, repo_there):
    """Also in a fresh clone, where the journal is not."""
    repo_there.numbers(n1="a")
    applied = repo_there.apply(allow=[ONE])
    assert applied.statuses == {ONE: "unknown"}
    assert doubling.leads() == {ONE: ["A", "Hand"]}
    assert "two-flows" in doubts(repo_there)[ONE]
    shutil.rmtree(repo_there.folder / ".mbflow")
    for _ in range(2):
        assert "two-flows" in doubts(repo_there)[ONE]
        writes = len(doubling.writes())
        assert repo_there.apply(allow=[ONE]).statuses == {ONE: "failed"}
        assert len(doubling.writes()) == writes
    doubling.put_numbers(doubling.id_of("Hand"), [])
    assert repo_there.pending() == []
    repo_there.apply()
    assert repo_there.locked_numbers() == {ONE: (doubling.id_of("A"),)}


def test_a_second_link_of_a_killed_run_is_told(doubling, repo_there):
    repo_there.numbers(n1="a")
    with pytest.raises(Killed):
        repo_there.apply(allow=[ONE], checkpoint=killed_at("after-number"))
    assert "two-flows" in doubts(repo_there)[ONE]


def test_a_third_link_is_not_made(doubling, repo_there):
    doubling.emulator_lead("B", ONE)
    repo_there.numbers(n1="a")
    writes = len(doubling.writes())
    applied = repo_there.apply(allow=[ONE])
    assert applied.statuses == {ONE: "failed"}
    assert "take it off all but one" in applied.reason(ONE)
    assert len(doubling.writes()) == writes


def test_a_link_seen_beside_another_number_is_not_forgotten(doubling, repo_there):
    """All flows are asked only because the other number is at none of the first."""
    doubling.emulator_lead("A", ONE)
    repo_there.numbers(n1="a", n2="b")
    assert repo_there.apply(allow=[ONE]).statuses == {ONE: "failed", TWO: "done"}
    assert "two-flows" in doubts(repo_there)[ONE]


@pytest.mark.parametrize("title", ["Hand", "B"])
def test_a_number_from_nowhere_that_somebody_led_stays(world, repo, title):
    world.dashboard.create_call_flow(say("By hand", "Hand"))
    repo.write("a", say("I am a", "A"))
    repo.write("b", say("I am b", "B"))
    repo.apply()
    repo.numbers(n1="a", n2="b")
    applied = repo.apply(between=lambda: world.lead(title, ONE))
    assert applied.statuses == {ONE: "failed", TWO: "done"}
    assert "since the plan was made: plan again" in applied.reason(ONE)
    assert world.leads() == {ONE: [title], TWO: ["B"]}


def test_a_number_from_nowhere_that_somebody_led_right(world, repo):
    repo.write("a", say("I am a", "A"))
    repo.apply()
    repo.numbers(n1="a")
    writes = len(world.writes())
    applied = repo.apply(between=lambda: world.lead("A", ONE))
    assert (applied.statuses, len(world.writes())) == ({ONE: "done"}, writes)


def test_where_flows_cannot_be_asked_a_number_stays_nowhere(world, repo):
    repo.write("a", say("I am a", "A"))
    repo.apply()
    repo.numbers(n1="a")
    applied = repo.apply(between=lambda: world.faults("GET /call-flows/*/numbers 500"))
    assert applied.statuses == {ONE: "failed"}
    assert world.leads() == {}
