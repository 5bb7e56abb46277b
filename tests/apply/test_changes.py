"""What apply does to one flow, and that a plan afterwards is empty."""

import pytest

from mbflow.api.client import Client
from mbflow.model.errors import RefusedError

from .world import PRODUCTION, Killed, killed_at, payloads, say, spoken


def test_create(world, repo):
    repo.write("billing/menu", say("Hello", "Billing"))
    assert repo.pending() == ["create billing/menu"]
    assert repo.apply().statuses == {"billing/menu": "done"}
    assert payloads(world.body_of("Billing")) == ["Hello"]
    assert repo.pending() == []


def test_update_keeps_the_id_and_the_step_ids(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    before = world.body_of("A")
    repo.write("a", {"title": "A", "steps": [spoken("First"), *say("Hello")["steps"]]})
    assert repo.pending() == ["update a"]
    repo.apply()
    after = world.body_of("A")
    assert after["id"] == before["id"]
    assert payloads(after) == ["First", "Hello"]
    ids = [step["id"] for step in after["steps"]]
    assert ids[1:] == [step["id"] for step in before["steps"]]
    assert len(set(ids)) == 3
    assert repo.pending() == []


def test_dropped_fields_are_unset_where_a_service_merges(make_world, make_repo):
    world = make_world(quirks=["put-merges"])
    repo = make_repo(world)
    repo.write("a", say("Hello", "A", record=True))
    repo.apply()
    repo.write("a", say("Hello", "A"))
    repo.apply()
    assert world.body_of("A")["record"] is False
    assert repo.pending() == []


class Forgetful(Client):
    """A service that drops the first of several steps."""

    def update_call_flow(self, flow_id, body):
        return super().update_call_flow(flow_id, {**body, "steps": body["steps"][1:]})


def test_a_result_tells_whole_what_the_service_left_out(make_world, make_repo):
    repo = make_repo(make_world(kind=Forgetful))
    repo.write("a", say("Hello", "A"))
    repo.apply()
    transfer = {"destination": "31201234567", "mask": True, "ifMachine": "hangup"}
    condition = {"variable": "choice", "operator": "==", "value": "1"}
    step = {"action": "transfer", "options": transfer, "conditions": [condition]}
    repo.write("a", {"title": "A", "steps": [step, *say("Hello")["steps"]]})
    done = repo.apply()
    assert done.statuses == {"a": "failed"}
    assert done.reason("a") == (
        "the service made something else of it; still to do: new step 1: transfer to 31201234567; "
        'if choice == "1"; mask yes, ifMachine "hangup"'
    )


def test_delete(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.remove("a")
    assert repo.pending() == ["delete a"]
    repo.apply(allow_deletes=1)
    assert world.titles() == ["B"]
    assert repo.lock().keys() == {"b"}
    assert repo.pending() == []


def test_a_twin_is_adopted_without_a_change_that_a_caller_hears(world, repo):
    made = world.dashboard.create_call_flow(say("Hello", "A"))
    repo.write("a", say("Hello", "A"))
    assert repo.pending() == ["adopt a"]
    repo.apply()
    assert list(world.live()) == [made.id]
    assert all("-86bf-" in step["id"] for step in world.live()[made.id]["steps"])
    repo.lock_path.unlink()
    assert repo.pending() == [], "the markers alone tell whose flow it is"


def test_a_flow_of_that_title_with_another_body_is_not_taken(world, repo):
    made = world.dashboard.create_call_flow(say("By hand", "A"))
    repo.write("a", say("Hello", "A"))
    with pytest.raises(RefusedError) as refused:
        repo.apply()
    text = "\n".join(map(str, refused.value.details))
    assert made.id in text
    assert f"mbflow adopt a {made.id}" in text
    assert f"mbflow import {made.id}" in text
    assert "mbflow plan --match-title" in text
    assert world.writes() == []


def test_match_title_takes_it_over_when_asked(world, repo):
    made = world.dashboard.create_call_flow(say("By hand", "A"))
    repo.write("a", say("Hello", "A"))
    repo.apply(match_title=True)
    assert payloads(world.live()[made.id]) == ["Hello"]
    assert repo.pending() == []


@pytest.mark.parametrize("declared", [True, False])
def test_move_keeps_the_flow_and_rewrites_the_markers(world, repo, declared):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    before = world.body_of("A")
    repo.rename("a", "deep/b", declared=declared)
    assert repo.pending() == ["move deep/b"]
    repo.apply()
    after = world.body_of("A")
    assert after["id"] == before["id"]
    assert {s["id"] for s in after["steps"]}.isdisjoint(s["id"] for s in before["steps"])
    assert repo.lock().keys() == {"deep/b"}
    repo.lock_path.unlink()
    assert repo.pending() == []


def test_an_edit_rides_along_with_a_declared_move(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    flow_id = world.id_of("A")
    repo.rename("a", "b")
    repo.write("b", say("Good day", "A"), was="a")
    assert repo.pending() == ["update b"]
    repo.apply()
    assert payloads(world.live()[flow_id]) == ["Good day"]
    assert repo.pending() == []


def test_recreate_after_a_delete_in_the_dashboard_is_asked_for(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    gone = world.id_of("A")
    world.dashboard.delete_call_flow(gone)
    (change,) = repo.plan().plan.changes
    assert [hazard.kind.value for hazard in change.hazards] == ["recreate"]
    with pytest.raises(RefusedError, match="not enough for this plan"):
        repo.apply(reviewed=False)
    assert world.titles() == []
    repo.apply(reviewed=False, allow=["a"])
    assert world.id_of("A") != gone
    assert repo.pending() == []


def test_auto_approve_does_not_cover_an_edit_in_the_dashboard(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    world.edit("A", steps=say("By hand")["steps"])
    (change,) = repo.plan().plan.changes
    assert [hazard.kind.value for hazard in change.hazards] == ["outside-edit"]
    with pytest.raises(RefusedError) as refused:
        repo.apply(reviewed=False)
    assert "mbflow import a" in "\n".join(map(str, refused.value.details))
    assert payloads(world.body_of("A")) == ["By hand"]
    repo.apply(reviewed=False, allow=["a"])
    assert payloads(world.body_of("A")) == ["Hello"]


def test_both_sides_changed_is_a_conflict(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    world.edit("A", steps=say("By hand")["steps"])
    repo.write("a", say("Good day", "A"))
    (change,) = repo.plan().plan.changes
    assert [hazard.kind.value for hazard in change.hazards] == ["conflict"]
    with pytest.raises(RefusedError):
        repo.apply(reviewed=False)
    assert payloads(world.body_of("A")) == ["By hand"]


def test_what_mbflow_has_no_name_for_goes_back_as_it_came(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    body = world.body_of("A")
    body["steps"][0]["options"]["shine"] = "bright"
    world.edit("A", steps=body["steps"], ringback="jazz")
    assert repo.pending() == []
    repo.write("a", say("Good day", "A"))
    repo.apply()
    after = world.body_of("A")
    assert after["ringback"] == "jazz"
    assert after["steps"][0]["options"]["shine"] == "bright"
    assert repo.pending() == []


def test_nothing_to_do_writes_the_lock_and_sends_only_reads(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.lock_path.unlink()
    before = len(world.writes())
    assert repo.apply().outcomes == []
    assert repo.lock()["a"].id == world.id_of("A")
    assert len(world.writes()) == before


def test_target_applies_one_flow_only(world, repo):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    assert repo.apply(targets=["b"]).statuses == {"b": "done"}
    assert world.titles() == ["B"]
    assert repo.pending() == ["create a", "create c"]


@pytest.mark.parametrize("workers", [1, 4])
def test_many_at_a_time(world, repo, workers):
    for number in range(12):
        repo.write(f"flow-{number}", say(f"I am {number}", f"Flow {number}"))
    outcomes = repo.apply(workers=workers).outcomes
    assert {one.status.value for one in outcomes} == {"done"}
    assert len(world.live()) == 12
    assert len(repo.lock()) == 12
    assert repo.pending() == []


def test_ids_are_unique_in_every_body_that_is_sent(world, repo):
    steps = [spoken("one"), spoken("two"), {**spoken("three"), "id": "mine"}]
    repo.write("a", {"title": "A", "steps": steps})
    repo.apply()
    repo.write("a", {"title": "A", "steps": [spoken("zero"), *reversed(steps), spoken("last")]})
    repo.apply()
    ids = [step["id"] for step in world.body_of("A")["steps"]]
    assert len(ids) == len(set(ids)) == 5
    assert "mine" in ids
    assert repo.pending() == []


def test_a_flow_of_another_environment_is_no_twin(make_world, make_repo):
    world = make_world(quirks=["step-ids-replaced"])
    place = PRODUCTION["production"]
    repo = make_repo(world, environments={"production": place, "staging": place})
    repo.write("a", say("Hello", "A"))
    repo.apply("production")
    assert repo.pending("staging") == ["create a"]
    repo.apply("staging")
    assert len(world.live()) == 2
    assert repo.lock("production")["a"].id != repo.lock("staging")["a"].id
    assert repo.pending("production") == repo.pending("staging") == []


@pytest.mark.parametrize("label", ["after-post", "after-read-back"])
def test_nor_is_one_of_another_environments_killed_run(make_world, make_repo, label):
    world = make_world(quirks=["step-ids-replaced"])
    place = PRODUCTION["production"]
    repo = make_repo(world, environments={"production": place, "staging": place})
    repo.write("a", say("Hello", "A"))
    with pytest.raises(Killed):
        repo.apply("production", checkpoint=killed_at(label))
    repo.apply("staging")
    repo.apply("production")
    assert len(world.live()) == 2
    assert repo.lock("production")["a"].id != repo.lock("staging")["a"].id
    assert repo.pending("production") == repo.pending("staging") == []
