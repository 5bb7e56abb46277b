"""The lock as CI pushes it, in clones of one repository, and as git has it merged."""

import re

import pytest

from mbflow.ci.lock import LockKeeper
from mbflow.model.flow import LockEntry
from mbflow.state.lock import Lock, lock_text, parse_lock, read_lock, write_lock
from mbflow.state.lock_line import entry_line, number_line
from mbflow.state.lock_merge import merge_locks

from .conftest import run_here
from .racing import git

LOCK = "mbflow.lock.yaml"


def entry(name, version=1):
    digest = f"{version:015x}a"
    number = int.from_bytes(name.encode())
    return LockEntry(f"00000000-0000-4000-8000-{number:012x}", digest, digest)


def lock(**versions):
    """A lock with these flows, each as its version was sent."""
    entries = {name: entry(name, version) for name, version in versions.items()}
    return Lock(project="acme").having("production", entries, "acme")


def versions(text):
    found = parse_lock(text).of("production")
    return {name: int(one.sent[:-1], 16) for name, one in found.items()}


# Pushed


@pytest.fixture
def origin(tmp_path):
    """A repository whose lock has the flows b and d."""
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "--quiet", "--initial-branch", "main")
    write_lock(work / LOCK, lock(b=1, d=1))
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "first")
    git(tmp_path, "clone", "--quiet", "--bare", str(work), "origin.git")
    return tmp_path / "origin.git"


def clone_of(origin, name):
    """As actions/checkout makes it: one commit deep."""
    folder = origin.parent / name
    git(origin.parent, "clone", "--quiet", "--depth", "1", f"file://{origin}", str(folder))
    return folder


def push(folder):
    return LockKeeper(folder, "production", "main", None).keep("push")


def pushed(origin):
    return versions(git(origin, "show", f"main:{LOCK}"))


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        ({"b": 2, "d": 1}, {"b": 1, "d": 2}, {"b": 2, "d": 2}),
        ({"b": 1, "c": 1, "d": 1}, {"b": 1, "cc": 1, "d": 1}, {"b": 1, "c": 1, "cc": 1, "d": 1}),
        ({"d": 1}, {"b": 1, "d": 2}, {"d": 2}),
    ],
    ids=["updates", "creates", "delete"],
)
def test_two_merges_that_come_quickly_both_push_their_lock(origin, one, two, both):
    clones = [clone_of(origin, name) for name in ("one", "two")]
    for folder, now in zip(clones, (one, two), strict=True):
        write_lock(folder / LOCK, lock(**now))
        assert push(folder) == (0, f"`{LOCK}` was pushed to `main`.")
    assert pushed(origin) == both


def test_a_job_that_runs_again_has_nothing_to_push(origin):
    for name in ("run", "again"):
        folder = clone_of(origin, name)
        git(folder, "checkout", "--quiet", "--detach")
    for name in ("run", "again"):
        write_lock(origin.parent / name / LOCK, lock(b=2, d=1))
        assert push(origin.parent / name).code == 0
    assert git(origin, "rev-list", "--count", "main").strip() == "2"


def test_two_locks_of_one_flow_are_left_to_a_person(origin):
    clones = [clone_of(origin, name) for name in ("one", "two")]
    for folder, version in zip(clones, (2, 3), strict=True):
        write_lock(folder / LOCK, lock(b=version, d=1))
    assert push(clones[0]).code == 0
    kept = push(clones[1])
    assert kept.code == 4
    assert "main has another lock for the same flow" in kept.text
    assert pushed(origin) == {"b": 2, "d": 1}


def refuse_pushes(origin, branch="main"):
    """As a protected branch does."""
    hook = origin / "hooks" / "pre-receive"
    test = f'[ "$ref" = refs/heads/{branch} ] && exit 1'
    hook.write_text(f"#!/bin/sh\nwhile read old new ref; do {test}; done\nexit 0\n")
    hook.chmod(0o755)


def test_a_protected_branch_gets_its_locks_proposed(origin):
    """What was proposed before and is not merged yet is proposed on."""
    refuse_pushes(origin)
    for name, now in (("one", {"b": 2, "d": 1}), ("two", {"b": 1, "c": 1, "d": 1})):
        folder = clone_of(origin, name)
        write_lock(folder / LOCK, lock(**now))
        kept = push(folder)
        assert kept.code == 0
        assert "in the branch `mbflow-lock-production`, because `main` takes no push" in kept.text
    proposed = git(origin, "show", f"mbflow-lock-production:{LOCK}")
    assert versions(proposed) == {"b": 2, "c": 1, "d": 1}
    assert pushed(origin) == {"b": 1, "d": 1}


def test_a_lock_that_gets_nowhere_is_told(origin):
    folder = clone_of(origin, "one")
    write_lock(folder / LOCK, lock(b=2, d=1))
    git(folder, "remote", "set-url", "--push", "origin", "http://job:secret@localhost:1/x")
    kept = push(folder)
    assert kept.code == 4
    assert f"`{LOCK}` is not in git" in kept.text
    assert "localhost:1/x" in kept.text and "secret" not in kept.text


# Merged


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ({}, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}),
        ({}, {"a": 1}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}),
        ({"a": 1, "b": 1}, {"b": 1}, {"a": 1, "b": 2}, {"b": 2}),
        ({"a": 1}, {}, {}, {}),
    ],
)
def test_what_one_side_changed_is_taken(base, ours, theirs, merged):
    text, *conflicts = merge_locks(*(lock(**side) for side in (base, ours, theirs)))
    assert (versions(text), conflicts) == (merged, [[], {}])
    assert text == lock_text(lock(**merged))


