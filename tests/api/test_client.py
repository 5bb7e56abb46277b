"""What goes over the wire, what comes back as values, and who may write at all."""

import json
import threading

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow import __version__
from mbflow.api.client import Client
from mbflow.api.errors import NoNumbersEndpoint, NotSent, OutcomeUnknown, Rejected, Unreadable
from mbflow.api.transport import is_loopback
from mbflow.model.errors import Error
from mbflow.model.flow import Number, RawFlow
from mbflow.plan.secrets import hide_flow

from .conftest import KEY, client_of
from .service import Reply, Service, flow, listed, one, refused

ID = flow(1)["id"]


def test_every_request_says_who_asks(run):
    service, client = run(lambda asked: listed([], 0))
    client.list_call_flows()
    headers = service.asked[0].headers
    assert headers["Authorization"] == f"AccessKey {KEY}"
    assert headers["Accept"] == "application/json"
    assert headers["X-MessageBird-Version"] == "20170314"
    assert headers["User-Agent"] == f"mbflow/{__version__}"
    assert "Content-Type" not in headers


def test_get_gives_the_whole_object(run):
    live = flow(1, record=True, default=True, _links={"self": "x"}, surprise=[1, None])
    _, client = run(lambda asked: one(live))
    found = client.get_call_flow(ID)
    assert found == RawFlow(ID, live)
    shown = hide_flow(found, {})
    assert (shown.title, shown.is_default, shown.updated_at) == (
        "Flow 1",
        True,
        "2017-03-06T13:34:14Z",
    )


def test_a_flow_that_is_not_there_is_none(run):
    _, client = run(lambda asked: refused(404, f"No call flow found for ID `{ID}`."))
    assert client.get_call_flow(ID) is None


@pytest.mark.parametrize("body", [None, b"404 page not found", b"<html>", {}, {"errors": []}, []])
def test_a_404_that_is_not_of_the_api_proves_nothing(run, body):
    """Taken for a flow that is gone, it would be created a second time."""
    _, client = run(lambda asked: Reply(404, body))
    with pytest.raises(Rejected) as failure:
        client.get_call_flow(ID)
    assert failure.value.status == 404


def test_an_answer_about_another_flow_is_not_believed(run):
    _, client = run(lambda asked: one(flow(2)))
    with pytest.raises(Unreadable, match="its answer is about another call flow"):
        client.get_call_flow(ID)
    with pytest.raises(OutcomeUnknown, match="its answer is about another call flow"):
        client.update_call_flow(ID, {})


def test_create_sends_the_body_once_and_believes_the_answer(run):
    answered = flow(7, title="What the service made of it")
    service, client = run(lambda asked: one(answered, 201))
    body = {"title": "Straße 📞 <b>&", "steps": [{"action": "say", "options": {"payload": "é"}}]}

    assert client.create_call_flow(body) == RawFlow(answered["id"], answered)

    asked = service.asked[0]
    assert (asked.method, asked.path, asked.query) == ("POST", "/call-flows", {})
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.body == json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def test_update_puts_the_whole_flow(run):
    service, client = run(lambda asked: one(flow(1, title="new")))
    assert client.update_call_flow(ID, {"title": "new", "steps": []}).raw["title"] == "new"
    asked = service.asked[0]
    assert (asked.method, asked.path) == ("PUT", f"/call-flows/{ID}")
    assert asked.json == {"title": "new", "steps": []}


@pytest.mark.parametrize("reply", [Reply(204, None), Reply(200, None), Reply(200, {"data": None})])
def test_delete_is_done_by_any_success(run, reply):
    service, client = run(lambda asked: reply)
    client.delete_call_flow(ID)
    assert [(asked.method, asked.path) for asked in service.asked] == [
        ("DELETE", f"/call-flows/{ID}")
    ]


