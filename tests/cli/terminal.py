"""mbflow on a terminal of its own, and what a person sees there."""

import os
import pty
import select
import time

from .conftest import LONGEST

PROGRAM = """
import sys
from mbflow.cli.main import run
run(sys.argv[2:], progress_delay=float(sys.argv[1]))
"""


class Terminal:
    """mbflow on a terminal, and what a person sees there."""

    def __init__(self, project, *arguments, environ=(), delay=3600):
        """`delay` is after how many seconds it shows how far it is."""
        self._ours, theirs = pty.openpty()
        words = ["-c", PROGRAM, str(delay), *arguments]
        environ = {"TERM": "xterm", "CI": "", **dict(environ)}
        ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "session": "terminal"}
        self._process = project.start_python(words, environ=environ, **ends)
        self._theirs = theirs
        self._until = time.monotonic() + LONGEST
        self.shown = ""

    def read_until(self, text):
        while text not in self.shown:
            assert self._read(), f"it ended before it showed {text}: {self.shown}"
        return self.shown

    def type(self, text):
        """After the moment that a person needs.

        Python sees a signal that comes between a prompt and the read behind it with the next key.
        """
        time.sleep(0.3)
        os.write(self._ours, text.encode())

    def end(self):
        """Everything until it ends, and the exit code."""
        while self._read():
            pass
        return self._process.wait(LONGEST)

    def close(self):
        for end in (self._ours, self._theirs):
            os.close(end)

    def _read(self):
        """Whether more may come. Our copy of its end stays open, so that nothing is lost."""
        while True:
            has_ended = self._process.poll() is not None
            if select.select([self._ours], [], [], 0 if has_ended else 0.05)[0]:
                self.shown += os.read(self._ours, 65536).decode(errors="replace")
                return True
            if has_ended:
                return False
            assert time.monotonic() < self._until, f"not within {LONGEST} s: {self.shown}"
