"""Between plan and write: what apply reads again, and what it then refuses."""

from dataclasses import replace

import pytest

from mbflow.apply.run_lock import own_turn
from mbflow.model.errors import RefusedError
from mbflow.model.text import Command
from mbflow.plan.document import plan_json, read_plan

from .world import Killed, killed_at, payloads, say


def saved(plan):
    """The plan as it comes back from its file."""
    return read_plan(plan_json(plan))


def test_an_edit_after_the_plan_is_not_overwritten(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.write("a", say("Good day", "A"))
    applied = repo.apply(between=lambda: world.edit("A", steps=say("By hand")["steps"]))
    assert applied.statuses == {"a": "failed"}
    assert "edited since the plan was made" in applied.reason("a")
    assert payloads(world.body_of("A")) == ["By hand"]


def test_the_same_edit_made_by_somebody_else_counts_as_done(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.write("a", say("Good day", "A"))
    puts = len(world.sent("PUT"))
    applied = repo.apply(between=lambda: world.edit("A", steps=say("Good day")["steps"]))
    assert applied.statuses == {"a": "done"}
    assert len(world.sent("PUT")) == puts, "nothing was left to send"
    assert repo.pending() == []


def test_a_flow_deleted_after_the_plan_is_said(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.write("a", say("Good day", "A"))
    applied = repo.apply(between=lambda: world.dashboard.delete_call_flow(world.id_of("A")))
    assert "gone since the plan was made" in applied.reason("a")
    assert world.live() == {}


def test_a_flow_edited_after_the_plan_is_not_deleted(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.remove("a")
    applied = repo.apply(
        allow_deletes=1, between=lambda: world.edit("A", steps=say("By hand")["steps"])
    )
    assert applied.statuses == {"a": "failed"}
    assert world.titles() == ["A", "B"]


def test_a_flow_that_another_branch_moved_is_left_alone(world, repo, make_repo):
    """A move rewrites the markers and nothing else: the body alone would look unchanged."""
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    colleague = make_repo(world)
    colleague.lock_path.write_bytes(repo.lock_path.read_bytes())
    colleague.write("moved", say("Hello", "A"), was="a")
    colleague.write("b", say("Other", "B"))
    repo.remove("a")
    applied = repo.apply(allow_deletes=1, between=colleague.apply)
    assert applied.statuses == {"a": "failed"}
    assert "belongs to another name now" in applied.reason("a")
    assert world.titles() == ["A", "B"]


def test_a_flow_that_another_branch_moved_is_not_overwritten(world, repo, make_repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    colleague = make_repo(world)
    colleague.lock_path.write_bytes(repo.lock_path.read_bytes())
    colleague.write("moved", say("Hello", "A"), was="a")
    repo.write("a", say("Good day", "A"))
    applied = repo.apply(between=colleague.apply)
    assert applied.statuses == {"a": "failed"}
    assert payloads(world.body_of("A")) == ["Hello"]
    assert colleague.pending() == []


def test_numbers_are_read_again_right_before_a_delete(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    flow_id = world.id_of("A")
    repo.remove("a")
    applied = repo.apply(
        allow_deletes=1,
        between=lambda: world.dashboard.assign_numbers(flow_id, ["31201234567"]),
    )
    assert applied.statuses == {"a": "failed"}
    assert "31201234567" in applied.reason("a")
    assert flow_id in world.live()
    requests = world.sent()
    assert f"DELETE /call-flows/{flow_id}" not in requests


def test_the_last_request_before_a_delete_reads_its_numbers(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    flow_id = world.id_of("A")
    repo.remove("a")
    repo.apply(allow_deletes=1)
    assert world.sent()[-3:] == [
        f"GET /call-flows/{flow_id}",
        f"GET /call-flows/{flow_id}/numbers",
        f"DELETE /call-flows/{flow_id}",
    ]


def test_a_flow_that_became_the_default_is_not_deleted(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.remove("a")
    applied = repo.apply(allow_deletes=1, between=lambda: world.edit("A", default=True))
    assert applied.statuses == {"a": "failed"}
    assert world.titles() == ["A", "B"]


@pytest.mark.parametrize("how", ["protected", "numbers", "default"])
def test_hazardous_deletes_need_allow(world, repo, how):
    repo.write("a", say("Hello", "A", default=how == "default"), protect=how == "protected")
    repo.write("b", say("Other", "B"))
    repo.apply()
    if how == "numbers":
        world.dashboard.assign_numbers(world.id_of("A"), ["31201234567"])
    repo.remove("a")
    plan = repo.plan().plan
    assert [hazard.kind.value for hazard in plan.changes[0].hazards] == [how]
    for consent in ({"reviewed": True}, {"reviewed": False}, {"saved": saved(plan)}):
        with pytest.raises(RefusedError) as refused:
            repo.apply(allow_deletes=1, **consent)
        assert Command("--allow", "a") in refused.value.details
    assert world.titles() == ["A", "B"]
    assert repo.apply(allow=["a"], allow_deletes=1).statuses == {"a": "done"}
    assert world.titles() == ["B"]


def test_deletes_are_counted_exactly_where_nobody_looked(world, repo):
    for name in "abcde":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    repo.remove("a")
    for wrong in (None, 0, 2):
        with pytest.raises(RefusedError) as refused:
            repo.apply(reviewed=False, allow_deletes=wrong)
        assert Command("--allow-deletes", "1") in refused.value.details
    assert len(world.live()) == 5
    repo.apply(reviewed=False, allow_deletes=1)
    assert len(world.live()) == 4


def test_a_yes_covers_two_deletes_and_not_three(world, repo):
    for name in "abcdefgh":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    for name in "abc":
        repo.remove(name)
    with pytest.raises(RefusedError, match="A yes is not enough"):
        repo.apply()
    assert len(world.live()) == 8
    repo.write("a", say("I am a", "A"))
    assert repo.apply().statuses == {"b": "done", "c": "done"}


def test_names_that_are_declared_as_removed_are_not_counted(world, repo):
    for name in "abcd":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    for name in "abc":
        repo.remove(name)
    repo.save_settings(removed=["a", "b", "c"])
    repo.apply(reviewed=False)
    assert world.titles() == ["D"]


def test_without_any_flow_file_nothing_is_ever_deleted(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.remove("a")
    with pytest.raises(RefusedError) as refused:
        repo.apply(allow=["a"], allow_deletes=1)
    assert "There is no flow file at all" in "\n".join(map(str, refused.value.details))
    assert world.titles() == ["A"]


def test_a_marked_flow_never_had_here_is_left_alone(world, repo, make_repo):
    colleague = make_repo(world)
    colleague.write("theirs", say("Hello", "Theirs"))
    colleague.apply()
    repo.write("mine", say("Other", "Mine"))
    plan = repo.plan().plan
    assert [change.name for change in plan.changes] == ["mine"]
    assert plan.summary.orphaned == 1
    repo.apply()
    assert world.titles() == ["Mine", "Theirs"]


def test_base_lets_the_flows_of_a_commit_be_deleted(world, repo, make_repo, git):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    git(repo.folder, "init", "--quiet")
    git(repo.folder, "add", "flows", "mbflow.yaml")
    git(repo.folder, "commit", "--quiet", "--message", "both")
    repo.lock_path.unlink()
    repo.remove("a")
    assert repo.pending() == []
    assert repo.pending(base="HEAD") == ["delete a"]
    repo.apply(base="HEAD", allow_deletes=1)
    assert world.titles() == ["B"]


def shallow(git, repo, make_repo, branch="HEAD"):
    """A clone of one commit, as CI makes them."""
    clone = make_repo(repo.world)
    git(clone.folder, "init", "--quiet")
    git(clone.folder, "fetch", "--quiet", "--depth", "1", f"file://{repo.folder}", branch)
    git(clone.folder, "checkout", "--quiet", "--force", "FETCH_HEAD")
    assert git(clone.folder, "rev-list", "--count", "HEAD").strip() == "1"
    return clone


def test_a_saved_plan_needs_no_history_to_be_applied(world, repo, make_repo, git):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.lock_path.unlink()
    git(repo.folder, "init", "--quiet")
    commit_all(git, repo, "both")
    repo.remove("a")
    commit_all(git, repo, "without a")
    plan = saved(repo.plan(base="HEAD~").plan)
    clone = shallow(git, repo, make_repo)
    assert clone.apply(saved=plan, allow_deletes=1).statuses == {"a": "done"}
    assert world.titles() == ["B"]
    again = shallow(git, repo, make_repo)
    assert len(again.apply(saved=plan, allow_deletes=1).approved.already) == 1


def commit_all(git, repo, message):
    git(repo.folder, "add", "flows", "mbflow.yaml")
    git(repo.folder, "commit", "--quiet", "--message", message)


def test_a_branch_that_is_behind_leaves_what_belongs_to_main(world, repo, make_repo, git):
    repo.write("a", say("Hello", "A"))
    git(repo.folder, "init", "--quiet", "--initial-branch", "main")
    commit_all(git, repo, "first")
    git(repo.folder, "branch", "topic")
    repo.write("new", say("New", "New"))
    repo.apply()
    commit_all(git, repo, "new flow")
    git(repo.folder, "checkout", "--quiet", "topic")
    repo.lock_path.unlink()
    assert repo.pending(base="main") == []
    plan = repo.plan(base="main").plan
    assert plan.notes == (
        "This branch lacks what main changed since they parted: new. What is live of it is not "
        "this branch's: merge main, then plan again",
        f'orphan {world.id_of("New")} "New": it is new of main; left alone',
    )
    clone = shallow(git, repo, make_repo, "topic")
    applied = clone.apply(saved=saved(plan))
    assert applied.planned.plan.notes == plan.notes, "it is said without the history too"


def test_a_delete_that_git_denies_is_not_made(world, repo, git):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.lock_path.unlink()
    git(repo.folder, "init", "--quiet")
    commit_all(git, repo, "both")
    repo.remove("a")
    plan = repo.plan(base="HEAD").plan
    commit_all(git, repo, "without a")
    branch = {**plan.options["branch"], "commit": git(repo.folder, "rev-parse", "HEAD").strip()}
    forged = saved(replace(plan, options={**plan.options, "branch": branch}))
    with pytest.raises(RefusedError) as refused:
        repo.apply(saved=forged, allow_deletes=1)
    assert "the lock does not say any more" in str(refused.value.details)


def test_one_apply_at_a_time_in_a_checkout(world, repo):
    repo.write("a", say("Hello", "A"))
    with own_turn(repo.folder / ".mbflow"):
        with pytest.raises(RefusedError, match="Another apply is running"):
            repo.apply()
        assert world.sent() == []
    repo.apply()
    assert world.titles() == ["A"]


def test_a_saved_plan_too_old_for_the_environment_is_refused(make_repo, world):
    environments = {
        "production": {"endpoint": "http://127.0.0.1:9", "settle_seconds": 0, "plan_max_age": "1h"}
    }
    repo = make_repo(world, environments=environments)
    repo.write("a", say("Hello", "A"))
    plan = saved(repo.plan().plan)
    world.clock.sleep(3601)
    with pytest.raises(RefusedError) as refused:
        repo.apply(saved=plan)
    assert "61 minutes ago" in "\n".join(map(str, refused.value.details))
    assert world.writes() == []
    assert repo.apply(saved=saved(repo.plan().plan)).statuses == {"a": "done"}


def test_a_saved_plan_is_refused_after_an_edit_of_its_flow(world, repo):
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.write("a", say("Good day", "A"))
    plan = saved(repo.plan().plan)
    world.edit("B", steps=say("By hand")["steps"])
    world.edit("A", steps=say("By hand")["steps"])
    with pytest.raises(RefusedError) as refused:
        repo.apply(saved=plan)
    assert "update a: the live flow was edited" in "\n".join(map(str, refused.value.details))
    assert payloads(world.body_of("A")) == ["By hand"]


def test_changes_elsewhere_are_reported_and_left_alone(world, repo):
    repo.write("a", say("Hello", "A"))
    plan = saved(repo.plan().plan)
    repo.write("b", say("Other", "B"))
    applied = repo.apply(saved=plan)
    assert applied.statuses == {"a": "done"}
    assert [change.name for change in applied.approved.elsewhere] == ["b"]
    assert world.titles() == ["A"]


def test_a_saved_plan_is_refused_when_its_file_has_changed(world, repo):
    repo.write("a", say("Hello", "A"))
    plan = saved(repo.plan().plan)
    repo.write("a", say("Good day", "A"))
    with pytest.raises(RefusedError) as refused:
        repo.apply(saved=plan)
    assert "says something else than when the plan was made" in "\n".join(
        map(str, refused.value.details)
    )
    assert world.writes() == []


def test_half_a_plan_finishes_and_a_whole_one_does_nothing(world, repo):
    for name in "abc":
        repo.write(name, say(f"I am {name}", name.upper()))
    plan = saved(repo.plan().plan)
    world.faults("POST /call-flows 429=200 nth=2")
    first = repo.apply(saved=plan)
    assert sorted(first.statuses.values()) == ["done", "done", "failed"]
    world.faults()
    second = repo.apply(saved=plan)
    assert list(second.statuses.values()) == ["done"]
    assert len(second.approved.already) == 2
    third = repo.apply(saved=plan)
    assert third.outcomes == []
    assert len(third.approved.already) == 3
    assert world.titles() == ["A", "B", "C"]


def test_a_delete_is_not_done_while_the_flow_is_there(world, repo):
    """The lock went back to a state in which the flow is nobody's: it is not owned any more."""
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Other", "B"))
    repo.apply()
    repo.remove("a")
    plan = saved(repo.plan().plan)
    repo.lock_path.unlink()
    with pytest.raises(RefusedError) as refused:
        repo.apply(saved=plan, allow_deletes=1)
    assert "delete a:" in "\n".join(map(str, refused.value.details))
    assert world.titles() == ["A", "B"]


def test_a_plan_for_another_place_is_refused(world, repo):
    repo.write("a", say("Hello", "A"))
    plan = saved(repo.plan().plan)
    for name in ("project", "environment", "endpoint"):
        with pytest.raises(RefusedError) as refused:
            repo.apply(saved=replace(plan, **{name: "other"}))
        assert f"The plan is for the {name} other" in "\n".join(map(str, refused.value.details))
    assert world.writes() == []


def test_an_edit_after_a_killed_create_is_not_overwritten(world, repo):
    repo.write("a", say("Hello", "A"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("after-post"))
    world.edit("A", steps=say("By hand")["steps"])
    (change,) = repo.plan().plan.changes
    assert [hazard.kind.value for hazard in change.hazards] == ["outside-edit"]
    with pytest.raises(RefusedError):
        repo.apply(reviewed=False)
    assert payloads(world.body_of("A")) == ["By hand"]


def test_a_flow_whose_create_was_killed_may_be_edited_in_git(world, repo):
    repo.write("a", say("Hello", "A", default=True))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("after-post"))
    repo.write("a", say("Good day", "A", default=True))
    assert repo.apply(reviewed=False).statuses == {"a": "done"}
    assert payloads(world.body_of("A")) == ["Good day"]
    assert repo.pending() == []


def test_adopting_settles_a_lock_that_markers_contradict(world, repo, make_repo):
    repo.write("a", say("Hello", "A"))
    repo.apply()
    colleague = make_repo(world)
    colleague.lock_path.write_bytes(repo.lock_path.read_bytes())
    colleague.write("moved", say("Hello", "A"), was="a")
    colleague.apply()
    with pytest.raises(RefusedError) as refused:
        repo.apply()
    assert "behind the one that moved it" in "\n".join(map(str, refused.value.details))
    flow_id = world.id_of("A")
    assert Command("mbflow", "adopt", "a", flow_id) in refused.value.details
    repo.adopt("a", flow_id)
    assert repo.apply().statuses == {"a": "done"}
    assert repo.pending() == []


def test_an_edited_copy_of_a_gone_flow_is_not_overwritten(world, repo):
    """Its markers tie it to the file; the lock says what was sent to the flow that it is of."""
    repo.write("a", say("Hello", "A"))
    repo.apply()
    original = world.id_of("A")
    copy = world.dashboard.create_call_flow(dict(world.live()[original])).id
    world.dashboard.delete_call_flow(original)
    assert repo.pending() == []
    world.dashboard.update_call_flow(copy, {**world.live()[copy], "record": True})
    (change,) = repo.plan().plan.changes
    assert (change.id, [hazard.kind.value for hazard in change.hazards]) == (copy, ["outside-edit"])
    with pytest.raises(RefusedError, match="not enough for this plan"):
        repo.apply(reviewed=False)
    assert repo.apply(reviewed=False, allow=["a"]).statuses == {"a": "done"}
    assert repo.pending() == []