def test_delete_of_what_is_gone_says_so(run):
    _, client = run(lambda asked: refused(404, f"No call flow found for ID `{ID}`."))
    with pytest.raises(Rejected) as failure:
        client.delete_call_flow(ID)
    assert (failure.value.status, failure.value.code) == (404, 13)


@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_survives_the_way_there(text):
    sent = []

    def handle(request):
        sent.append(json.loads(request.content))
        return httpx.Response(201, json={"data": [flow(1)]})

    with Client(
        "http://127.0.0.1", None, can_write=True, transport=lambda: httpx.MockTransport(handle)
    ) as client:
        client.create_call_flow({"title": text})
    assert sent == [{"title": text}]


def test_a_lone_surrogate_goes_back_as_the_escape_it_came_as(run):
    service, client = run(lambda asked: one(flow(1), 201))
    client.create_call_flow({"title": "\ud83d é"})
    assert service.asked[0].body == rb'{"title":"\ud83d \u00e9"}'


@pytest.mark.parametrize("flow_id", ["a/b", "../numbers", "a?page=1", "a#b", "a b", "%2e", "é"])
def test_an_id_stays_one_segment_of_the_path(run, flow_id):
    service, client = run(lambda asked: refused(404, "none"))
    assert client.get_call_flow(flow_id) is None
    assert service.asked[0].path.count("/") == 2
    assert service.asked[0].query == {}


@pytest.mark.parametrize("flow_id", ["", ".", ".."])
def test_an_id_that_is_another_address_is_never_sent(run, flow_id):
    service, client = run(lambda asked: one(flow(1)))
    for call in (client.get_call_flow, client.delete_call_flow, client.list_numbers):
        with pytest.raises(Error, match="is not the id of a call flow"):
            call(flow_id)
    assert service.asked == []


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create_call_flow({}),
        lambda client: client.update_call_flow(ID, {}),
        lambda client: client.delete_call_flow(ID),
        lambda client: client.assign_numbers(ID, ["31611111111"]),
    ],
    ids=["create", "update", "delete", "assign"],
)
def test_a_reading_client_cannot_write(run, call):
    service, client = run(lambda asked: listed([], 0), can_write=False)
    with pytest.raises(RuntimeError, match="a reading verb tried to send"):
        call(client)
    assert service.asked == []
    assert client.list_call_flows() == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "get"])
def test_the_reading_transport_sends_nothing_but_get(method):
    from mbflow.api.transport import ReadOnlyTransport

    seen = []
    inner = httpx.MockTransport(lambda request: seen.append(request) or httpx.Response(200))
    transport = ReadOnlyTransport(inner)
    with pytest.raises(RuntimeError):
        transport.handle_request(httpx.Request(method.encode(), "http://127.0.0.1/"))
    assert seen == []


# Numbers --------------------------------------------------------------------------------------


def test_numbers_of_a_flow(run):
    item = {"id": "13f3", "number": "31611111111", "callFlowId": ID, "_links": {"self": "/n"}}
    _, client = run(lambda asked: listed([item, {"id": "13f4", "number": 31622222222}], 2))
    assert client.list_numbers(ID) == [
        Number("13f3", "31611111111", ID),
        Number("13f4", "31622222222", ID),
    ]


@pytest.mark.parametrize("status", [404, 405])
def test_a_service_without_numbers_is_told_from_one_that_fails(run, status):
    def answer(asked):
        if asked.path.endswith("/numbers"):
            return refused(status, "Not found.", code=20)
        return one(flow(1))

    _, client = run(answer)
    with pytest.raises(NoNumbersEndpoint) as failure:
        client.list_numbers(ID)
    assert failure.value.summary == ("The service cannot say which numbers lead to a call flow.")


def test_numbers_of_a_flow_that_is_not_there(run):
    _, client = run(lambda asked: refused(404, "No call flow found."))
    with pytest.raises(Rejected) as failure:
        client.list_numbers(ID)
    assert failure.value.status == 404


