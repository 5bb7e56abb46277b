"""What a plan does with the lock that it finds."""

import pytest
from apply.world import Repo, World, say

from mbflow.flow.canonical import VERSION
from mbflow.model.errors import RefusedError


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
    repo.write("menu", say("Hello", "Menu"))
    repo.apply()
    return repo


def refused(repo):
    with pytest.raises(RefusedError) as caught:
        repo.pending()
    return caught.value


def test_a_lock_of_another_project(world, repo):
    repo.save_settings(project="renamed")
    error = refused(repo)
    assert error.summary == "The lock belongs to the project acme, and mbflow.yaml says renamed."
    assert error.details == (
        "If the project was renamed, say so in mbflow.yaml:",
        "    project_was: acme",
    )
    repo.save_settings(project="renamed", project_was="acme")
    assert repo.pending() == []


def test_a_lock_with_marks_of_a_merge_makes_no_plan(world, repo):
    repo.lock_path.write_text(f"<<<<<<< HEAD\n{repo.lock_path.read_text()}")
    assert "a merge left its marks in it" in refused(repo).summary


def test_without_changes_the_lock_is_untouched(world, repo):
    before = repo.lock_path.stat()
    repo.apply()
    after = repo.lock_path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_lock_of_another_canonical_form_is_no_drift(world, tmp_path):
    where = {"endpoint": "http://127.0.0.1:9", "settle_seconds": 30}
    repo = Repo(world, tmp_path / "two", environments={"production": where, "staging": {**where}})
    for name in "ab":
        repo.write(name, say(f"I am {name}", name))
    repo.apply("production")
    repo.apply("staging")
    text = repo.lock_path.read_text().replace(f"canonical: {VERSION}", f"canonical: {VERSION + 1}")
    repo.lock_path.write_text(text)
    repo.write("a", say("I am new", "a"))
    repo.apply("staging", targets=["b"])
    (change,) = repo.plan("production").plan.changes
    assert (change.name, change.hazards, change.base_known) == ("a", (), False)
    repo.apply("production")
    repo.apply("staging")
    assert repo.pending("production") == repo.pending("staging") == []
