"""The way back in a real repository: what a rollback advises is run as it stands."""

import shlex
import subprocess

import pytest
from apply.world import say

from .conftest import Project
from .racing import committed, git


@pytest.fixture
def changed(applied, in_process):
    """A commit that changes a, deletes b and adds d was applied; its lock is in it."""
    committed(applied, "as it was")
    applied.write("a", say("Good day", "A"))
    applied.remove("b")
    applied.write("d", say("Nobody works on Sundays or holidays", "D"))
    mbflow = in_process(applied)
    assert mbflow("apply", "--auto-approve", "--allow-deletes", "1").code == 0
    committed(applied, "changed, and its lock")
    return applied, mbflow


COMMIT = "git commit --message 'Take back what was applied'"


def run_advised(project, err, folder=None):
    """The commands that the message advises, one after the other, where the user is."""
    commands = [line.strip() for line in err.splitlines() if line.startswith("    ")]
    for command in commands:
        program, *words = shlex.split(command)
        if program == "mbflow":
            assert project.run(*words)[0] == 0, command
        else:
            names = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
            words[:0] = names if program == "git" else []
            where = folder or project.folder
            subprocess.run([program, *words], cwd=where, check=True, capture_output=True)
    return commands


def test_a_commit_that_was_taken_back_stays_taken_back(changed, service):
    project, mbflow = changed
    before = git(project.folder, "rev-parse", "--short", "HEAD~").strip()
    ran = mbflow("rollback", "last", "--auto-approve", "--allow-deletes", "1")
    assert ran.code == 0, ran.err
    assert service.titles() == ["A", "B", "C"]
    assert "Take the files back too, or the next apply makes the same change again.\n" in ran.err
    assert run_advised(project, ran.err) == [
        f"git checkout {before} -- flows/a.yaml flows/b.yaml",
        "git rm --force -- flows/d.yaml",
        "git add -- flows/a.yaml flows/b.yaml mbflow.lock.yaml",
        f"{COMMIT} -- flows/a.yaml flows/b.yaml flows/d.yaml mbflow.lock.yaml",
    ]
    assert git(project.folder, "status", "--porcelain") == ""
    ran = mbflow("plan", "--detailed-exitcode")
    assert (ran.code, ran.out.splitlines()[1]) == (0, "nothing to change; 3 unchanged")
    project.write("a", say("Good evening", "A"))
    assert "conflict" not in mbflow("plan").out


def test_the_commands_hold_where_the_user_is(changed, tmp_path):
    project, mbflow = changed
    folder = str(project.folder)
    ran = mbflow("-C", folder, "rollback", "--auto-approve", "--allow-deletes", "1")
    assert ran.code == 0, ran.err
    commands = run_advised(project, ran.err, tmp_path)
    assert commands[0].startswith(f"git -C {folder} checkout ")
    assert git(project.folder, "status", "--porcelain") == ""
    assert mbflow("plan", "--detailed-exitcode").code == 0


def test_what_was_never_committed_is_taken_from_what_is_live(applied, in_process, service):
    """No commit holds the file as it was: the advice is to import it."""
    committed(applied, "as it was")
    mbflow = in_process(applied)
    for text in ("Good day", "Good evening"):
        applied.write("a", say(text, "A"))
        assert mbflow("apply", "--auto-approve").code == 0
    ran = mbflow("rollback", "last", "--auto-approve")
    assert ran.code == 0, ran.err
    assert run_advised(applied, ran.err)[0] == "mbflow import a --force"
    assert mbflow("plan", "--detailed-exitcode").code == 0
    assert git(applied.folder, "status", "--porcelain") == "?? schemas/\n"


def test_a_first_apply_is_taken_back(service, tmp_path, in_process):
    """Its deletes are of what it made: no sign of a wrong branch."""
    project = Project(tmp_path / "checkout", service.url)
    project.write("a", say("Hello", "A"))
    mbflow = in_process(project)
    assert mbflow("apply", "--auto-approve", "--results", "results.jsonl").code == 0
    ran = mbflow("rollback", "last", "--auto-approve")
    assert ran.code == 3
    assert "The plan deletes 1 of 1 flows of this project: a." in ran.err
    assert ran.err.endswith("      mbflow rollback last --auto-approve --allow-deletes 1\n")
    ran = mbflow("rollback", "results.jsonl", "--auto-approve", "--allow-deletes", "1")
    assert ran.code == 0, ran.err
    assert service.titles() == []
    project.remove("a")
    assert mbflow("plan").out.splitlines()[1] == "nothing to change; 0 unchanged"


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("history", ["none", "another file", "another flow"])
def test_what_git_never_saw_is_taken_back(service, tmp_path, in_process, history, staged):
    """No path is named to git that it does not know: it would refuse the whole command."""
    project = Project(tmp_path / "checkout", service.url)
    mbflow = in_process(project)
    if history == "another flow":
        project.write("b", say("I stay", "B"))
        assert mbflow("apply", "--auto-approve").code == 0
    git(project.folder, "init", "--quiet")
    if history != "none":
        (project.folder / ".gitignore").write_text(".mbflow/\n")
        committed(project, "before")
    project.write("a", say("Hello", "A"))
    assert mbflow("apply", "--auto-approve").code == 0
    if staged:
        git(project.folder, "add", "--all")
    ran = mbflow("rollback", "--auto-approve", "--allow-deletes", "1")
    assert ran.code == 0, ran.err
    commands = run_advised(project, ran.err)
    assert commands[0] == ("git rm --force -- flows/a.yaml" if staged else "rm flows/a.yaml")
    assert "flows" not in git(project.folder, "status", "--porcelain", "--", "flows")
    ran = mbflow("plan", "--detailed-exitcode")
    assert ran.code == 0, ran.err
    assert "nothing to change" in ran.out


def test_what_is_as_it_was_committed_needs_no_commit(applied, in_process):
    """The edit was never committed; git refuses a commit of nothing."""
    applied.write("a", say("I am a", "A"))
    mbflow = in_process(applied)
    (applied.folder / ".gitignore").write_text("mbflow.lock.yaml\n.mbflow/\nschemas/\n")
    committed(applied, "as it was")
    applied.write("a", say("Good day", "A"))
    assert mbflow("apply", "--auto-approve").code == 0
    ran = mbflow("rollback", "--auto-approve")
    commit = git(applied.folder, "rev-parse", "--short", "HEAD").strip()
    assert run_advised(applied, ran.err) == [f"git checkout {commit} -- flows/a.yaml"]
    assert mbflow("plan", "--detailed-exitcode").code == 0
    assert git(applied.folder, "status", "--porcelain") == ""
