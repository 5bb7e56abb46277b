"""Clients whose waits cost no time, and that are closed with the test."""

import contextlib
import socket

import pytest

from mbflow.api.client import Client

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
    }
    return Client(endpoint, KEY, **(settings | options))
