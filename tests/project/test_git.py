"""Which files were there at another commit, asked of a real git."""

import os
import subprocess

import pytest

from mbflow.model.errors import Error
from mbflow.project.git import GitRefusal, contents_at, files_at
from mbflow.project.git import git as run_git

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


@pytest.mark.parametrize("reference", [ZEROS, "0" * 64])
def test_before_the_first_push_of_a_branch_there_was_nothing(repository, reference):
    """What `github.event.before` holds then."""
    assert files_at(repository, reference, "flows") == []


def test_a_commit_that_is_not_there(repository):
    with pytest.raises(Error, match=r"git cannot list the files at f{40}: "):
        files_at(repository, "f" * 40, "flows")


@pytest.mark.parametrize("reference", ["0", "", "000"])
def test_a_few_zeros_are_no_commit_of_zeros(repository, reference):
    with pytest.raises(Error, match=r"In CI|Not a valid object name"):
        files_at(repository, reference, "flows")


def test_only_a_commit_that_is_missing_is_to_be_fetched(repository, tmp_path_factory):
    with pytest.raises(Error) as missing:
        files_at(repository, "nowhere", "flows")
    with pytest.raises(Error) as outside:
        files_at(tmp_path_factory.mktemp("outside"), "HEAD", "flows")
    assert missing.value.details[-1].startswith("In CI, fetch the base branch first")
    assert "not a git repository" in outside.value.summary
    assert "fetch" not in "".join(outside.value.details)


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_TRACE"])
def test_a_hook_of_another_repository_changes_nothing(
    repository, tmp_path_factory, monkeypatch, name
):
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    monkeypatch.setenv(name, "1" if name == "GIT_TRACE" else str(other / ".git"))
    assert files_at(repository, "HEAD", "flows") == ["flows/menu.yaml"]
    with pytest.raises(Error, match=r"^git cannot list the files at x: fatal: "):
        files_at(repository, "x", "flows")


def test_a_hook_of_this_repository_finds_a_project_below_it(repository, monkeypatch):
    below = repository / "sub/flows"
    below.mkdir(parents=True)
    (below / "b.yaml").write_text("steps: []\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    for folder in (str(repository / ".git"), ".git"):
        monkeypatch.setenv("GIT_DIR", folder)
        assert files_at(repository / "sub", "HEAD", "flows") == ["flows/b.yaml"]


def test_all_that_git_says_of_a_strangers_repository(repository, tmp_path, monkeypatch):
    """The way on stands on its last line: `git config --global --add safe.directory`."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Error) as refusal:
        files_at(repository, "HEAD", "flows")
    assert "fatal: detected dubious ownership" in refusal.value.summary
    assert any("safe.directory" in str(line) for line in refusal.value.details)


def test_what_git_says_holds_no_login(repository):
    with pytest.raises(GitRefusal) as raised:
        run_git(repository, "ls-tree", "https://oauth2:hunter2@example.com/acme.git")
    assert "https://example.com/acme.git" in raised.value.reason
    assert "hunter2" not in raised.value.reason


def test_a_file_may_have_a_line_break_in_its_name(repository):
    for name in ("a\nb.ics", "z.ics"):
        (repository / "flows" / name).write_text(name)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "names")
    names = files_at(repository, "HEAD", "flows")
    found = contents_at(repository, "HEAD", names)
    assert found["flows/z.ics"] == b"z.ics"
    assert found["flows/menu.yaml"] == b"steps: []\n"


def test_no_git(repository, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(Error, match=r"git cannot be run: .*\. --base and ci need it\."):
        files_at(repository, "HEAD", "flows")
