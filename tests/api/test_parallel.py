"""Reading in parallel."""

import threading

import pytest

from mbflow.api.parallel import in_parallel


def limit_threads(monkeypatch, most):
    """As a process limit does: so many threads start, and then none."""
    start, left = threading.Thread.start, list(range(most))

    def limited(thread):
        if not left:
            raise RuntimeError("can't start new thread")
        left.pop()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)


@pytest.mark.parametrize("workers", [1, 2, 8, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_results_come_in_the_order_of_the_arguments(workers, count):
    assert in_parallel(lambda n: n * n, range(count), workers) == [n * n for n in range(count)]


def test_workers_work_at_the_same_time():
    """Each call waits for the other: one worker alone would never get past the barrier."""
    barrier = threading.Barrier(2, timeout=30)
    assert len(in_parallel(lambda n: barrier.wait(), range(2), 2)) == 2


def test_one_worker_stays_in_its_thread():
    here = threading.current_thread()
    assert in_parallel(lambda n: threading.current_thread(), range(3), 1) == [here] * 3


@pytest.mark.parametrize("given", [0, 1, 3])
def test_fewer_threads_than_asked_for_are_enough(monkeypatch, given):
    limit_threads(monkeypatch, given)
    assert in_parallel(lambda n: n * n, range(50), 8) == [n * n for n in range(50)]


@pytest.mark.parametrize("error", [IndexError, ValueError, SystemExit])
def test_a_failure_stops_the_rest(error):
    called = []

    def call(number):
        called.append(number)
        if number == 3:
            raise error("three")
        return number

    with pytest.raises(error, match="three"):
        in_parallel(call, range(100_000), 2)
    assert len(called) < 100_000
