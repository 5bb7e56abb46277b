"""The program as users run it: a command line in, exit code and both outputs back."""

import contextlib
import json
import os
import pty
from dataclasses import dataclass

from processes import Process

from mbflow.cli.main import exit_code_of


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def runner(capsys, directory):
    """`ran = mbflow("flows", "list")`, in `directory`, in this process.

    The folder holds a project, if one without files.
    """
    (directory / "flows").mkdir(parents=True, exist_ok=True)

    def mbflow(*arguments, before=()):
        capsys.readouterr()
        with contextlib.chdir(directory):
            code = exit_code_of([*map(str, before), *map(str, arguments)])
        captured = capsys.readouterr()
        return Ran(int(code), captured.out, captured.err)

    return mbflow


def on_a_terminal(arguments, directory, *, answer="", prompt="", columns=80):
    """The same in a process of its own whose ends are a terminal; both outputs together.

    The answer is typed once `prompt` is shown: a prompt for a secret drops what was typed before.
    """
    (directory / "flows").mkdir(exist_ok=True)
    master, slave = pty.openpty()
    environ = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1"}
    ends = {"stdin": slave, "stdout": slave, "stderr": slave}
    process = Process(["-m", "mbflow", *arguments], cwd=directory, env=environ, **ends)
    os.close(slave)
    shown, typed = b"", False
    try:
        while True:
            if not typed and prompt.encode() in shown:
                os.write(master, answer.encode())
                typed = True
            chunk = os.read(master, 65536)
            if not chunk:
                break
            shown += chunk
    except OSError:
        pass  # Linux says so when the other end is closed.
    finally:
        os.close(master)
    return process.wait(30), shown.decode().replace("\r\n", "\n")
