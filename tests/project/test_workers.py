"""Work by several processes gives what one gives, and an error in a worker can be seen."""

import os

import pytest

from mbflow.project.workers import WORTH_FORKING, in_workers

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
