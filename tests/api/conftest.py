"""Clients whose waits cost no time, and that are closed with the test."""

import contextlib
import socket
import threading
from contextlib import ExitStack

import pytest

from mbflow.api.client import Client
from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import parse_fault
from mbflow.emulator.server import Server
from mbflow.model.flow import EMBEDDED

from .cli import runner
from .service import Service

KEY = "live_S3cretAccessKey000000"


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def closed_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def run(clock):
    """`service, client = run(answer)`: a scripted service and a client of it, both running."""
    with contextlib.ExitStack() as stack:

        def start(answer, **options):
            service = stack.enter_context(Service(answer))
            client = client_of(service.url, clock, **options)
            return service, stack.enter_context(client)

        yield start


def client_of(endpoint, clock, **options) -> Client:
    settings = {
        "can_write": True,
        "key_source": "MESSAGEBIRD_ACCESS_KEY",
        "sleep": clock.sleep,
        "clock": clock,
        "random": lambda: 1.0,
        "read_timeout": 5.0,
        "access_key": KEY,
    }
    return Client(endpoint, **(settings | options))


@pytest.fixture(params=["in process", "on a socket"])
def opened(request, tmp_path, clock):
    """`client, emulator = opened(faults=[...], quirks=[...])`."""
    with ExitStack() as stack:

        def start(faults=(), **options):
            faults = [parse_fault(spec) for spec in faults]
            emulator = Emulator(
                tmp_path / "emulator.db",
                account="local",
                faults=faults,
                sleep=clock.sleep,
                **options,
            )
            stack.callback(emulator.close)
            if request.param == "in process":
                client = Client(
                    EMBEDDED,
                    None,
                    can_write=True,
                    workers=1,
                    transport=lambda: EmulatorTransport(emulator),
                    sleep=clock.sleep,
                    clock=clock,
                )
            else:
                client = client_of(served(stack, emulator), clock)
            return stack.enter_context(client), emulator

        yield start


def served(stack, emulator):
    server = Server(emulator, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.stop)
    return server.url


@pytest.fixture
def mbflow(capsys, tmp_path, monkeypatch):
    """`ran = mbflow("calls", "list")`, in the folder of the test, with an access key."""
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    return runner(capsys, tmp_path)


@pytest.fixture
def against(tmp_path, mbflow):
    """`service, run = against(answer)`: the verbs against a scripted service, as production."""
    with ExitStack() as stack:

        def start(answer):
            service = stack.enter_context(Service(answer))
            project = tmp_path / "mbflow.yaml"
            if not project.exists():
                project.write_text("project: acme\n")
            with project.open("a") as file:
                file.write(f"environments:\n  production: {{endpoint: '{service.url}'}}\n")
            return service, lambda *words: mbflow(*words, "-e", "production")

        yield start
