"""The order of the writes, and the handover of `default`."""

from itertools import count
from threading import Event
from time import sleep

import pytest
from api.test_parallel import limit_threads

from mbflow.model.errors import RefusedError

from .world import payloads, say


def test_creates_then_updates_then_deletes(world, repo):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    ids = {title: world.id_of(title) for title in "ABC"}
    repo.write("a", say("Good day", "A"))
    repo.remove("b")
    repo.write("z", say("I am new", "Z"))
    start = len(world.writes())
    repo.apply(allow_deletes=1)
    assert world.writes()[start:] == [
        "POST /call-flows",
        f"PUT /call-flows/{ids['A']}",
        f"DELETE /call-flows/{ids['B']}",
    ]


@pytest.mark.parametrize("given", [0, 2, 6])
def test_an_apply_needs_no_threads(world, repo, monkeypatch, given):
    """Where the system gives few, before or amid the writes, each is still made and noted."""
    limit_threads(monkeypatch, given)
    for name in "abcd":
        repo.write(name, say(f"I am {name}", name.upper()))
    assert repo.apply(workers=4).statuses == dict.fromkeys("abcd", "done")
    for name in "abcd":
        repo.write(name, say(f"Good day, {name}", name.upper()))
    assert repo.apply(workers=4).statuses == dict.fromkeys("abcd", "done")
    assert repo.pending() == []


