"""A POST that the service carries out twice: seen, named, and nothing is deleted for it."""

import pytest

from .world import Killed, killed_at, say


@pytest.mark.parametrize("quirk", ["put-merges", "list-without-steps", "step-ids-replaced"])
def test_a_second_flow_of_one_post_is_named(make_world, make_repo, quirk):
    world = make_world(quirks=[quirk], faults=["POST * twice"])
    repo = make_repo(world)
    repo.write("a", say("Hello", "A"))
    applied = repo.apply()
    assert applied.statuses == {"a": "unknown"}
    assert "more than once" in applied.reason("a")
    assert len(world.live()) == 2
    for flow_id in world.live():
        assert flow_id in applied.reason("a")
    assert repo.lock()["a"].id in world.live()


@pytest.mark.parametrize("quirk", ["put-merges", "step-ids-replaced"])
def test_two_files_that_say_the_same_are_no_twins_of_each_other(make_world, make_repo, quirk):
    repo = make_repo(make_world(quirks=[quirk]))
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Hello", "A"))
    assert repo.apply().statuses == {"a": "done", "b": "done"}
    assert repo.pending() == []


def test_a_new_flow_that_no_list_shows_is_not_called_done(make_world, make_repo):
    """The listing of the plan sees it not, as it should; that after the create must."""
    world = make_world()
    repo = make_repo(world)
    repo.write("a", say("Hello", "A"))

    def delete(label):
        if label == "after-read-back":
            world.dashboard.delete_call_flow(world.id_of("A"))

    applied = repo.apply(checkpoint=delete)
    assert applied.statuses == {"a": "unknown"}
    assert applied.reason("a") == "created, but missing from a complete list afterwards"
    assert repo.pending() == ["create a"]


@pytest.mark.parametrize("quirk", ["put-merges", "step-ids-replaced"])
def test_a_second_flow_is_named_by_the_plan_after_a_killed_run(make_world, make_repo, quirk):
    """The run that made it was killed before it could look."""
    world = make_world(quirks=[quirk], faults=["POST * twice nth=1"])
    repo = make_repo(world)
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Good day", "B"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("after-read-back", 2))
    planned = repo.plan()
    (extra,) = world.live().keys() - {entry.id for entry in planned.survey.entries.values()}
    assert extra in "\n".join(planned.plan.notes)
    assert planned.plan.changes == ()


@pytest.mark.parametrize("quirk", ["put-merges", "step-ids-replaced"])
def test_flows_of_a_killed_run_without_file_are_left_alone(make_world, make_repo, quirk):
    """`adopt`, the way out of not knowing which, needs a file."""
    world = make_world(quirks=[quirk], faults=["POST * twice nth=1"])
    repo = make_repo(world)
    repo.write("a", say("Hello", "A"))
    repo.write("b", say("Good day", "B"))
    with pytest.raises(Killed):
        repo.apply(checkpoint=killed_at("after-post", 1))
    first, second = world.live()
    repo.remove("a")
    planned = repo.plan()
    notes = "\n".join(planned.plan.notes)
    assert "no file: a run that was cut off made a, whose file is gone" in notes
    assert first in notes
    assert second in notes
    assert repo.apply().statuses == {"b": "done"}
    assert {first, second} < world.live().keys()
    assert repo.pending() == []
