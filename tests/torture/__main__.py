"""The long run: stories until the time is over. `python -m torture [SECONDS [SEED]]` in tests/.

Prints the seed of every batch; a seed tells the same stories again.
"""

import random
import sys
import time

from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from mbflow.apply.result import Status

from .counting import counts, led, places
from .test_convergence import LIMITS, Convergence

STORIES = 50
"""In one batch."""
SECONDS = 600


def main(seconds=SECONDS, first=None):
    first = random.randrange(10**6) if first is None else first
    until = time.monotonic() + seconds
    limits = settings(LIMITS, max_examples=STORIES, stateful_step_count=30, derandomize=False)
    batches = 0
    while time.monotonic() < until:
        print(f"seed {first + batches}", end="", flush=True)
        run_state_machine_as_test(seed(first + batches)(Convergence), settings=limits)
        batches += 1
        print(f": {', '.join(f'{n} {name}' for name, n in sorted(counts.items()))}", flush=True)
    for trouble in sorted({trouble for trouble, _ in led}):
        ended = (f"{led[trouble, status.value]} {status.value}" for status in Status)
        print(f"numbers under {trouble}: {', '.join(ended)}")
    print(f"killed at {', '.join(f'{place} {n}' for place, n in places.most_common())}")
    print(f"no violation in {batches * STORIES} stories, seeds {first} to {first + batches - 1}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
