"""Work by several processes gives what one gives, and an error in a worker can be seen."""

import io
import os
import signal
import threading
import time

import pytest
from builders import Recorder

from mbflow.cli.progress import ProgressLine
from mbflow.project.workers import WORTH_FORKING, in_workers, nothing

MANY = list(range(3 * WORTH_FORKING))


def doubled(part):
    return [2 * item for item in part]


@pytest.mark.parametrize("count", [0, 1, WORTH_FORKING - 1, WORTH_FORKING, 3 * WORTH_FORKING])
def test_results_come_back_in_order(count):
    parts = in_workers(doubled, MANY[:count])
    assert [item for part in parts for item in part] == doubled(MANY[:count])


def test_an_error_of_a_worker_is_raised_here():
    def failing(part):
        if MANY[-1] in part:
            raise ValueError("the last one")
        return []

    with pytest.raises(ValueError, match="the last one"):
        in_workers(failing, MANY)


def test_the_part_of_a_worker_that_dies_is_done_here():
    here = os.getpid()

    def dying(part):
        if os.getpid() != here:
            os._exit(9)
        return doubled(part)

    parts = in_workers(dying, MANY)
    assert [item for part in parts for item in part] == doubled(MANY)


def test_progress_is_told_of_the_parts_of_all_processes():
    progress = Recorder()
    made = in_workers(doubled, MANY, progress=progress)
    assert progress.parts == [("Reading flow files", len(made), len(made))]
    assert len(made) > 1


def test_a_line_that_is_drawn_keeps_nobody_from_forking():
    line = ProgressLine(io.StringIO(), 0)
    for _ in range(2):
        assert len(in_workers(doubled, MANY, progress=line)) > 1, "its thread ends with its part"


@pytest.mark.parametrize("count", [0, 1, WORTH_FORKING, 3 * WORTH_FORKING])
def test_what_is_done_beside_may_use_threads(count):
    done = []

    def beside():
        done.append(os.getpid())
        thread = threading.Thread(target=lambda: done.append(threading.current_thread()))
        thread.start()
        thread.join()

    parts = in_workers(doubled, MANY[:count], beside)
    assert [item for part in parts for item in part] == doubled(MANY[:count])
    assert (done[0], len(done)) == (os.getpid(), 2)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_no_process_is_left_when_something_fails(error, monkeypatch):
    here, fork, begun = os.getpid(), os.fork, []
    monkeypatch.setattr(os, "fork", lambda: begun.append(fork()) or begun[-1])

    def endless(part):
        while os.getpid() != here:
            time.sleep(60)
        raise error

    def beside():
        raise error

    for meanwhile in (beside, nothing):
        with pytest.raises(error):
            in_workers(endless, MANY, meanwhile)
        assert begun
        while begun:
            with pytest.raises(ChildProcessError):
                os.waitpid(begun.pop(), os.WNOHANG)


def test_a_worker_that_dies_in_the_middle_loses_nothing():
    here = os.getpid()

    def dying(part):
        if os.getpid() != here and MANY[-1] in part:
            os.kill(os.getpid(), signal.SIGKILL)
        elif os.getpid() == here and MANY[-1] not in part:
            time.sleep(0.01)  # so that others get most
        return doubled(part)

    parts = in_workers(dying, MANY)
    assert [item for part in parts for item in part] == doubled(MANY)