def test_a_move_comes_before_the_create_of_its_old_name(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    flow_id = world.id_of("A")
    repo.rename("a", "b")
    repo.write("a", say("Something new", "New"))
    start = len(world.writes())
    for targets in ([], ["a"], ["a", "b"]):
        with pytest.raises(RefusedError, match="No plan can be made before this is settled"):
            repo.apply(targets=targets)
    repo.apply(targets=["b"])
    assert repo.pending() == ["create a"]
    repo.apply()
    assert world.writes()[start:] == [f"PUT /call-flows/{flow_id}", "POST /call-flows"]
    assert repo.lock()["b"].id == flow_id
    assert repo.pending() == []


def test_a_stale_move_does_not_take_the_new_flow_of_that_name(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.rename("a", "b")
    repo.apply()
    repo.write("a", say("Something new", "New"))
    repo.apply()
    new = world.id_of("New")
    assert repo.pending() == []
    repo.lock_path.unlink()
    assert repo.pending() == []
    repo.apply()
    world.dashboard.delete_call_flow(world.id_of("A"))
    assert repo.pending() == ["create b"]
    repo.apply()
    assert repo.lock()["a"].id == new
    assert payloads(world.live()[new]) == ["Something new"]


def test_no_delete_while_anything_else_is_unfinished(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.write("a", say("Good day", "A"))
    repo.remove("b")
    world.faults("PUT * 500")
    applied = repo.apply(allow_deletes=1)
    assert applied.statuses == {"a": "unknown", "b": "skipped"}
    assert world.titles() == ["A", "B"]


def test_a_delete_that_fails_stops_the_deletes_after_it(world, repo):
    for name in "abcdefg":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    repo.remove("a")
    repo.remove("b")
    world.faults("DELETE * 429=200 nth=1")
    applied = repo.apply(allow_deletes=2)
    assert applied.statuses == {"a": "failed", "b": "skipped"}
    assert len(world.live()) == 7


@pytest.fixture(params=["takes over", "refuses"])
def default_world(request, make_world):
    refuses = request.param == "refuses"
    return make_world(quirks=["second-default-refused"] if refuses else [])


def defaults(world):
    return [body["title"] for body in world.live().values() if body["default"]]


def test_default_passes_from_one_owned_flow_to_another(default_world, make_repo):
    world, repo = default_world, make_repo(default_world)
    repo.write("a", say("Hello", "A", default=True))
    repo.write("b", say("Other", "B", default=False))
    repo.apply()
    repo.write("a", say("Hello", "A", default=False))
    repo.write("b", say("Other", "B", default=True))
    applied = repo.apply()
    assert applied.statuses == {"a": "done", "b": "done"}
    assert defaults(world) == ["B"]
    assert repo.pending() == []


def test_default_passes_to_a_flow_that_is_created(default_world, make_repo):
    world, repo = default_world, make_repo(default_world)
    repo.write("a", say("Hello", "A", default=True))
    repo.apply()
    repo.write("a", say("Hello", "A", default=False))
    repo.write("b", say("Other", "B", default=True))
    repo.apply()
    assert defaults(world) == ["B"]
    assert repo.pending() == []


def test_stopped_before_the_handover_it_says_what_was_created(world, repo):
    stop = Event()
    repo.write("a", say("Hello", "A", default=True))
    repo.apply()
    repo.write("a", say("Hello", "A", default=False))
    repo.write("b", say("Other", "B", default=True))
    repo.write("c", say("Third", "C"))

    def stop_once_b_is_written(label):
        if label == "after-read-back":
            stop.set()

    applied = repo.apply(stop=stop, checkpoint=stop_once_b_is_written)
    assert set(applied.statuses.values()) == {"skipped"}
    assert {outcome.change.name: str(outcome.reason) for outcome in applied.outcomes} == {
        "a": "interrupted",
        "b": "created, and not yet made the default flow: interrupted",
        "c": "interrupted",
    }
    assert (world.titles(), defaults(world)) == (["A", "B"], ["A"])
    assert repo.apply().statuses == {"a": "done", "b": "done", "c": "done"}
    assert defaults(world) == ["B"]


def test_the_handover_of_default_runs_alone_after_all_else(default_world, make_repo):
    world, repo = default_world, make_repo(default_world)
    for name in "abcd":
        repo.write(name, say(f"I am {name}", name.upper(), default=name == "a"))
    repo.apply()
    repo.write("a", say("I am a", "A", default=False))
    repo.write("b", say("I am b", "B", default=True))
    repo.write("c", say("Good day", "C", default=False))
    repo.remove("d")
    start = len(world.writes())
    repo.apply(allow_deletes=1)
    writes = world.writes()[start:]
    assert writes[0] == f"PUT /call-flows/{world.id_of('C')}"
    assert writes[-1].startswith("DELETE ")
    assert f"PUT /call-flows/{world.id_of('B')}" in writes[1:-1]


def test_default_that_a_foreign_flow_has_is_a_hazard(world, repo):
    world.dashboard.create_call_flow(say("By hand", "Reception", default=True))
    repo.write("a", say("Hello", "A", default=True))
    (change,) = repo.plan().plan.changes
    assert [hazard.kind.value for hazard in change.hazards] == ["default"]
    assert "Reception" in change.hazards[0].text


def test_a_foreign_default_is_never_cleared(make_world, make_repo):
    world = make_world(quirks=["second-default-refused"])
    repo = make_repo(world)
    foreign = world.dashboard.create_call_flow(say("By hand", "Reception", default=True))
    repo.write("a", say("Hello", "A", default=True))
    applied = repo.apply()
    assert applied.statuses == {"a": "failed"}
    assert foreign.id in applied.reason("a")
    assert world.live()[foreign.id] == {**foreign.raw, "_links": foreign.raw.get("_links")} or (
        defaults(world) == ["Reception"]
    )
    assert repo.lock()["a"].id == world.id_of("A"), "what was created is not forgotten"
    assert repo.pending() == ["update a"]


@pytest.mark.parametrize("broken", ["edited", "refused"])
def test_a_new_default_that_cannot_be_set_leaves_the_old_one(default_world, make_repo, broken):
    world, repo = default_world, make_repo(default_world)
    repo.write("a", say("Hello", "A", default=True))
    repo.write("b", say("Other", "B", default=False))
    repo.apply()
    repo.write("a", say("Hello", "A", default=False))
    repo.write("b", say("Other", "B", default=True))
    flow_id = world.id_of("B")
    if broken == "refused":
        world.faults(f"PUT /call-flows/{flow_id} 429=200")
        applied = repo.apply()
    else:
        applied = repo.apply(between=lambda: world.edit("B", steps=say("By hand")["steps"]))
    assert applied.statuses["b"] == "failed"
    assert applied.statuses["a"] == "skipped"
    assert defaults(world) == ["A"], "callers to numbers without a flow still reach somebody"
    world.faults()
    repo.apply(reviewed=True)
    assert defaults(world) == ["B"]
    assert repo.pending() == []


def test_a_former_default_is_set_again_when_the_new_one_fails(make_world, make_repo):
    world = make_world(quirks=["second-default-refused"])
    repo = make_repo(world)
    repo.write("a", say("Hello", "A", default=True))
    repo.write("b", say("Other", "B", default=False))
    repo.apply()
    repo.write("a", say("Hello", "A", default=False))
    repo.write("b", say("Other", "B", default=True))
    world.faults(f"PUT /call-flows/{world.id_of('B')} 429=200 nth=2")
    applied = repo.apply()
    assert applied.statuses == {"a": "skipped", "b": "failed"}
    assert defaults(world) == ["A"]
    world.faults()
    repo.apply()
    assert defaults(world) == ["B"]
    assert repo.pending() == []


def nine_to_delete(repo):
    """The names of live flows that git wants no more; one other flow stays."""
    names = [f"f{number}" for number in range(9)]
    for name in names:
        repo.write(name, say(f"I am {name}", name))
    repo.write("kept", say("I stay", "kept"))
    repo.apply()
    for name in names:
        repo.remove(name)
    return names


def test_no_delete_is_begun_after_one_that_was_refused(world, repo):
    names = nine_to_delete(repo)
    is_told = Event()
    applied = repo.apply(
        workers=4,
        allow_deletes=9,
        between=lambda: world.edit("f0", steps=say("By hand")["steps"]),
        # The three that were begun beside the first one wait until everybody knows of it.
        checkpoint=lambda label: label == "before-delete" and is_told.wait(),
        report=lambda outcome: is_told.set(),
    )
    done = {name for name, status in applied.statuses.items() if status == "done"}
    assert done <= {"f1", "f2", "f3"} and applied.statuses.pop("f0") == "failed"
    assert {applied.statuses[name] for name in names[1:] if name not in done} == {"skipped"}
    assert applied.reason("f8") == "deletes come last, and f0 was not finished"
    assert world.titles() == sorted({*names, "kept"} - done)


def test_no_delete_is_begun_after_one_that_broke_off(world, repo):
    """It cannot be written down, say: who waits for an earlier one does not see that yet."""
    nine_to_delete(repo)
    calls, has_broken = count(), Event()

    def break_the_second(label):
        if label == "before-delete":
            turn = next(calls)
            if turn == 0:
                has_broken.wait(10)
                sleep(0.2)
            elif turn == 1:
                has_broken.set()
                raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        repo.apply(workers=2, allow_deletes=9, checkpoint=break_the_second)
    assert len(world.titles()) >= 9


def test_deletes_wait_for_all_other_changes(world, repo):
    for name in ("a", "b", "c"):
        repo.write(name, say(f"I am {name}", name))
    repo.apply()
    repo.write("a", say("Good day", "a"))
    repo.write("d", say("I am new", "d"))
    for name in "bc":
        repo.remove(name)
    start = len(world.writes())
    repo.apply(workers=4, allow_deletes=2)
    methods = [request.partition(" ")[0] for request in world.writes()[start:]]
    assert methods == ["POST", "PUT", "DELETE", "DELETE"]
