"""The lock: what is written is read back, by mbflow and by any YAML reader, and damage is told."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml
from builders import entry, flow, hangup, say
from hypothesis import given
from hypothesis import strategies as st
from strategies import AWKWARD

from mbflow.flow.canonical import VERSION
from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import LockEntry
from mbflow.model.text import Command
from mbflow.project.discover import is_name
from mbflow.schema.validator import is_valid, violations
from mbflow.state.lock import Lock, lock_path, lock_text, parse_lock, read_lock, write_lock

ID = "1b9e1a3c-5c5e-4a3f-8a5c-0d6f1c2b3a4d"
OTHER = "2c0f2b4d-6d6f-4b40-9b6d-1e7020304050"
A, B = "0123456789abcdef", "fedcba9876543210"


def lock(*, numbers=None, **environments):
    return Lock("acme", VERSION, environments, numbers or {})


def refused(text):
    with pytest.raises(RefusedError) as caught:
        parse_lock(text)
    return caught.value.summary


digests = st.one_of(st.text("0123456789abcdef", min_size=16, max_size=16), st.just(""))
names = st.one_of(
    st.sampled_from([text for text in AWKWARD if text]),
    st.text(min_size=1, max_size=12),
    st.text("0123456789eEobx.-_:", min_size=1, max_size=16),
    st.text("abc/-", min_size=1, max_size=8),
)
flow_names = names.filter(is_name)
ids = st.one_of(st.uuids().map(str), st.text(min_size=1, max_size=12))
secrets = st.one_of(st.just("pin"), st.text(min_size=1, max_size=12))

routes = st.frozensets(ids, min_size=1, max_size=3).map(lambda found: tuple(sorted(found)))
digits = st.from_regex("[1-9][0-9]{6,14}", fullmatch=True)
numbers = st.dictionaries(
    names, st.dictionaries(digits, routes, min_size=1, max_size=3), max_size=2
)


@st.composite
def locks(draw):
    free = iter(draw(st.lists(ids, unique=True, max_size=8)))
    environments = {}
    for name in draw(st.lists(names, unique=True, max_size=3)):
        drawn = draw(st.lists(flow_names, unique=True, max_size=4))
        entries = {
            name: LockEntry(
                flow_id,
                draw(digests),
                draw(digests),
                draw(st.booleans()),
                draw(st.booleans()),
                tuple(draw(st.lists(secrets, max_size=3))),
            )
            for name, flow_id in zip(drawn, free, strict=False)
        }
        if entries:
            environments[name] = entries
    return Lock(draw(st.text(max_size=10)), VERSION, environments, draw(numbers))


@given(locks())
def test_what_is_written_is_read_back(lock):
    assert parse_lock(lock_text(lock)) == lock


@given(locks())
def test_every_yaml_reader_reads_the_same(lock):
    document = yaml.safe_load(lock_text(lock))
    environments = {
        name: {
            name: LockEntry(
                one["id"],
                one["sent"],
                one["live"],
                one.get("protect", False),
                one.get("default", False),
                tuple(one.get("secrets", ())),
            )
            for name, one in entries.items()
        }
        for name, entries in (document["environments"] or {}).items()
    }
    numbers = {
        name: {number: tuple(flow_ids) for number, flow_ids in found.items()}
        for name, found in document.get("numbers", {}).items()
    }
    assert Lock(document["project"], document["canonical"], environments, numbers) == lock


@given(locks())
def test_the_schema_describes_it(lock):
    document = yaml.safe_load(lock_text(lock))
    assert is_valid("lock", document)
    assert not list(violations("lock", document))


@pytest.mark.parametrize(
    "line",
    [
        "{id: x, sent: 12345678901234567, live: ''}",
        "{id: x, sent: 1234567890123456, live: ''}",
        "{id: x, sent: ''}",
        "{id: '', sent: '', live: ''}",
        "{id: x, sent: '', live: '', protect: false}",
        "{id: x, sent: '', live: '', more: 1}",
        "{id: x, sent: '', live: '', rest: ''}",
        "{id: x, sent: '', live: '', secrets: []}",
    ],
)
def test_the_schema_tells_an_editor_what_is_wrong(line):
    text = lock_text(lock(production={"menu": LockEntry(ID, A, B)}))
    head, _, _ = text.rpartition("    menu:")
    document = yaml.safe_load(f"{head}    menu: {line}\n")
    assert not is_valid("lock", document)
    assert list(violations("lock", document))


def test_the_form_of_the_file():
    entries = {
        "support": LockEntry(ID, A, B),
        "billing/menu": LockEntry(OTHER, B, "", protect=True),
    }
    assert lock_text(lock(staging={}, production=entries)) == (
        "# Which live call flow belongs to which file. Written by mbflow; commit it.\n"
        "format: 1\n"
        "project: acme\n"
        f"canonical: {VERSION}\n"
        "environments:\n"
        "  production:\n"
        f'    billing/menu: {{id: {OTHER}, sent: {B}, live: "", protect: true}}\n'
        f"    support: {{id: {ID}, sent: {A}, live: {B}}}\n"
    )


NUMBERS = {
    "staging": {},
    "production": {"442079460101": (OTHER,), "442079460100": (ID, OTHER)},
    "eu-1.5": {"31201234567": (ID,)},
}


def test_numbers_stand_after_the_flows():
    text = lock_text(lock(production={"menu": LockEntry(ID, A, B)}, numbers=NUMBERS))
    assert text.endswith(
        "numbers:\n"
        "  eu-1.5:\n"
        f'    "31201234567": [{ID}]\n'
        "  production:\n"
        f'    "442079460100": [{ID}, {OTHER}]\n'
        f'    "442079460101": [{OTHER}]\n'
    )
    assert list(parse_lock(text).environments) == ["production"]


@pytest.mark.parametrize(
    "line", ["'0442079': [x]", "'+442079460100': [x]", "'442079460100': []", "'442079460100': ['']"]
)
def test_the_schema_tells_what_is_wrong_of_a_number(line):
    document = yaml.safe_load(lock_text(lock()) + f"numbers:\n  production:\n    {line}\n")
    assert not is_valid("lock", document)


@pytest.mark.parametrize(
    "digest",
    [
        "1234567890123456",
        "12345678e1234567",
        "0b11010110101101",
        "0000000000000000",
        "1e34567890123456",
    ],
)
def test_a_digest_that_looks_like_a_number_is_quoted(digest):
    text = lock_text(lock(production={"menu": LockEntry(ID, digest, digest)}))
    assert f'sent: "{digest}"' in text
    read = yaml.safe_load(text)["environments"]["production"]["menu"]
    assert (read["sent"], read["live"]) == (digest, digest)


@pytest.mark.parametrize(
    "name",
    ["yes", "on", "null", "0612", "1e3", "12:30", "a b", 'a"b', "a: b", "x # y", "é", "日本"],
)
def test_a_name_that_yaml_might_misread_is_quoted(name):
    text = lock_text(lock(production={name: LockEntry(ID, A, B)}))
    assert f"    {name}: {{" not in text
    assert list(yaml.safe_load(text)["environments"]["production"]) == [name]


def test_one_line_a_flow_sorted_so_that_branches_merge():
    names = ["b", "a/c", "a", "Z", "a b"]
    entries = {name: LockEntry(f"x{n}", A, A) for n, name in enumerate(names)}
    lines = lock_text(lock(production=entries)).splitlines()[6:]
    assert [line.split(":")[0].strip() for line in lines] == ["Z", "a", '"a b"', "a/c", "b"]


def test_two_branches_that_add_different_flows_give_the_union():
    one, two = LockEntry(ID, A, B), LockEntry(OTHER, B, A)
    ours = lock_text(lock(production={"a": one})).splitlines()
    theirs = lock_text(lock(production={"b": two})).splitlines()
    merged = "\n".join([*ours, theirs[-1]]) + "\n"
    assert parse_lock(merged).of("production") == {"a": one, "b": two}


# What a person, a merge or a full disk makes of it


WHOLE = lock_text(lock(production={"a": LockEntry(ID, A, B), "b": LockEntry(OTHER, B, A)}))
LINES = WHOLE.splitlines()
LED_LINE = f'    "442079460100": [{OTHER}]\n'
LED = f"{WHOLE}numbers:\n  production:\n{LED_LINE}"


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> main", "||||||| base"])
def test_marks_of_a_merge(mark):
    text = "\n".join([*LINES[:6], mark, *LINES[6:]])
    assert refused(text) == (
        "mbflow.lock.yaml:7: the lock cannot be read: a merge left its marks in it."
    )


def test_a_refusal_says_why_it_matters_and_what_to_do():
    with pytest.raises(RefusedError) as caught:
        parse_lock("<<<<<<<", "mbflow.lock.yaml")
    assert caught.value.details == (
        "Without it mbflow cannot tell which live flows are its own, so it makes no plan.",
        "Resolve the merge, with one line a flow, or take the file from git again:",
        Command("git", "checkout", "HEAD", "--", "mbflow.lock.yaml"),
    )


def test_a_lock_that_git_does_not_have_is_not_sought_there(tmp_path):
    path = lock_path(tmp_path, "local", embedded=True)
    path.parent.mkdir(parents=True)
    path.write_text("<<<<<<<")
    with pytest.raises(RefusedError, match=r"^\.mbflow/local/mbflow\.lock\.yaml:1: ") as caught:
        read_lock(path)
    assert caught.value.details[1:] == (
        "Remove it; the markers in the live flows then say whose they are:",
        Command("rm", ".mbflow/local/mbflow.lock.yaml"),
    )


@given(st.integers(0, len(WHOLE) - 2))
def test_a_file_cut_off_within_a_line_is_refused(length):
    text = WHOLE[:length]
    ends_a_line = text.rstrip(" ").endswith("\n") or WHOLE[length] == "\n"
    if "environments:" in text and ends_a_line:
        return
    assert "the lock cannot be read" in refused(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1: the lock cannot be read: its head is not complete: the file may be cut off"),
        ("x: 1\n", "1: the lock cannot be read: the line is not one that mbflow writes"),
        ("format: 1\nformat: 1\n", "2: the lock cannot be read: the line is not one that"),
        (WHOLE + LINES[6], "9: the lock cannot be read: the name a is given twice"),
        (WHOLE + LINES[5], "9: the lock cannot be read: the environment production is given"),
        ("\n".join([*LINES[:5], LINES[6]]), "6: the lock cannot be read: the line belongs to no"),
        (WHOLE.replace("{id", "{ID"), "7: the lock cannot be read: the line is not one that"),
        (WHOLE.replace("canonical: 1", "canonical: ²"), "1: the lock cannot be read: its head"),
        (WHOLE.replace("canonical: 1", f"canonical: {'9' * 5000}"), "1: the lock cannot be read"),
        (WHOLE.replace("acme", '"a\\x"'), "3: the lock cannot be read: the line is not one that"),
        (WHOLE.replace("    a:", '    "\t":'), "7: the lock cannot be read: the line is not one"),
        (WHOLE.replace("    a:", '    "\\ud800":'), "7: the lock cannot be read: the line is not"),
        (
            WHOLE.replace("    a:", "    ../../a:"),
            "7: the lock cannot be read: no flow file can have",
        ),
        (
            WHOLE.replace("    a:", "    x/../a:"),
            "7: the lock cannot be read: no flow file can have",
        ),
        (
            WHOLE.replace("    a:", "    /etc/a:"),
            "7: the lock cannot be read: no flow file can have",
        ),
        (
            WHOLE.replace("    a:", '    "\\e[2J":'),
            "7: the lock cannot be read: the line is not one",
        ),
        (
            WHOLE.replace("    a:", '    "a\\u202e":'),
            "7: the lock cannot be read: no flow file can",
        ),
        (WHOLE.replace("    a:", "    -rf:"), "7: the lock cannot be read: no flow file can have"),
        (
            WHOLE.replace("    a:", "    .git/a:"),
            "7: the lock cannot be read: no flow file can have",
        ),
        (WHOLE.replace("    a:", "\ta:"), "7: the lock cannot be read: the line is not one that"),
        ("\n".join([*LINES[:4], LINES[5]]), "5: the lock cannot be read: the line is not one that"),
        (LED + "numbers:", "12: the lock cannot be read: the line is not one that"),
        (LED + "  production:", "12: the lock cannot be read: the environment production is given"),
        (LED + LED_LINE, "12: the lock cannot be read: the number 442079460100 is given twice"),
        (LED + LINES[6], "12: the lock cannot be read: the line does not belong to numbers"),
        (WHOLE + LED_LINE, "9: the lock cannot be read: the line does not belong to environments"),
        (WHOLE + "numbers:\n" + LED_LINE, "10: the lock cannot be read: the line belongs to no"),
        (LED.replace("[2c", "2c"), "11: the lock cannot be read: the line is not one that"),
        (LED.replace("[2c", "[], [2c"), "11: the lock cannot be read: the line is not one that"),
        (
            LED.replace(f"[{OTHER}", "["),
            "11: the lock cannot be read: the line is not one that mbflow",
        ),
        (
            LED.replace(f"[{OTHER}", '[""'),
            "11: the lock cannot be read: the number 442079460100 is led",
        ),
        (
            LED.replace('"44', '"+44'),
            "11: the lock cannot be read: +442079460100 is not a",
        ),
        (LED.replace('"44', '"0'), "11: the lock cannot be read: 02079460100 is not a"),
        (LED.replace('"44', '"４4'), "11: the lock cannot be read: ４42079460100 is not a"),
        (LED.replace('100"', '10000000"'), "11: the lock cannot be read: 44207946010000000 is not"),
        (LED.replace("[2c", '["\\ud800", 2c'), "11: the lock cannot be read: the line is not one"),
    ],
)
def test_damage_is_told_by_its_line(text, why):
    assert refused(text).startswith(f"mbflow.lock.yaml:{why}")


def test_another_format():
    with pytest.raises(RefusedError) as caught:
        parse_lock(WHOLE.replace("format: 1", "format: 2"))
    assert caught.value.summary == "mbflow.lock.yaml has format 2; this mbflow reads format 1."
    assert caught.value.details == ("Use the version of mbflow that wrote it.",)


def test_one_live_flow_under_two_names():
    assert refused(WHOLE.replace(OTHER, ID)) == (
        f"mbflow.lock.yaml gives the live flow {ID} to two names: production: a and production: b."
    )


def test_one_live_flow_in_two_environments():
    same = LockEntry(ID, A, B)
    text = lock_text(lock(production={"a": same}, staging={"a": same}))
    assert "to two names: production: a and staging: a." in refused(text)


def test_line_ends_of_windows_and_comments_are_read():
    text = WHOLE.replace("\n", "\r\n") + "# kept by hand\r\n\r\n"
    assert parse_lock(text) == parse_lock(WHOLE)


def test_not_utf_8(tmp_path):
    path = tmp_path / "mbflow.lock.yaml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RefusedError, match="it is not UTF-8 text"):
        read_lock(path)


def test_a_folder_in_its_place(tmp_path):
    with pytest.raises(RefusedError) as caught:
        read_lock(lock_path_with_folder(tmp_path))
    assert caught.value.summary == "mbflow.lock.yaml cannot be read: Is a directory."
    assert caught.value.details[1:] == (
        "Let it be read, or take the file from git again:",
        Command("git", "checkout", "HEAD", "--", "mbflow.lock.yaml"),
    )


def lock_path_with_folder(tmp_path):
    path = tmp_path / "mbflow.lock.yaml"
    path.mkdir()
    return path


def test_an_absent_file_is_an_empty_lock(tmp_path):
    assert read_lock(tmp_path / "mbflow.lock.yaml") == Lock()


# Another version of the canonical form: base unknown, never drift


def test_digests_of_another_canonical_form_say_nothing():
    older = replace(parse_lock(WHOLE), canonical=VERSION + 1)
    assert older.of("production") == {"a": LockEntry(ID, "", ""), "b": LockEntry(OTHER, "", "")}


def test_writing_one_environment_revives_no_old_digests():
    older = Lock(
        "acme",
        VERSION + 1,
        {"production": {"a": LockEntry(ID, A, B, protect=True)}, "staging": {}},
    )
    fresh = {"a": LockEntry(OTHER, A, B)}
    newer = older.having("staging", fresh, "acme")
    assert newer.canonical == VERSION
    assert newer.of("staging") == fresh
    assert newer.of("production") == {"a": LockEntry(ID, "", "", protect=True)}


def test_numbers_are_kept_or_replaced():
    """Whatever the version of the canonical form: they are of no form."""
    read = parse_lock(LED)
    older = replace(read, canonical=VERSION + 1)
    assert older.numbers_of("production") == {"442079460100": (OTHER,)}
    assert older.having("production", {}, "acme").numbers == read.numbers
    other = older.having("production", {}, "acme", {"31201234567": (ID,)})
    assert other.numbers == {"production": {"31201234567": (ID,)}}
    assert lock_text(other.having("production", {}, "acme", {})) == lock_text(lock())
    assert read.numbers_of("staging") == {}


def test_flows_of_a_number_may_repeat_and_are_sorted():
    """They are no owners of it, and need no line above."""
    text = f"{LED}{LED_LINE.replace('100', '101').replace('[', f'[{OTHER}, {ID}, ')}"
    assert parse_lock(text).numbers_of("production")["442079460101"] == (ID, OTHER)


def test_an_environment_that_is_not_there_has_no_entries():
    assert parse_lock(WHOLE).of("staging") == {}


def test_a_new_project_name_is_written():
    assert parse_lock(WHOLE).having("production", {}, "renamed").project == "renamed"


# Writing


def test_it_is_written_and_read(tmp_path):
    path = tmp_path / "new" / "mbflow.lock.yaml"
    made = lock(production={"a": entry(ID, flow(say("Hello."), hangup()))})
    write_lock(path, made)
    assert read_lock(path) == made
    assert path.stat().st_mode & 0o777 == 0o644


def test_nothing_new_leaves_the_file_untouched(tmp_path):
    path = tmp_path / "mbflow.lock.yaml"
    made = lock(production={"a": LockEntry(ID, A, B)})
    write_lock(path, made)
    os.utime(path, (1, 1))
    before = path.stat()
    write_lock(path, made)
    after = path.stat()
    assert (after.st_ino, after.st_mtime) == (before.st_ino, before.st_mtime)


def test_the_mode_of_the_file_stays(tmp_path):
    path = tmp_path / "mbflow.lock.yaml"
    write_lock(path, lock(production={"a": LockEntry(ID, A, B)}))
    path.chmod(0o600)
    write_lock(path, lock(production={"a": LockEntry(ID, B, B)}))
    assert path.stat().st_mode & 0o777 == 0o600


FULL_DISK = """
import resource, sys
from pathlib import Path
from mbflow.model.errors import Error
from mbflow.state.lock import Lock, write_lock
from mbflow.model.flow import LockEntry
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
try:
    write_lock(Path(sys.argv[1]), Lock("acme", 1, {"production": {"b": LockEntry("x", "", "")}}))
