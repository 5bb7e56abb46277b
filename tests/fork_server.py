"""Python with mbflow loaded, whose forks are programs: none of them waits for the start of Python.

`python fork_server.py FOLDER` listens at FOLDER/socket until its standard input ends, and puts a
program `mbflow` into FOLDER. Each run is a fork with the folder, environment and streams of whoever
started it; `processes` starts them from tests. A signal to the program `mbflow` does not come to
its run.
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import shutil
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

PROGRAM = """\
#!{python} -ISE
import json, os, socket, sys
words = ["-m", "mbflow", *sys.argv[1:]]
asked = json.dumps([words, os.getcwd(), dict(os.environ), ""]).encode()
os.chdir({folder!r})
line = socket.socket(socket.AF_UNIX)
line.connect("socket")
socket.send_fds(line, [len(asked).to_bytes(4, "big")], [0, 1, 2])
line.sendall(asked)
with line.makefile("rb") as told:
    told.read(4)
    sys.exit(told.read(2)[1])
"""


LAZY = ("holidays.countries", "jsonschema_rs", "phonenumbers")
"""Libraries that some runs import: the first has 250 modules, for a calendar with holidays."""


def load():
    """Everything that a verb imports when it is called."""
    import mbflow

    for package in ("cli", "api", "apply", "emulator", "testing", "views", "project", "rules"):
        found = importlib.import_module(f"{mbflow.__name__}.{package}")
        for module in pkgutil.walk_packages(found.__path__, f"{found.__name__}."):
            importlib.import_module(module.name)
    for name in LAZY:
        importlib.import_module(name)
    gc.freeze()


def become(streams, words, folder, environ, session):
    """The rest of this process is one run of Python: `-m NAME`, `-c TEXT` or a file, and arguments.

    `session` is "new" for a session of its own, "terminal" for one at the terminal of its streams.
    """
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if session == "terminal":
        os.login_tty(0)
    elif session == "new":
        os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
    run(*words)
    sys.exit()


def run(how, *words):
    if how == "-m":
        sys.argv = list(words)
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    elif how == "-c":
        sys.argv = [how, *words[1:]]
        exec(words[0], {"__name__": "__main__"})
    else:
        sys.argv = [how, *words]
        runpy.run_path(how, run_name="__main__")


def answer(line):
    """Fork a run; whoever forks it again waits for it, so that several run at once.

    Four bytes tell its number, and two, once it has ended, its exit code, or less than nothing for
    the signal that killed it.
    """
    head, streams, _, _ = socket.recv_fds(line, 4, 3)
    rest = line.makefile("rb").read(int.from_bytes(head, "big"))
    child = os.fork()
    if not child:
        line.close()
        become(streams, *json.loads(rest))
    for stream in streams:
        os.close(stream)
    line.sendall(child.to_bytes(4, "big"))
    _, status = os.waitpid(child, 0)
    line.sendall(os.waitstatus_to_exitcode(status).to_bytes(2, "big", signed=True))


def serve(folder):
    load()
    os.chdir(folder)  # The address of a socket must be short.
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket")
    listener.listen()
    program = folder / "mbflow"
    program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
    program.chmod(0o755)
    print("ready", flush=True)
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        line, _ = listener.accept()
        if not os.fork():
            listener.close()
            answer(line)
            os._exit(0)
        line.close()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    shutil.rmtree(folder)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
