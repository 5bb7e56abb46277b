"""Emulators to speak to: in this process, and behind a real socket."""

import threading
from contextlib import ExitStack

import httpx
import pytest
from processes import PIPE, Process

from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import parse_fault
from mbflow.emulator.server import Server

KEY = "key-of-the-tests"


@pytest.fixture
def on_exit():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def in_process(tmp_path, on_exit):
    """A function that opens an emulator with options and gives a client of it."""

    def opened(database="emulator.db", faults=(), **options):
        emulator = Emulator(
            tmp_path / database, faults=[parse_fault(spec) for spec in faults], **options
        )
        on_exit.callback(emulator.close)
        return on_exit.enter_context(client("http://emulator", EmulatorTransport(emulator)))

    return opened


@pytest.fixture
def on_a_socket(tmp_path, on_exit):
    """The same, with the emulator behind a port of this machine."""

    def opened(database="emulator.db", faults=(), **options):
        emulator = Emulator(
            tmp_path / database, faults=[parse_fault(spec) for spec in faults], **options
        )
        on_exit.callback(emulator.close)
        server = Server(emulator, "127.0.0.1", 0)
        thread = threading.Thread(target=server.run)
        thread.start()
        on_exit.callback(thread.join)
        on_exit.callback(server.stop)
        return on_exit.enter_context(client(server.url))

    return opened


@pytest.fixture(params=["in process", "on a socket"])
def opened(request):
    """Both, one after the other: contract tests run the same cases twice."""
    return request.getfixturevalue(request.param.replace(" ", "_"))


@pytest.fixture
def api(opened):
    return opened()


def client(url, transport=None):
    return httpx.Client(
        base_url=url,
        transport=transport,
        headers={"Authorization": f"AccessKey {KEY}"},
        trust_env=False,
        verify=False,  # Nothing is encrypted here, and reading the certificates takes 25 ms a test.
        timeout=10,
    )


@pytest.fixture
def emulate(tmp_path, on_exit):
    """A function that starts `mbflow emulate` as a process and gives it with its address."""

    return lambda *arguments: started_emulate(on_exit, tmp_path, *arguments)


def started_emulate(stack, folder, *arguments):
    words = ["-m", "mbflow", "emulate", *arguments]
    process = Process(words, cwd=folder, stdout=PIPE, stderr=PIPE)
    stack.enter_context(process)
    stack.callback(process.kill)
    line = process.stdout.readline()
    head, _, url = line.strip().partition(" on ")
    assert head == "listening", line + process.stderr.read()
    return process, url
