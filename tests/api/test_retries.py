"""What is tried again, how often, after how long: over real sockets, with a clock of its own."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from mbflow.api.client import Client
from mbflow.api.errors import NotSent, OutcomeUnknown, Rejected, Unreadable
from mbflow.api.retry import TRIES, TRIES_WHEN_LIMITED

from .conftest import client_of
from .service import Reply, flow, listed, one, refused

ID = flow(1)["id"]
WRITES = {
    "POST": lambda client: client.create_call_flow({"steps": []}),
    "PUT": lambda client: client.update_call_flow(ID, {"steps": []}),
    "DELETE": lambda client: client.delete_call_flow(ID),
}
DONE = {"POST": one(flow(1), 201), "PUT": one(flow(1)), "DELETE": Reply(204, None)}

PASSING = {
    "500": Reply(500, b"oops"),
    "502 with a page": Reply(502, b"<html>bad gateway</html>"),
    "503": refused(503, "busy"),
    "504": Reply(504, None),
    "408": Reply(408, None),
    "reset": Reply(act="reset"),
    "cut short": Reply(body=one(flow(1)).body, act="cut"),
    "broken JSON": Reply(body=b'{"data": [{"id": "1"'),
    "not UTF-8": Reply(body=b'{"data": "\xff"}'),
    "NaN": Reply(body=b'{"data": NaN}'),
    "half a million brackets": Reply(body=b"[" * 500_000),
    "a number of 5,000 digits": Reply(body=b"1" * 5000),
    "empty": Reply(body=None),
    "broken gzip": Reply(body=b"no", headers={"Content-Encoding": "gzip"}),
}


def after(failures, reply, good):
    """Answers `reply` so many times, then `good`."""
    left = [failures]

    def answer(asked):
        left[0] -= 1
        return reply if left[0] >= 0 else good

    return answer


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING)
def test_get_is_repeated_until_it_succeeds(run, clock, reply):
    service, client = run(after(TRIES - 1, reply, one(flow(1))))
    assert client.get_call_flow(ID).id == ID
    assert len(service.asked) == TRIES
    assert clock.sleeps == [0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING)
def test_get_gives_up_after_so_many_tries(run, reply):
    service, client = run(lambda asked: reply)
    with pytest.raises(Unreadable) as failure:
        client.get_call_flow(ID)
    assert len(service.asked) == TRIES
    assert failure.value.exit_code == 1


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize(
    "reply", [reply for name, reply in PASSING.items() if name != "empty"], ids=str
)
def test_a_write_that_was_sent_is_never_repeated(run, clock, method, reply):
    service, client = run(lambda asked: reply)
    with pytest.raises(OutcomeUnknown, match=f"Whether {method} .* was done is not known"):
        WRITES[method](client)
    assert service.count(method) == len(service.asked) == 1
    assert clock.sleeps == []


@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_silence_ends_in_a_time_out(run, method):
    service, client = run(lambda asked: Reply(act="hang"), read_timeout=0.05)
    expected = Unreadable if method == "GET" else OutcomeUnknown
    with pytest.raises(expected, match="no answer came in time"):
        WRITES.get(method, lambda client: client.get_call_flow(ID))(client)
    assert len(service.asked) == (TRIES if method == "GET" else 1)


def test_jitter_takes_up_to_half_of_the_delay(run, clock):
    _, client = run(lambda asked: Reply(500), random=lambda: 0.0)
    with pytest.raises(Unreadable):
        client.get_call_flow(ID)
    assert clock.sleeps == [0.125, 0.25, 0.5, 1.0]


@pytest.mark.parametrize("method", WRITES)
def test_too_many_requests_is_waited_out_for_every_method(run, clock, method):
    limited = refused(429, "slow down", Retry_After="7")
    service, client = run(after(2, limited, DONE[method]))
    WRITES[method](client)
    assert service.count(method) == 3
    assert clock.sleeps == [7, 7]


def test_too_many_requests_has_a_bound(run):
    service, client = run(lambda asked: refused(429, "slow down", code=9))
    with pytest.raises(Rejected) as failure:
        client.create_call_flow({})
    assert len(service.asked) == TRIES_WHEN_LIMITED
    assert (failure.value.status, failure.value.code) == (429, 9)
    assert failure.value.summary.endswith("still says: too many requests (429).")


def test_retry_after_of_a_503_is_honoured_for_get(run, clock):
    _, client = run(after(1, refused(503, Retry_After="42"), one(flow(1))))
    assert client.get_call_flow(ID)
    assert clock.sleeps == [42]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wait_that_nobody_would_sit_through_is_not_made(run, clock, method):
    service, client = run(lambda asked: refused(429, Retry_After="3600"))
    with pytest.raises(Rejected, match="It asks to wait 3600 seconds"):
        WRITES.get(method, lambda client: client.get_call_flow(ID))(client)
    assert (len(service.asked), clock.sleeps) == (1, [])


def test_retry_after_as_a_date_is_by_the_services_clock(run, clock):
    then = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)

    def answer(asked):
        if len(service.asked) > 1:
            return one(flow(1))
        moments = {"Date": then, "Retry_After": then + timedelta(seconds=33)}
        return refused(429, **{k: format_datetime(v, usegmt=True) for k, v in moments.items()})

    service, client = run(answer)
    assert client.get_call_flow(ID)
    assert clock.sleeps == [33]


@pytest.mark.parametrize("text", ["soon", "", "-5", "1e9", "7.", "Thu, 99 Foo 2031", "٣"])
def test_a_senseless_retry_after_is_ignored(run, clock, text):
    headers = {"Retry-After": text.encode().decode("latin-1")}
    _, client = run(after(1, Reply(429, None, headers), one(flow(1))))
    assert client.get_call_flow(ID)
    assert clock.sleeps == [0.25]


def test_one_limit_holds_all_workers(clock):
    """While one worker is told to wait, another one that comes does not ask before that."""
    times = []

    def answer(asked):
        times.append(clock.now)
        return refused(429, Retry_After="30") if len(times) == 1 else one(flow(1))

    from .service import Service

    asleep, go_on = threading.Event(), threading.Event()

    def sleep(seconds):
        clock.sleeps.append(seconds)
        if not asleep.is_set():
            asleep.set()
            go_on.wait(10)

    with Service(answer) as service, client_of(service.url, clock, sleep=sleep) as client:
        first = threading.Thread(target=client.get_call_flow, args=[ID])
        first.start()
        assert asleep.wait(10)
        client.get_call_flow(ID)
        go_on.set()
        first.join()
    assert clock.sleeps[:2] == [30, 30]
    assert len(service.asked) == 3


def test_an_interrupt_ends_waiting_and_sends_nothing_more(run):
    waiting = threading.Event()

    def answer(asked):
        waiting.set()
        return refused(429, Retry_After="100")

    service, client = run(answer, sleep=None)
    failures = []

    def create():
        try:
            client.create_call_flow({})
        except NotSent as failure:
            failures.append(failure)

    worker = threading.Thread(target=create)
    worker.start()
    assert waiting.wait(10)
    client.interrupt()
    worker.join(10)
    assert not worker.is_alive()
    assert [str(failure) for failure in failures] == [
        "Interrupted before POST /call-flows was sent."
    ]
    assert len(service.asked) == 1


@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_a_service_that_does_not_run_has_seen_nothing(clock, closed_port, method):
    client = client_of(f"http://127.0.0.1:{closed_port}", clock)
    with client, pytest.raises(NotSent) as failure:
        WRITES.get(method, lambda client: client.get_call_flow(ID))(client)
    assert failure.value.summary == (
        f"http://127.0.0.1:{closed_port} cannot be reached: the connection was refused."
    )
    assert failure.value.details[0] == "Is the service running?"
    assert failure.value.details[1].endswith("was not sent.")
    assert clock.sleeps == [0.25, 0.5, 1.0, 2.0]


def test_a_write_goes_out_once_the_service_is_there(clock, closed_port):
    """Not sent is safe to try again: the service comes up while the client waits."""
    from .service import Service

    started = []

    def sleep(seconds):
        if not started:
            started.append(Service(lambda asked: one(flow(1), 201), port=closed_port))
            started[0].__enter__()

    client = client_of(f"http://127.0.0.1:{closed_port}", clock, sleep=sleep)
    try:
        with client:
            assert client.create_call_flow({}).id == ID
        assert started[0].count("POST") == 1
    finally:
        started[0].__exit__()


def test_a_name_that_is_not_known(clock):
    with (
        client_of("http://no-such-host.invalid", clock) as client,
        pytest.raises(NotSent, match="cannot be reached"),
    ):
        client.list_call_flows()


def test_a_service_that_speaks_no_tls(run, clock):
    service, _ = run(lambda asked: listed([], 0))
    url = service.url.replace("http:", "https:")
    with (
        client_of(url, clock) as client,
        pytest.raises(NotSent, match="cannot be reached: TLS failed") as failure,
    ):
        client.list_call_flows()
    assert "SSL_CERT_FILE" in failure.value.details[0]
    assert clock.sleeps == []


def test_without_a_clock_of_its_own_the_client_really_waits():
    assert Client("http://127.0.0.1:9", None, can_write=False)._gate.pause(0.001)
