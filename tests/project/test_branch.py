"""What a branch has done to the flow files, asked of a real git."""

import subprocess

import pytest

from mbflow.model.errors import Error
from mbflow.project.git import Branch, branch_from, confirmed

ZEROS = "0" * 40


def git(root, *words):
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(root), *names, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "origin"
    (root / "flows").mkdir(parents=True)
    git(root, "init", "-q", "-b", "first")
    commit(root, "first", write=["menu"])
    return root


def commit(root, message, *, write=(), remove=()):
    for name in write:
        (root / "flows" / f"{name}.yaml").write_text(f"title: {message}\n")
    for name in remove:
        (root / "flows" / f"{name}.yaml").unlink()
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def parted(repository):
    """`main` has gone on since `topic` left it."""
    start = commit(repository, "start", write=["a", "b", "c", "a.calls"])
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, "topic", write=["mine"], remove=["b"])
    git(repository, "branch", "-q", "main", start)
    git(repository, "checkout", "-q", "main")
    tip = commit(repository, "main", write=["new", "a"], remove=["c"])
    git(repository, "checkout", "-q", "topic")
    return repository, start, tip


@pytest.mark.parametrize("name", ["main", "tip", "start"])
def test_only_what_the_branch_deleted_is_deleted(parted, name):
    root, start, tip = parted
    base = {"main": "main", "tip": tip, "start": start}[name]
    theirs = frozenset() if name == "start" else frozenset({"new", "a", "c"})
    found = branch_from(root, base, "flows", {"menu", "a", "c", "mine"})
    at = start if name == "start" else tip
    assert found == Branch(base, start, frozenset({"b"}), theirs, at)


def test_a_project_below_the_repository(parted):
    root, *_ = parted
    (root / "phone").mkdir()
    git(root, "mv", "flows", "phone/flows")
    git(root, "commit", "-q", "-m", "moved")
    moved = git(root, "rev-parse", "HEAD")
    (root / "phone" / "flows" / "a.yaml").unlink()
    found = branch_from(root / "phone", moved, "flows", {"menu", "c", "mine"})
    assert found == Branch(moved, moved, frozenset({"a"}), tip=moved)


def test_before_the_first_push_nothing_was_deleted(repository):
    assert branch_from(repository, ZEROS, "flows", set()) == Branch(ZEROS)


def test_a_clone_that_lacks_the_history_cannot_tell(parted, tmp_path):
    root, _, tip = parted
    clone = tmp_path / "clone"
    git(root, "clone", "-q", "--depth", "1", "--branch", "topic", f"file://{root}", str(clone))
    with pytest.raises(Error, match=f"git cannot list the files at {tip}") as unknown:
        branch_from(clone, tip, "flows", set())
    assert "shallow clone" in str(unknown.value.details)
    git(clone, "fetch", "-q", "--depth", "1", "origin", tip)
    with pytest.raises(Error, match=r"no commit that .* have in common") as parted_unseen:
        branch_from(clone, tip, "flows", set())
    assert "fetch-depth: 0" in str(parted_unseen.value.details)


def test_git_denies_a_delete_that_a_plan_claims(parted, tmp_path):
    root, start, _ = parted
    claimed = Branch("main", start, frozenset({"b", "new"}))
    assert confirmed(root, "flows", claimed) == Branch("main", start, frozenset({"b"}))
    clone = tmp_path / "clone"
    git(root, "clone", "-q", "--depth", "1", f"file://{root}", str(clone))
    assert confirmed(clone, "flows", claimed) == claimed


def test_a_base_is_never_an_option(repository):
    with pytest.raises(Error):
        branch_from(repository, "--output=x", "flows", set())
    assert not (repository / "x").exists()
