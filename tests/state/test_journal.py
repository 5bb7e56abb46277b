"""The journal: whatever moment a run is killed at, the next one knows what is open."""

import json
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.model.errors import Error, PartialError, RefusedError, UsageError
from mbflow.model.flow import LockEntry
from mbflow.state.journal import Intent, Journal, Unfinished, note_entries, read_journal
from mbflow.state.records import AppendedFile, read_lines, results_file, torn_lines
from mbflow.state.snapshots import snapshot_record

FULL_DEVICE = Path("/dev/full")
NOTHING_CHANGED = (
    "Nothing is changed without it: it is what makes a killed run recoverable.",
    "Make room, or let it be written, then do the same again.",
)
ENTRY = LockEntry("id-1", "0123456789abcdef", "fedcba9876543210", protect=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "journal.jsonl"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def intent(name, known=("old",), time=5.0):
    return Intent(name, f"digest of {name}", f"Title of {name}", time, frozenset(known))


def begun(journal, *names, known=("old",)):
    intents = [intent(name, known) for name in names]
    journal.begin(intents, known)
    return intents


def test_an_absent_journal_leaves_nothing_open(path):
    assert read_journal(path) == Unfinished()


def test_a_create_is_open_until_its_outcome_is_written(path, journal):
    intents = begun(journal, "a", "b", "c")
    assert read_journal(path).open == tuple(intents)
    journal.done("a", ENTRY)
    journal.not_created("b", "refused (422)")
    left = read_journal(path)
    assert [one.name for one in left.open] == ["c"]
    assert left.entries == {"a": ENTRY}


def test_what_was_dropped_is_no_entry_any_more(path, journal):
    journal.done("a", ENTRY)
    journal.dropped("a", ENTRY.id)
    journal.dropped("b", "id-2")
    left = read_journal(path)
    assert left.entries == {}
    assert left.dropped == {"a": "id-1", "b": "id-2"}


def test_a_name_that_is_used_again_is_not_dropped(path, journal):
    journal.dropped("a", "id-0")
    journal.done("a", ENTRY)
    left = read_journal(path)
    assert left.entries == {"a": ENTRY}
    assert left.dropped == {}


def test_a_chain_of_moves_in_either_order(path, journal):
    first, second = LockEntry("id-1", "", ""), LockEntry("id-2", "", "")
    journal.done("b", first)
    journal.dropped("a", "id-1")
    journal.done("c", second)
    journal.dropped("b", "id-2")
    left = read_journal(path)
    assert left.entries == {"b": first, "c": second}
    assert left.dropped == {"a": "id-1"}


def test_runs_are_appended_and_each_keeps_what_it_knew(path):
    for name, known in (("a", {"x"}), ("b", {"x", "y"})):
        journal = Journal(path)
        begun(journal, name, known=known)
        journal.close()
    known = {one.name: one.known_ids for one in read_journal(path).open}
    assert known == {"a": {"x"}, "b": {"x", "y"}}


def test_a_second_attempt_takes_the_place_of_the_first(path):
    for known in ({"x"}, {"x", "y"}):
        journal = Journal(path)
        begun(journal, "a", known=known)
        journal.close()
    (left,) = read_journal(path).open
    assert left.known_ids == {"x", "y"}


def test_a_number_may_have_been_led_to_each_flow(path, journal):
    for number, flow_id in (("442079460100", "a"), ("442079460101", "b"), ("442079460100", "c")):
        journal.leading(number, flow_id)
    numbers = {"442079460100": ("a", "c"), "442079460101": ("b",)}
    assert read_journal(path).numbers == numbers
    journal.leading("442079460100", "a")
    assert read_journal(path).numbers == {**numbers, "442079460100": ("c", "a")}


def test_a_finished_run_leaves_no_file(path, journal):
    begun(journal, "a")
    journal.finish()
    assert not path.exists()


def test_a_journal_of_another_version_is_refused(path):
    path.parent.mkdir()
    path.write_text('{"journal": 2, "known": []}\n')
    with pytest.raises(RefusedError) as caught:
        read_journal(path)
    assert caught.value.summary == f"{path} was left by another version of mbflow."
    assert caught.value.details == (
        "Run apply once with that version, so that it can settle what it began.",
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A journal of one run, and what it says after each of its lines."""
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    journal = Journal(path)
    begun(journal, "a", "b", "c")
    journal.done("a", ENTRY)
    journal.dropped("gone", "id-9")
    journal.not_created("b", "refused (422)")
    journal.close()
    whole = path.read_bytes()
    said = {}
    for length in [0, *(n + 1 for n, byte in enumerate(whole) if byte == 10)]:
        path.write_bytes(whole[:length])
        said[length] = read_journal(path)
    return path, whole, said


@given(data=st.data())
def test_a_line_that_a_kill_cut_off_is_passed_over(written, data):
    path, whole, said = written
    length = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:length])
    lines = whole[:length].rfind(b"\n") + 1
    whole_line = whole[length : length + 1] == b"\n"
    assert read_journal(path) == said[length + 1 if whole_line else lines]


@given(data=st.data())
def test_a_cut_off_line_does_not_spoil_what_is_appended(written, data):
    path, whole, _ = written
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    journal = Journal(path)
    journal.done("late", ENTRY)
    journal.close()
    assert read_journal(path).entries["late"] == ENTRY


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_bytes_that_are_no_records_are_passed_over(written, lines):
    path, _, _ = written
    path.write_bytes(b"\n".join([*lines, b"[1]", b"0", b"[" * 100_000, b""]))
    assert read_journal(path) == Unfinished()


@pytest.mark.parametrize(
    "record",
    [
        {"intend": "a"},
        {"intend": "a", "digest": None, "title": 3, "time": "soon"},
        {"done": "a"},
        {"done": "a", "entry": {}},
        {"done": "a", "entry": None},
        {"dropped": None},
        {"journal": 1},
        {"journal": 1, "known": {"x": 1}},
        {"leading": "442079460100"},
        {"leading": "442079460100", "id": ""},
        {"leading": "442079460100", "id": None},
        {"leading": "442079460100", "id": ["a"]},
        {"leading": "442079460100", "id": "\ud800"},
        {"leading": 442079460100, "id": "a"},
        {"leading": "+442079460100", "id": "a"},
        {"leading": "../../a", "id": "a"},
        {"leading": None, "id": "a"},
        {"leading": ["442079460100"], "id": "a"},
    ],
)
def test_records_that_say_too_little_do_no_harm(path, record):
    path.parent.mkdir()
    path.write_text(json.dumps(record) + "\n")
    left = read_journal(path)
    assert isinstance(left, Unfinished)
    assert left.numbers == {}


@pytest.mark.parametrize("time", ["NaN", "-Infinity", "1e999", "1" + "0" * 400, "-5", "true"])
def test_a_time_that_is_none_is_long_past(path, time):
    """Else the next run would wait for ever for what may still turn up."""
    path.parent.mkdir()
    path.write_text(f'{{"intend": "a", "time": {time}}}\n')
    (intent,) = read_journal(path).open
    assert 0 <= intent.time <= 1


def test_half_a_character_is_no_name_and_no_id(path):
    path.parent.mkdir()
    records = [
        {"intend": "\ud800"},
        {"done": "a", "entry": {"id": "\udc00"}},
        {"intend": "b", "title": "\ud83d\ude00"},
    ]
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    unfinished = read_journal(path)
    assert [intent.name for intent in unfinished.open] == ["b"]
    assert unfinished.entries == {}


def test_a_forgotten_name_is_noted_where_a_journal_was_left(path, journal):
    journal.done("a", ENTRY)
    note_entries(path, {"a": None})
    left = read_journal(path)
    assert (left.entries, left.dropped) == ({}, {"a": ""})


def test_forgetting_begins_no_journal(path):
    note_entries(path, {"a": None})
    assert not path.exists()


def test_lines_of_many_threads_stay_whole(path):
    file = AppendedFile(path)
    threads = [
        Thread(target=lambda n=n: [file.append({"n": n, "text": "x" * 500}) for _ in range(50)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file.close()
    assert len(read_lines(path)) == 400


def test_records_that_belong_together_are_one_write(path):
    file = AppendedFile(path)
    file.append({"a": 1}, {"b": 2}, on_disk=True)
    file.close()
    assert path.read_text() == '{"a": 1}\n{"b": 2}\n'


def test_hostile_text_stays_on_its_line(path, journal):
    journal.done("b", ENTRY)
    begun(journal, 'a{"dropped": "b"}')
    journal.dropped('x\n{"dropped": "b", "id": ""}\u2028')
    left = read_journal(path)
    assert [one.name for one in left.open] == ['a{"dropped": "b"}']
    assert (left.entries, left.dropped) == ({"b": ENTRY}, {})


@pytest.mark.parametrize(
    "name", ["../../a", "/etc/a", "a/../../b", ".git/a", "a\x1b[2J", "-rf", ""]
)
def test_a_path_that_leads_elsewhere_is_no_name(path, journal, name):
    """A journal of a stranger's repository must not say which files are written."""
    begun(journal, name)
    journal.done(name, ENTRY)
    journal.dropped(name)
    assert read_journal(path) == Unfinished()


def test_a_journal_that_cannot_be_written_stops_everything(tmp_path):
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(Error) as caught:
        Journal(tmp_path / "journal.jsonl")
    assert "cannot be written: Is a directory." in caught.value.summary
    assert caught.value.details == NOTHING_CHANGED


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_from_the_start_is_told():
    with pytest.raises(Error, match="cannot be written: No space left on device") as caught:
        AppendedFile(FULL_DEVICE, {"a": 1})
    assert caught.value.details == NOTHING_CHANGED
    assert caught.value.exit_code == 1
    journal = Journal(FULL_DEVICE)
    with pytest.raises(Error, match="cannot be written") as caught:
        journal.begin([intent("a")], ["old"])
    assert caught.value.details == NOTHING_CHANGED
    journal.close()


@pytest.mark.skipif(not FULL_DEVICE.exists(), reason="this system has no /dev/full")
def test_a_disk_full_amid_a_run_claims_nothing_unchanged():
    journal = Journal(FULL_DEVICE)
    with pytest.raises(PartialError, match="cannot be written: No space left on device") as caught:
        journal.done("a", ENTRY)
    assert caught.value.details == (
        "Changes that were made until then stay; those that were not begun are not made.",
        "Make room, then apply again: it finds out what was done, and does the rest.",
    )
    journal.close()


def test_results_do_not_go_through_a_link(tmp_path):
    """A repository of a stranger may hold one, under the name that its pipeline gives."""
    (tmp_path / "victim").write_text("keep")
    (tmp_path / "results.jsonl").symlink_to("victim")
    results_file(tmp_path / "results.jsonl", {"results": 1}).close()
    assert (tmp_path / "victim").read_text() == "keep"
    assert (tmp_path / "results.jsonl").read_text() == '{"results": 1}\n'


def test_lines_that_are_no_records_are_numbered(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_bytes(b'{"results": 1}\n{"flow": \n\n{"flow": "b"}\n[1]\n\xff\n{"flow": "c"')
    assert torn_lines(path) == [2, 5, 6, 7]


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Error, match=r"results\.jsonl is not there\."):
        read_lines(tmp_path / "results.jsonl")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(Error, match="cannot be read: Is a directory"):
        read_lines(tmp_path)


def test_a_snapshot_holds_the_body_before():
    before = {"steps": [{"action": "hangup"}]}
    assert snapshot_record("a", "delete", "id-1", before, numbers=("31201234567",)) == {
        "flow": "a",
        "action": "delete",
        "id": "id-1",
        "was": None,
        "before": before,
        "numbers": ["31201234567"],
        "protect": False,
    }


def test_results_are_added_to_nothing_but_results(tmp_path):
    flow, results = tmp_path / "flow.yaml", tmp_path / "results.jsonl"
    flow.write_text("title: A\n")
    with pytest.raises(UsageError, match="holds no results of mbflow: it stays as it is"):
        results_file(flow, {"results": 1})
    assert flow.read_text() == "title: A\n"
    for _ in range(2):
        results_file(results, {"results": 1}).close()
    assert results.read_text() == '{"results": 1}\n' * 2
