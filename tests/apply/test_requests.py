"""How many requests a plan and an apply send, counted at the emulator; a plan sends only GET."""

import pytest

from .world import KEY, say


@pytest.fixture
def hundred(world, repo):
    for number in range(250):
        repo.write(f"flow-{number}", say(f"I am {number}", f"Flow {number}"))
    repo.apply()
    return repo


def test_a_plan_asks_for_each_page_once_and_for_no_flow(world, hundred):
    start = len(world.emulator.requests())
    assert hundred.pending() == []
    asked = world.emulator.requests()[start:]
    assert [(one.method, one.path) for one in asked] == [("GET", "/call-flows")] * 3
    assert len({one.query for one in asked}) == 3


def test_an_unchanged_apply_asks_for_no_more(world, hundred):
    start = len(world.sent())
    assert hundred.apply().outcomes == []
    assert world.sent()[start:] == ["GET /call-flows"] * 3


def test_one_change_among_many_costs_its_own_requests_only(world, hundred):
    hundred.write("flow-7", say("Good day", "Flow 7"))
    start = len(world.sent())
    hundred.apply()
    path = f"/call-flows/{world.id_of('Flow 7')}"
    assert world.sent()[start:] == [
        *["GET /call-flows"] * 3,
        f"GET {path}/numbers",
        f"GET {path}",
        f"PUT {path}",
        f"GET {path}",
    ]


def test_creates_cost_two_requests_each_and_one_listing(world, repo):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    posts, reads = world.sent("POST"), world.sent("GET")
    assert len(posts) == 3
    assert reads.count("GET /call-flows") == 2
    assert len(reads) == 5


def test_a_plan_of_every_kind_of_change_sends_only_get(world, repo):
    for name in "abcd":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    world.dashboard.create_call_flow(say("Twin", "Twin"))
    repo.write("a", say("Good day", "A"))
    repo.rename("b", "moved")
    repo.remove("c")
    repo.write("new", say("New", "New"))
    repo.write("twin", say("Twin", "Twin"))
    start = len(world.sent())
    kinds = ["adopt twin", "create new", "delete c", "move moved", "update a"]
    assert sorted(repo.pending()) == kinds
    assert {line.split()[0] for line in world.sent()[start:]} == {"GET"}


def test_the_transport_of_a_plan_cannot_send_anything_else(world):
    with world.client(can_write=False, name=KEY) as reading, pytest.raises(RuntimeError):
        reading.create_call_flow(say("Hello", "A"))
    assert world.sent("POST") == []


def test_where_lists_hide_titles_only_new_flows_are_read(make_world, make_repo):
    world = make_world(quirks=["list-without-titles"])
    repo = make_repo(world)
    for number in range(20):
        repo.write(f"flow-{number}", say(f"I am {number}", f"Flow {number}"))
    repo.apply()
    start = len(world.sent())
    assert repo.pending() == []
    assert world.sent()[start:] == ["GET /call-flows"]
