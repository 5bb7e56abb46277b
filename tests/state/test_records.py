"""Files of JSON lines that outlive a power cut: one wait for the disk serves several threads."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import pytest

from mbflow.model.errors import PartialError
from mbflow.state.records import AppendedFile, read_lines


class SlowDisk:
    """Takes as long as it is told for what is written."""

    def __init__(self):
        self.waits = 0
        self.is_busy, self.is_done = Semaphore(0), Event()
        self.failure = None

    def fsync(self, file):
        self.waits += 1
        self.is_busy.release()
        self.is_done.wait()
        failure, self.failure = self.failure, None
        if failure:
            raise failure


@pytest.fixture
def disk(monkeypatch):
    disk = SlowDisk()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    return disk


@pytest.fixture
def file(tmp_path):
    file = AppendedFile(tmp_path / "records.jsonl")
    yield file
    file.close()


def written(file, number):
    """Waits until so many records are in the file, on the disk or not."""
    while file.path.read_bytes().count(b"\n") < number:
        pass


def test_threads_that_wrote_meanwhile_share_one_wait(file, disk):
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(file.append, {"n": 0}, on_disk=True)
        disk.is_busy.acquire()
        others = [pool.submit(file.append, {"n": n}, on_disk=True) for n in range(1, 8)]
        written(file, 8)
        assert not any(one.done() for one in (first, *others))
        disk.is_done.set()
    assert [one.result() for one in (first, *others)] == [None] * 8
    assert disk.waits == 2
    assert sorted(record["n"] for record in read_lines(file.path)) == list(range(8))


def test_what_is_written_during_a_wait_waits_for_another(file, disk):
    disk.is_done.set()
    for number in range(3):
        file.append({"n": number}, on_disk=True)
        file.append({"n": number})
    assert disk.waits == 3


def test_a_disk_that_failed_once_is_not_believed_again(file, disk):
    disk.is_done.set()
    disk.failure = OSError(5, "Input/output error")
    for _ in range(2):
        with pytest.raises(PartialError, match="Input/output error"):
            file.append({"n": 0}, on_disk=True)
    file.append({"n": 1})
