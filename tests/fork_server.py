"""mbflow as a program, without the start of Python for each command.

`python fork_server.py FOLDER` loads mbflow once and puts a program `mbflow` into FOLDER. Each of
its runs is a fork with the folder, environment and streams of whoever started it; a signal to the
program does not come to it.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from pathlib import Path

PROGRAM = """\
#!{python} -ISE
import json, os, socket, sys
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
os.chdir({folder!r})
line = socket.socket(socket.AF_UNIX)
line.connect("socket")
socket.send_fds(line, [len(asked).to_bytes(4, "big")], [0, 1, 2])
line.sendall(asked)
sys.exit(line.recv(1)[0])
"""


def load():
    """Everything that a verb imports when it is called."""
    import mbflow

    for package in ("cli.verbs", "apply", "emulator", "testing", "views", "project", "rules"):
        found = importlib.import_module(f"{mbflow.__name__}.{package}")
        for module in pkgutil.walk_packages(found.__path__, f"{found.__name__}."):
            importlib.import_module(module.name)
    gc.freeze()


def become(streams, arguments, folder, environ):
    """The rest of this process is one run of mbflow."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
        for number, mode in enumerate(("r", "w", "w"))
    )
    importlib.import_module("mbflow.cli.main").run(arguments)


def answer(line):
    """Fork a run; whoever forks it again waits for it, so that several run at once."""
    head, streams, _, _ = socket.recv_fds(line, 4, 3)
    rest = line.makefile("rb").read(int.from_bytes(head, "big"))
    child = os.fork()
    if not child:
        line.close()
        become(streams, *json.loads(rest))
    _, status = os.waitpid(child, 0)
    line.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))


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
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        line, _ = listener.accept()
        if not os.fork():
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            answer(line)
            os._exit(0)
        line.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
