"""Worlds that are closed with the test."""

import subprocess

import pytest

from .world import Repo, World


@pytest.fixture
def make_world(tmp_path):
    """`world = make_world(quirks=[...], faults=[...])`; several may stand beside each other."""
    worlds = []

    def make(**options):
        folder = tmp_path / f"service-{len(worlds)}"
        folder.mkdir()
        worlds.append(World(folder, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(make_world):
    return make_world()


@pytest.fixture
def make_repo(tmp_path):
    repos = []

    def make(world, **options):
        repos.append(Repo(world, tmp_path / f"checkout-{len(repos)}", **options))
        return repos[-1]

    return make


@pytest.fixture
def repo(make_repo, world):
    return make_repo(world)


@pytest.fixture
def git():
    """`git(folder, "commit", ...)` as somebody who has a name."""

    def run(folder, *arguments):
        names = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        command = ["git", "-C", str(folder), *names, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return run
