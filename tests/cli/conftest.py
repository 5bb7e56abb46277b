"""A service behind a real port, a project that speaks to it, and the program as it is run."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from unittest import mock

import pytest
from api.cli import runner
from apply.world import say
from processes import Process

from mbflow.api import retry
from mbflow.cli.main import exit_code_of
from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import parse_fault
from mbflow.emulator.server import Server

KEY = "test_AccessKeyOfProcesses1"
LONGEST = 60
"""Seconds after which a process that hangs is given up."""


class Service:
    """An emulator on a port, and what it really holds.

    `holding` is the database of another one, closed by now, that this one goes on with.
    """

    def __init__(self, folder, *, holding=None, **options):
        self.database = folder / "service.db"
        if holding is not None:
            shutil.copy(holding, self.database)
        self.emulator = Emulator(self.database, **options)
        self._server = Server(self.emulator, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        self.url = self._server.url

    def close(self):
        self._server.stop()
        self._thread.join()
        self.emulator.close()

    def faults(self, *specs):
        self.emulator.put_faults([parse_fault(spec) for spec in specs])

    def live(self):
        return live_flows(self.database, KEY)

    def texts(self):
        """Id to the text of each flow as it is stored."""
        return live_texts(self.database, KEY)

    def titles(self):
        return sorted(body.get("title", "") for body in self.live().values())

    def sent(self, *methods):
        logged = self.emulator.requests()
        return [f"{one.method} {one.path}" for one in logged if one.method in methods]

    def writes(self):
        return self.sent("POST", "PUT", "DELETE")

    def wait_for(self, method, count=1):
        """Until so many requests of this method have been answered."""
        until = time.monotonic() + LONGEST
        while len(self.sent(method)) < count:
            assert time.monotonic() < until, f"no {count} {method} within {LONGEST} s"
            time.sleep(0.01)


class Gates:
    """The fault `latency=N` holds its request at gate N until the test opens that gate.

    Nothing is timed: a request is held at a place, something else happens, the request goes on.
    """

    def __init__(self):
        self._reached = {number: threading.Event() for number in range(1, 10)}
        self._opened = {number: threading.Event() for number in range(1, 10)}

    def sleep(self, seconds):
        """In the place of waiting, in the emulator."""
        self._reached[int(seconds)].set()
        self._opened[int(seconds)].wait(LONGEST)

    def wait_for(self, *numbers):
        """Until a request stands at each of these gates."""
        for number in numbers:
            assert self._reached[number].wait(LONGEST), f"no request came to gate {number}"

    def open(self, *numbers):
        for number in numbers:
            self._opened[number].set()

    def open_all(self):
        self.open(*self._opened)


def live_flows(database, key):
    """Id to body, newest first, from the emulator's own file."""
    return {flow_id: json.loads(text) for flow_id, text in live_texts(database, key).items()}


def live_texts(database, key):
    """Id to the text of the flow as it is stored, newest first."""
    account = f"key-{hashlib.sha256(key.encode()).hexdigest()}"
    connection = sqlite3.connect(database, timeout=LONGEST)
    try:
        rows = connection.execute(
            "SELECT id, text FROM records WHERE kind = 'flow' AND account = ? ORDER BY seq DESC",
            (account,),
        ).fetchall()
    finally:
        connection.close()
    return dict(rows)


IMPATIENT = """
import sys
from mbflow.apply import write
from mbflow.cli.main import run
write.READ_BACK_PAUSES = (0.0, 0.2, 0.5)
run(sys.argv[1:])
"""


