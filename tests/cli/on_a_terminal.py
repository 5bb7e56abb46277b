"""The program with a terminal of its own at all its ends: `DEVICE DELAY ARGUMENT...`.

Ctrl-C typed there reaches it as a signal, which needs more than a terminal for standard input.
DELAY is after how many seconds it shows how far it is.
"""

import os
import sys

PROGRAM = """
import sys
from mbflow.cli.main import run
run(sys.argv[2:], progress_delay=float(sys.argv[1]))
"""


def main(device, delay, *arguments):
    os.login_tty(os.open(device, os.O_RDWR))
    os.execv(sys.executable, [sys.executable, "-c", PROGRAM, delay, *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
