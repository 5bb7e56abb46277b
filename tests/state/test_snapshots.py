"""Which snapshot is the last, whatever clock and disk have done."""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.model.errors import Error
from mbflow.state.snapshots import last_snapshot, snapshot_path

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC).timestamp()


def written(path, content="{}\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_a_snapshot_is_named_by_its_second(tmp_path):
    path = snapshot_path(tmp_path, NOON, "abc")
    assert path == tmp_path / "snapshots" / "20270115T120000Z-abc.jsonl"


@given(moves=st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=6))
def test_the_last_written_is_last_however_the_clock_jumps(tmp_path_factory, moves):
    state = tmp_path_factory.mktemp("state")
    for number, move in enumerate(moves):
        path = written(snapshot_path(state, NOON + move, f"{9 - number}"))
        os.utime(path, (NOON + move, NOON + move))
        assert last_snapshot(state) == path


def test_names_that_are_no_time_do_no_harm(tmp_path):
    for name in ("99991231T235959Z-x", "notes", "20271399T000000Z-x"):
        written(tmp_path / "snapshots" / f"{name}.jsonl")
    assert snapshot_path(tmp_path, NOON, "abc").name == "20270115T120000Z-abc.jsonl"


def test_one_that_a_full_disk_left_empty_is_passed_over(tmp_path):
    whole = written(snapshot_path(tmp_path, NOON, "a"))
    written(snapshot_path(tmp_path, NOON, "b"), "")
    assert last_snapshot(tmp_path) == whole


def test_without_any_there_is_no_last(tmp_path):
    assert last_snapshot(tmp_path) is None


def test_what_is_no_folder_is_told(tmp_path):
    (tmp_path / "snapshots").write_text("")
    with pytest.raises(Error, match="snapshots cannot be read: Not a directory"):
        last_snapshot(tmp_path)
