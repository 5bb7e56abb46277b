"""A program with a terminal of its own at all its ends: `DEVICE PROGRAM ARGUMENT...`.

Ctrl-C typed there reaches it as a signal, which needs more than a terminal for standard input.
"""

import os
import sys


def main(device, *words):
    os.login_tty(os.open(device, os.O_RDWR))
    os.execvp(words[0], words)


if __name__ == "__main__":
    main(*sys.argv[1:])
