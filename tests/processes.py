"""Programs of Python that use mbflow, as forks of one process that has it loaded.

They have a process, streams and signals of their own; only the start of Python is left out.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL
LONGEST = 60
"""Seconds after which a process that hangs is given up."""


@cache
def server_folder():
    """Where the server listens, and has put a program `mbflow`; it ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="mbflow-"))
    command = [sys.executable, Path(__file__).with_name("fork_server.py"), folder]
    server = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True)
    assert server.stdout.readline() == "ready\n"

    @atexit.register
    def end():
        server.stdin.close()
        server.stdout.close()
        server.wait()

    return folder


def run(words, *, cwd, env=None, given=""):
    """As `subprocess.run` of Python with these words; `given` is what standard input holds."""
    ends = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
    process = Process(words, cwd=cwd, env=env, **ends)
    process.stdin.write(given)
    out, err = process.communicate(LONGEST)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


class Process:
    """As `subprocess.Popen([sys.executable, *words], …)` is; `session` says `fork_server`."""

    def __init__(self, words, *, cwd, env=None, text=True, session="", **ends):
        self.returncode, self._mine = None, []
        self.stdin = self.stdout = self.stderr = None
        given = [ends.get("stdin", DEVNULL), ends.get("stdout"), ends.get("stderr")]
        streams = [self._end(one, number, text) for number, one in enumerate(given)]
        folder = str(server_folder())
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(f"{folder}/socket")
        environ = dict(os.environ if env is None else env)
        asked = json.dumps([[*map(str, words)], str(cwd), environ, session]).encode()
        socket.send_fds(self._line, [len(asked).to_bytes(4, "big")], streams)
        self._line.sendall(asked)
        for end in self._mine:
            os.close(end)
        self.pid = int.from_bytes(self._line.recv(4, socket.MSG_WAITALL), "big")

    def _end(self, asked, number, text):
        """The file that the program gets for this stream."""
        if asked is None:
            return number
        if asked not in (PIPE, DEVNULL):
            return asked
        if asked == DEVNULL:
            self._mine.append(os.open(os.devnull, os.O_RDWR))
            return self._mine[-1]
        theirs, ours = os.pipe() if number == 0 else reversed(os.pipe())
        self._mine.append(theirs)
        mode = "w" if number == 0 else "r"
        file = os.fdopen(ours, mode, encoding="utf-8") if text else os.fdopen(ours, f"{mode}b")
        setattr(self, ("stdin", "stdout", "stderr")[number], file)
        return theirs

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.communicate()

    def poll(self):
        return self._ended(0)

    def wait(self, timeout=None):
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired("a fork", timeout)
        return self.returncode

    def _ended(self, timeout):
        if self.returncode is None and select.select([self._line], [], [], timeout)[0]:
            told = self._line.recv(2, socket.MSG_WAITALL)
            self.returncode = int.from_bytes(told, "big", signed=True)
            self._line.close()
        return self.returncode

    def communicate(self, timeout=None):
        """All that comes on both streams until it ends."""
        if self.stdin:
            self.stdin.close()
        with ThreadPoolExecutor(2) as readers:
            files = [file for file in (self.stdout, self.stderr) if file and not file.closed]
            read = {file: readers.submit(file.read) for file in files}
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()  # so that the readers end
                raise
            out, err = (
                read[file].result() if file in read else None for file in (self.stdout, self.stderr)
            )
        for file in files:
            file.close()
        return out, err

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)
