"""The program itself, but that it dies by SIGKILL at a place: `LABEL NTH ARGUMENT...`.

LABEL names a checkpoint of the product, or `any`; NTH counts how often the run comes to it. Where
it never does, the program goes on to its end.
"""

import os
import signal
import sys
from functools import partial
from threading import Lock

from mbflow.cli import main as cli
from mbflow.cli import run as applying


def killed_at(label, nth):
    """A checkpoint for threads: nothing at all is cleared away when it is reached."""
    seen, lock = [], Lock()

    def checkpoint(here):
        if label in (here, "any"):
            with lock:
                seen.append(here)
                if len(seen) == nth:
                    os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def main(label, nth, *arguments):
    applying.Tools = partial(applying.Tools, checkpoint=killed_at(label, int(nth)))
    cli.run(arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