@pytest.mark.parametrize(("ours", "theirs"), [(2, 3), (None, 3), (2, None)])
def test_a_conflict_stands_below_its_environment(ours, theirs):
    staging = {"z": entry("z")}
    sides = [
        lock(**({"a": version} if version else {})).having("staging", staging, "acme")
        for version in (1, ours, theirs)
    ]
    text, conflicts, _ = merge_locks(*sides)
    assert conflicts == ["production: a"]
    lines = text.splitlines()
    for version in filter(None, (ours, theirs)):
        line = lines.index(entry_line("a", entry("a", version)))
        assert lines.index("  production:") < line < lines.index("  staging:")


@pytest.mark.parametrize(
    ("ours", "theirs"), [({"a": 2, "b": 1}, {"a": 3}), ({"b": 1}, {"a": 3}), ({"a": 2}, {"b": 1})]
)
def test_what_both_changed_is_a_conflict_with_both_lines(ours, theirs, tmp_path):
    sides = lock(**ours), lock(**theirs)
    text, conflicts, _ = merge_locks(lock(a=1), *sides)
    assert conflicts == ["production: a"]
    for one in sides:
        for line in lock_text(one).splitlines():
            assert line in text.splitlines()
    path = tmp_path / LOCK
    path.write_text(text)
    with pytest.raises(Exception, match="a merge left its marks in it"):
        read_lock(path)


ONE, TWO = "442079460100", "442079460101"


def led(**numbers):
    """A lock with these numbers of production, and one flow whose name is a number."""
    flows = {ONE: entry(ONE)}
    routes = {{"one": ONE, "two": TWO}[name]: tuple(ids) for name, ids in numbers.items()}
    return Lock().having("production", flows, "acme", routes)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ({}, {"one": "a"}, {"two": "a"}, {"one": "a", "two": "a"}),
        ({}, {"one": "a"}, {"one": "a"}, {"one": "a"}),
        ({"one": "a"}, {"one": "a"}, {"one": "bc"}, {"one": "bc"}),
        (
            {"one": "a", "two": "b"},
            {"two": "b"},
            {"one": "a", "two": "c"},
            {"two": "c"},
        ),
        ({"one": "a"}, {}, {"one": "a"}, {}),
    ],
)
def test_a_number_that_one_side_changed_is_taken(base, ours, theirs, merged):
    text, *conflicts = merge_locks(led(**base), led(**ours), led(**theirs))
    assert (text, conflicts) == (lock_text(led(**merged)), [[], {}])


@pytest.mark.parametrize(("ours", "theirs"), [("b", "c"), ("", "c"), ("ab", "")])
def test_a_number_that_both_changed_is_a_conflict(ours, theirs):
    sides = [led(one=ids, two="z") if ids else led(two="z") for ids in ("a", ours, theirs)]
    text, conflicts, doubles = merge_locks(*sides)
    assert (conflicts, doubles) == ([f"production: {ONE}"], {})
    both = [[number_line(ONE, ids)] if ids else [] for ids in (ours, theirs)]
    assert text == "\n".join(
        [
            *lock_text(led()).splitlines(),
            "numbers:",
            "  production:",
            *("<<<<<<< ours", *both[0], "=======", *both[1], ">>>>>>> theirs"),
            number_line(TWO, ("z",)),
            "",
        ]
    )


X = entry("x")
TWO_NAMES = {
    "moved and moved": ({"a": X}, {"b": X}, {"c": X}, ["b", "c"]),
    "made and adopted": ({}, {"b": X}, {"c": X}, ["b", "c"]),
    "moved and adopted over": ({"b": entry("y")}, {"b": entry("y"), "c": X}, {"b": X}, ["b", "c"]),
    "changed and moved": ({"a": X}, {"a": entry("x", 2)}, {"b": X}, ["a", "b"]),
}


def test_a_lock_that_is_not_there_is_not_merged(tmp_path):
    code, out, err = run_here(["merge-lock", "a", "b", "c"], tmp_path, {})
    assert (code, out) == (1, "")
    assert err == "Error: a cannot be read: No such file or directory.\n"


@pytest.mark.parametrize("case", TWO_NAMES)
def test_one_live_flow_of_two_names_is_left_to_a_person(tmp_path, case):
    """Else the merge looks good, and the next plan refuses the lock."""
    *sides, names = TWO_NAMES[case]
    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, entries in zip(paths, sides, strict=True):
        others = {"z": entry("z")} if path.name == "theirs" else {}
        write_lock(path, Lock().having("production", {**entries, **others}, "acme"))
    code, out, err = run_here(["merge-lock", *map(str, paths)], tmp_path, {})
    assert (code, out) == (1, "")
    assert err.endswith(
        f"One live flow, {X.id}, would have two names: "
        f"{' and '.join(f'production: {name}' for name in names)}. "
        "Keep the line of the flow that is to stay.\n"
    )
    text = paths[1].read_text()
    with pytest.raises(Exception, match="a merge left its marks in it"):
        read_lock(paths[1])
    chosen = re.sub("<<<<<<< ours\n(.*?)=======\n(.*?)>>>>>>> theirs\n", r"\2", text, flags=re.S)
    assert parse_lock(chosen).of("production") == {**sides[2], "z": entry("z")}