except Error as error:
    print(error.summary, *error.details, sep="\\n")
"""


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "mbflow.lock.yaml"
    path.write_text(WHOLE)
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.splitlines() == [
        "mbflow.lock.yaml cannot be written: File too large.",
        "What was applied is in the journal: the next plan or apply takes it from there.",
    ]
    assert path.read_text() == WHOLE
    assert [found.name for found in tmp_path.iterdir()] == ["mbflow.lock.yaml"]


def test_a_folder_that_cannot_be_written_leaves_the_old_file(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    path = tmp_path / "mbflow.lock.yaml"
    path.write_text(WHOLE)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(Error, match=r"mbflow\.lock\.yaml cannot be written: Permission denied"):
            write_lock(path, Lock())
    finally:
        tmp_path.chmod(0o700)
    assert path.read_text() == WHOLE


def test_a_folder_in_its_place_is_told(tmp_path):
    path = lock_path_with_folder(tmp_path)
    with pytest.raises(Error, match="cannot be written"):
        write_lock(path, lock(production={"a": LockEntry(ID, A, B)}))
    assert [found.name for found in tmp_path.iterdir()] == ["mbflow.lock.yaml"]


def test_the_embedded_lock_lies_beside_its_emulator(tmp_path):
    assert (
        lock_path(tmp_path, "local", embedded=True) == tmp_path / ".mbflow/local/mbflow.lock.yaml"
    )
    assert lock_path(tmp_path, "production", embedded=False) == tmp_path / "mbflow.lock.yaml"
