"""A listing and the reads by id that contradict each other: told apart from a flow that is gone."""

import pytest

from mbflow.api.client import Client
from mbflow.api.errors import IncompleteListing

from .world import say

hides_steps = pytest.mark.parametrize("quirk", ["list-without-steps", "list-without-titles"])


class Halves(Client):
    """Says of the flow `name` for `times` reads that it is not there."""

    name = ""
    times = 0

    def get_call_flow(self, flow_id):
        if flow_id == Halves.name and Halves.times > 0:
            Halves.times -= 1
            return None
        return super().get_call_flow(flow_id)


@pytest.fixture
def halves(make_world, make_repo, quirk):
    """A project with one flow, and the lock lost, so that the flow must be read to be known."""
    repo = make_repo(make_world(quirks=[quirk], kind=Halves))
    repo.write("a", say("Hello", "A"))
    repo.apply()
    repo.lock_path.unlink()
    Halves.name = repo.world.id_of("A")
    yield repo
    Halves.times = 0


@hides_steps
def test_a_listed_flow_that_cannot_be_read_yet_is_not_gone(halves):
    Halves.times = 2
    assert halves.pending() == []
    assert Halves.times == 0


@hides_steps
def test_no_plan_where_a_listed_flow_can_never_be_read(halves):
    Halves.times = 99
    with pytest.raises(IncompleteListing) as raised:
        halves.apply()
    assert f"it shows {Halves.name}, and a read of that flow says" in str(raised.value)
    assert len(halves.world.live()) == 1


@hides_steps
def test_a_flow_that_is_deleted_between_the_two_is_gone(halves):
    world = halves.world

    class Deleting(Client):
        def get_call_flow(self, flow_id):
            if flow_id in world.live():
                world.dashboard.delete_call_flow(flow_id)
            return super().get_call_flow(flow_id)

    world.kind = Deleting
    assert halves.pending() == ["create a"]
