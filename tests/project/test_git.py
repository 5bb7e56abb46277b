"""Which files were there at another commit, asked of a real git."""

import subprocess

import pytest

from mbflow.model.errors import Error
from mbflow.project.discover import files_at

ZEROS = "0" * 40


def git(root, *words):
    name = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(root), *name, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "menu.yaml").write_text("steps: []\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_the_files_of_a_commit(repository):
    commit = git(repository, "rev-parse", "HEAD")
    assert files_at(repository, commit, "flows") == ["flows/menu.yaml"]


@pytest.mark.parametrize("reference", [ZEROS, "0" * 64, ""])
def test_before_the_first_push_of_a_branch_there_was_nothing(repository, reference):
    """What `github.event.before` holds then, and what it holds where nobody set it."""
    assert files_at(repository, reference, "flows") == []


def test_a_commit_that_is_not_there(repository):
    with pytest.raises(Error, match=r"git cannot list the files at f{40}: "):
        files_at(repository, "f" * 40, "flows")