class Project:
    """A checkout, and mbflow as it is run in it."""

    def __init__(self, folder, url, **environment):
        self.folder = folder
        (folder / "flows").mkdir(parents=True)
        self.environment = {"endpoint": url, "settle_seconds": 2, **environment}
        self.save()

    def save(self, **settings):
        self.environment.update(settings)
        document = {"project": "acme", "environments": {"production": self.environment}}
        (self.folder / "mbflow.yaml").write_text(json.dumps(document))

    def write(self, key, body, **settings):
        path = self.folder / "flows" / f"{key}.yaml"
        path.write_text(json.dumps({**body, **({"mbflow": settings} if settings else {})}))

    def remove(self, key):
        (self.folder / "flows" / f"{key}.yaml").unlink()

    @property
    def lock(self):
        return (self.folder / "mbflow.lock.yaml").read_text()

    @property
    def journal(self):
        return self.folder / ".mbflow" / "production" / "journal.jsonl"

    def start(self, *arguments, key=KEY, environ=(), **options):
        return self.start_python(["-m", "mbflow", *arguments], key=key, environ=environ, **options)

    def start_impatient(self, *arguments):
        """mbflow, but that it reads back for less than a second what is not to be seen."""
        return self.start_python(["-c", IMPATIENT, *arguments])

    def start_python(self, arguments, *, key=KEY, environ=(), before=(), **options):
        """A program in this checkout; it is killed when the test ends before it.

        `before` are words of a program that starts it.
        """
        start = Process
        if before:
            start, arguments = subprocess.Popen, [*before, sys.executable, *arguments]
        given = {"stdin": subprocess.DEVNULL, **PIPES, **options}
        process = start(arguments, cwd=self.folder, env=environment_of(key, environ), **given)
        STARTED.append(process)
        return process

    def run(self, *arguments, key=KEY, environ=()):
        """`code, out, err` of one command line, in this process; standard input is no terminal.

        What depends on the process itself, such as signals and streams, is tested with `start`.
        """
        return run_here(arguments, self.folder, environment_of(key, environ))


def run_here(arguments, folder, environ):
    """`code, out, err` of the program in this process, with that folder and environment only."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environ, clear=True),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = exit_code_of(arguments)
    return int(code), out.getvalue(), err.getvalue()


STARTED = []
"""Every program that the running test has started."""
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def environment_of(key, environ=()):
    own = {name: value for name, value in os.environ.items() if name != "MESSAGEBIRD_ACCESS_KEY"}
    keys = {"MESSAGEBIRD_ACCESS_KEY": key} if key else {}
    return {**own, "MBFLOW_ENVIRONMENT": "production", **keys, **dict(environ)}


@pytest.fixture(autouse=True)
def no_process_stays():
    """However a test ends: what it has started ends with it."""
    yield
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture(autouse=True)
def short_retries(monkeypatch):
    """In this process; how long the pauses are is tested beside `mbflow.api.retry`."""
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.01)


@pytest.fixture
def make_service(tmp_path):
    services = []

    def make(**options):
        folder = tmp_path / f"service-{len(services)}"
        folder.mkdir()
        services.append(Service(folder, **options))
        return services[-1]

    yield make
    for service in services:
        service.close()


@pytest.fixture
def gates(make_service):
    """All gates are open before the services close: their requests end."""
    gates = Gates()
    yield gates
    gates.open_all()


@pytest.fixture
def service(make_service):
    return make_service()


@pytest.fixture
def project(tmp_path, service):
    return Project(tmp_path / "checkout", service.url)


@pytest.fixture
def applied(project):
    """A project whose flows a, b and c are live."""
    for key in "abc":
        project.write(key, say(f"I am {key}", key.upper()))
    code, _, err = project.run("apply", "--auto-approve")
    assert code == 0, err
    return project


@pytest.fixture
def in_process(monkeypatch, capsys):
    """`mbflow = in_process(project)`: its command lines, run in this process, which is faster."""
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    monkeypatch.setenv("MBFLOW_ENVIRONMENT", "production")
    return lambda project: runner(capsys, project.folder)


@pytest.fixture
def terminal():
    from .terminal import Terminal

    made = []

    def make(*arguments, **options):
        made.append(Terminal(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
