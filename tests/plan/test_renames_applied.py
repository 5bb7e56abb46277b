"""Renames that lean on each other, through plan and apply to the emulator."""

from contextlib import suppress

import pytest
from apply.world import Killed, Repo, World, killed_at, payloads, say

from mbflow.model.errors import RefusedError
from mbflow.model.text import Command


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "service"
    folder.mkdir()
    world = World(folder)
    yield world
    world.close()


@pytest.fixture
def repo(world, tmp_path):
    repo = Repo(world, tmp_path / "checkout")
    repo.write("a", say("I was first", "First"))
    repo.write("b", say("I was second", "Second"))
    repo.apply()
    return repo


def rename_in_a_chain(repo):
    repo.rename("b", "c")
    repo.rename("a", "b")
    with pytest.raises(RefusedError) as refused:
        repo.apply()
    assert refused.value.details[-1] == Command("mbflow", "apply", "--target", "c")


def test_a_chain_of_renames_keeps_every_flow(world, repo):
    first, second = world.id_of("First"), world.id_of("Second")
    rename_in_a_chain(repo)
    repo.apply(targets=["c"])
    assert repo.pending() == ["move b"]
    repo.apply()
    assert {name: entry.id for name, entry in repo.lock().items()} == {"b": first, "c": second}
    assert repo.pending() == []
    repo.lock_path.unlink()
    assert repo.pending() == [], "the markers say the same"


@pytest.mark.parametrize("label", ["before-put", "after-put", "after-read-back", "before-lock"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_chain_that_was_killed_is_finished(world, repo, label, nth):
    first, second = world.id_of("First"), world.id_of("Second")
    rename_in_a_chain(repo)
    for targets in (["c"], []):
        with suppress(Killed):
            repo.apply(targets=targets, checkpoint=killed_at(label, nth))
        repo.apply(targets=targets)
    assert {name: entry.id for name, entry in repo.lock().items()} == {"b": first, "c": second}
    assert payloads(world.live()[first]) == ["I was first"]
    assert payloads(world.live()[second]) == ["I was second"]
    assert repo.pending() == []


def test_a_flow_adopted_from_another_name_gets_its_markers(world, repo):
    first = world.id_of("First")
    repo.remove("a")
    repo.forget("a")
    repo.write("z", say("I was first", "First"))
    repo.adopt("z", first)
    assert repo.pending() == ["move z"]
    repo.apply()
    assert repo.pending() == []
    repo.lock_path.unlink()
    assert repo.pending() == []