def test_numbers_that_cannot_be_read(run):
    _, client = run(lambda asked: Reply(500))
    with pytest.raises(Unreadable):
        client.list_numbers(ID)


@pytest.mark.parametrize("reply", [Reply(200, {}), Reply(201, {"data": []}), Reply(204, None)])
def test_assigning_numbers(run, reply):
    service, client = run(lambda asked: reply)
    client.assign_numbers(ID, ["31611111111", "31611111112"])
    asked = service.asked[0]
    assert (asked.method, asked.path) == ("POST", f"/call-flows/{ID}/numbers")
    assert asked.json == {"numbers": ["31611111111", "31611111112"]}


# Connections ----------------------------------------------------------------------------------


def test_no_more_connections_than_workers(clock):
    at_once, most, lock = [0], [0], threading.Lock()

    class Counting(httpx.BaseTransport):
        made = 0

        def __init__(self):
            Counting.made += 1

        def handle_request(self, request):
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            try:
                return httpx.Response(200, json={"data": [flow(1)]})
            finally:
                with lock:
                    at_once[0] -= 1

    client = client_of("http://127.0.0.1", clock, workers=3, transport=Counting)
    threads = [threading.Thread(target=client.get_call_flow, args=[ID]) for _ in range(40)]
    with client:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counting.made <= 3
    assert most[0] <= 3


def test_requests_one_after_another_share_a_connection(clock):
    with Service(lambda asked: one(flow(1))) as service:
        with client_of(service.url, clock) as client:
            for _ in range(5):
                client.get_call_flow(ID)
        assert len(service.connections) == 1


def test_a_path_in_the_endpoint_stays(run, clock):
    service, _ = run(lambda asked: listed([], 0))
    with client_of(f"{service.url}/v1/", clock) as client:
        client.list_call_flows()
    assert service.asked[0].path == "/v1/call-flows"


def test_closing_closes_what_belongs_to_it():
    closed = []
    client = Client("http://127.0.0.1", None, can_write=False, on_close=lambda: closed.append(1))
    client.close()
    client.close()
    assert closed == [1]


@pytest.mark.parametrize(
    "endpoint",
    [
        "voice.messagebird.com",
        "ftp://voice",
        "https://",
        "http://[::1",
        "",
        "http://a b",
        "//x",
        "http://a..b",
    ],
)
def test_an_endpoint_must_be_an_address(endpoint):
    with pytest.raises(Error, match="The endpoint is not an http or https address"):
        Client(endpoint, KEY, can_write=False)


@pytest.mark.parametrize("endpoint", ["https://me:hunter2@v.example", "https://v.example?x=1"])
def test_an_endpoint_holds_nothing_else(endpoint):
    with pytest.raises(Error) as failure:
        Client(endpoint, KEY, can_write=False)
    assert "hunter2" not in str(failure.value)


def test_a_client_that_was_closed_sends_nothing(run):
    service, client = run(lambda asked: one(flow(1)))
    client.close()
    with pytest.raises(NotSent, match=r"Interrupted before GET .* was sent"):
        client.get_call_flow(ID)
    assert service.asked == []


def test_a_connection_under_way_closes_when_it_comes_back(clock):
    entered, go_on, closed = threading.Event(), threading.Event(), []

    class Slow(httpx.BaseTransport):
        def handle_request(self, request):
            entered.set()
            go_on.wait(30)
            return httpx.Response(200, json={"data": [flow(1)]})

        def close(self):
            closed.append(threading.current_thread())

    client = client_of("http://127.0.0.1", clock, transport=Slow)
    worker = threading.Thread(target=client.get_call_flow, args=[ID])
    worker.start()
    assert entered.wait(30)
    client.close()
    assert closed == []
    go_on.set()
    worker.join()
    assert closed == [worker]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("api.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("voice.messagebird.com", False),
        ("localhost.example", False),
    ],
)
def test_what_this_machine_is(host, expected):
    assert is_loopback(host) is expected
