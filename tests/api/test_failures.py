"""What people read when something goes wrong, and what they must never read: the access key."""

import gzip
import logging
import socket
import threading
import traceback

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.api.access_key import AccessKey, mask_of
from mbflow.api.client import Client
from mbflow.api.errors import ApiError, OutcomeUnknown, Rejected, Unreadable
from mbflow.api.http import (
    LARGEST_BODY,
    LARGEST_ERROR_BODY,
    LONGEST_BODY,
    Trouble,
    read_response,
    trouble_of,
)
from mbflow.model.errors import Error
from mbflow.model.text import printable

from .conftest import KEY, client_of
from .service import Reply, flow, listed, refused

ID = flow(1)["id"]


def text_of(error: Error) -> str:
    return "\n".join([error.summary, *error.details])


def failure_of(run, reply, call=lambda client: client.list_call_flows(), **options):
    service, client = run(lambda asked: reply, **options)
    with pytest.raises(ApiError) as caught:
        call(client)
    return caught.value, text_of(caught.value).replace(service.url, "ENDPOINT")


def create(client):
    client.create_call_flow({"steps": []})


@pytest.mark.parametrize(
    ("reply", "call", "expected"),
    [
        (
            refused(401, "Request not allowed (incorrect access_key)", code=2),
            None,
            "ENDPOINT does not accept the access key (401)."
            " Look at the variable MESSAGEBIRD_ACCESS_KEY.\n"
            "The service says: Request not allowed (incorrect access_key) (code 2)",
        ),
        (
            refused(403, "", code=None),
            create,
            "The access key may not do this (403): POST /call-flows.",
        ),
        (
            refused(404, "unknown path", code=20),
            None,
            "ENDPOINT has no /call-flows (404).\n"
            "The service says: unknown path (code 20)\n"
            "Is this the right endpoint? It is set in mbflow.yaml.",
        ),
        (
            Reply(404, b"404 page not found\n"),
            None,
            "ENDPOINT has no /call-flows (404).\n"
            "The service says: 404 page not found\n"
            "Is this the right endpoint? It is set in mbflow.yaml.",
        ),
        (
            Reply(403, b"<!DOCTYPE html><p>Blocked by the firewall"),
            None,
            "The access key may not do this (403): GET /call-flows (page 1).\n"
            "The answer is an HTML page.\n"
            "Is this the right endpoint? It is set in mbflow.yaml.",
        ),
        (
            Reply(404, b"<html><h1>Not Found</h1></html>"),
            None,
            "ENDPOINT has no /call-flows (404).\n"
            "The answer is an HTML page.\n"
            "Is this the right endpoint? It is set in mbflow.yaml.",
        ),
        (
            Reply(422, {"errors": [{"description": "repeat is wrong", "code": 11}, "and more"]}),
            create,
            "ENDPOINT refused POST /call-flows (422).\n"
            "The service says: repeat is wrong (code 11) and more",
        ),
        (
            Reply(405, {"message": "Method Not Allowed"}),
            create,
            "ENDPOINT refused POST /call-flows (405).\nThe service says: Method Not Allowed",
        ),
        (
            Reply(500, {"errors": [{"message": "internal error.", "code": 99}]}),
            None,
            "ENDPOINT could not be read: it answered 500, saying: internal error. (code 99).",
        ),
        (
            Reply(502, b"<html>Bad gateway</html>"),
            create,
            "Whether POST /call-flows was done is not known: "
            "it answered 502 with an HTML page instead of JSON.\n"
            "Endpoint: ENDPOINT",
        ),
        (
            Reply(200, b"<html>Sign in to the airport's wireless</html>"),
            None,
            "ENDPOINT could not be read: it answered 200 with an HTML page instead of JSON.\n"
            "Is this the right endpoint? It is set in mbflow.yaml.",
        ),
        (
            Reply(301, None, {"Location": "https://voice.example/"}),
            None,
            "ENDPOINT could not be read: it answered 301, a redirect to https://voice.example/.\n"
            "mbflow does not follow redirects: name the final address as the endpoint.",
        ),
        (
            Reply(200, {"data": None, "errors": [{"message": "quota", "code": 1}]}),
            create,
            "Whether POST /call-flows was done is not known: it answered 200, "
            "saying: quota (code 1).\nEndpoint: ENDPOINT",
        ),
        (
            listed([], 0),
            create,
            "Whether POST /call-flows was done is not known: "
            "its answer holds 0 objects instead of one.\nEndpoint: ENDPOINT",
        ),
        (
            Reply(204, None),
            create,
            "Whether POST /call-flows was done is not known: its answer has no list `data`.\n"
            "Endpoint: ENDPOINT",
        ),
    ],
)
def test_the_words(run, reply, call, expected):
    _, text = failure_of(run, reply, call or (lambda client: client.list_call_flows()))
    assert text == expected


def test_a_refusal_carries_what_programs_need(run):
    failure, _ = failure_of(run, refused(409, "default flow exists", code=15), create)
    assert isinstance(failure, Rejected)
    assert (failure.status, failure.code) == (409, 15)
    assert failure.message == "default flow exists (code 15)"
    assert failure.exit_code == 1


def test_a_redirect_is_not_followed(run):
    service, client = run(lambda asked: Reply(302, None, {"Location": "/elsewhere"}))
    with pytest.raises(OutcomeUnknown):
        client.delete_call_flow(ID)
    with pytest.raises(Unreadable):
        client.get_call_flow(ID)
    assert {asked.path for asked in service.asked} == {f"/call-flows/{ID}"}


@pytest.mark.parametrize("status", [400, 500])
def test_an_endless_error_body_is_cut(run, status):
    _failure, text = failure_of(run, Reply(status, b"no! " * 2_500_000), create)
    assert len(text) < 600
    assert "no! no!" in text


def test_a_body_that_unpacks_to_too_much_is_not_read(run):
    packed = gzip.compress(b" " * (LARGEST_BODY + 1))
    service, client = run(lambda asked: Reply(200, packed, {"Content-Encoding": "gzip"}))
    with pytest.raises(Unreadable, match="its answer is larger than 64 MB"):
        client.get_call_flow(ID)
    assert len(service.asked) == 1


def test_a_body_that_is_compressed_twice_is_not_read(run):
    packed = gzip.compress(gzip.compress(b" " * 1000))
    service, client = run(lambda asked: Reply(200, packed, {"Content-Encoding": "gzip, gzip"}))
    with pytest.raises(Unreadable, match="its answer is compressed more than once"):
        client.get_call_flow(ID)
    assert len(service.asked) == 1


def test_a_body_that_drips_is_not_waited_for():
    times = iter([0.0, 1.0, LONGEST_BODY + 1])
    response = httpx.Response(200, content=iter([b"[", b"1", b"]"]))
    outcome = read_response(response, clock=lambda: next(times))
    assert outcome == Trouble(True, "its answer took longer than 300 seconds")


def test_an_error_body_is_read_no_further_than_its_bound():
    read = []

    def drip():
        while True:
            read.append(1)
            yield b"x" * 1024

    answer = read_response(httpx.Response(500, content=drip()))
    assert len(answer.body) == LARGEST_ERROR_BODY
    assert len(read) == LARGEST_ERROR_BODY // 1024 + 1


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            httpx.ConnectError(
                "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                "self-signed certificate (_ssl.c:1006)"
            ),
            "TLS failed: certificate verify failed: self-signed certificate",
        ),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "its name is not known (DNS)"),
        (httpx.ConnectError(""), "no connection could be made"),
        (httpx.ConnectTimeout("timed out"), "no connection could be made in time"),
        (httpx.PoolTimeout(""), "no connection was free in time"),
    ],
)
def test_what_was_certainly_not_sent(error, text):
    trouble = trouble_of(error)
    assert (trouble.was_sent, f"{trouble.text} {trouble.said}".strip()) == (False, text)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout(""),
        httpx.WriteTimeout(""),
        httpx.ReadError(""),
        httpx.WriteError(""),
        httpx.CloseError(""),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.LocalProtocolError(""),
        httpx.DecodingError(""),
        httpx.TooManyRedirects(""),
    ],
)
def test_all_else_may_have_been_sent(error):
    assert trouble_of(error).was_sent


def test_a_server_that_does_not_speak_http(clock):
    def serve():
        for _ in range(5):
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 mail.example ESMTP\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with client_of(endpoint, clock) as client, pytest.raises(Unreadable) as failure:
            client.list_call_flows()
        server.join()
    assert failure.value.summary == f"{endpoint} could not be read: its answer is not HTTP."


HOSTILE = "\x1b[2Jline\nbreak\r::error file=x::\u202egnp.exe\x00\ud800"


def test_text_of_the_service_is_harmless(run):
    failure, _text = failure_of(run, refused(422, HOSTILE), create)
    said = failure.details[0]
    assert said.isprintable()
    assert "\\e[2Jline\\nbreak\\r::error" in said


@given(st.text(max_size=2000), st.integers(300, 599))
def test_any_text_of_the_service_is_short_and_printable(text, status):
    def handle(request):
        return httpx.Response(status, json={"errors": [{"message": text}]})

    client = Client(
        "http://127.0.0.1",
        KEY,
        can_write=True,
        transport=lambda: httpx.MockTransport(handle),
        sleep=lambda seconds: None,
    )
    with client, pytest.raises(ApiError) as failure:
        client.create_call_flow({})
    lines = [failure.value.summary, *failure.value.details]
    assert all(printable(line) == line and len(line) <= 450 for line in lines)


# The access key ------------------------------------------------------------------------------

TROUBLES = {
    "echoed in an error": refused(401, f"The key AccessKey {KEY} is wrong"),
    "echoed at the cut": refused(422, "x" * 290 + KEY),
    "echoed in text": Reply(400, f"Authorization: AccessKey {KEY}".encode()),
    "echoed in a redirect": Reply(302, None, {"Location": f"/?key={KEY}"}),
    "echoed in a header": Reply(500, b"x", {"X-Echo": KEY}),
    "echoed as an id": Reply(body={"data": [flow(1, id=KEY)]}),
    "echoed in a page": Reply(200, f"<html>{KEY}".encode()),
    "reset": Reply(act="reset"),
    "hang": Reply(act="hang"),
    "cut": Reply(act="cut", body={"data": []}),
}


@pytest.mark.parametrize("reply", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize(
    "call",
    [
        create,
        lambda client: client.list_call_flows(),
        lambda client: client.get_call_flow("some-id"),
        lambda client: client.update_call_flow("some-id", {}),
        lambda client: client.delete_call_flow("some-id"),
        lambda client: client.list_numbers("some-id"),
    ],
    ids=["create", "list", "get", "update", "delete", "numbers"],
)
def test_the_access_key_never_shows(run, caplog, reply, call):
    caplog.set_level(logging.DEBUG)
    service, client = run(lambda asked: reply, read_timeout=0.05)
    try:
        call(client)
    except Error as error:
        shown = [text_of(error), repr(error), *traceback.format_exception(error)]
        assert not any(KEY[:12] in text for text in shown)
        assert error.__cause__ is None and error.__context__ is None
    assert KEY not in repr(client)
    ours = [record for record in caplog.records if "receive_response" not in record.message]
    assert not any(KEY in record.message for record in ours)
    assert service.asked[0].headers["Authorization"] == f"AccessKey {KEY}"


def test_not_even_the_local_values_of_a_traceback_show_the_key(run):
    failure, _ = failure_of(run, Reply(act="reset"), create)
    caught = traceback.TracebackException.from_exception(failure, capture_locals=True)
    text = "".join(caught.format())
    assert "retry.py" in text and "outcome = Trouble" in text
    assert KEY not in text


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("", "it is empty"),
        (" ", "it is empty"),
        ("live_abc\n", "white space or a line break stands around it"),
        (" live_abc", "white space or a line break stands around it"),
        ("live abc", "it holds white space or control characters"),
        ("live\r\nX-Other: 1", "it holds white space or control characters"),
        ("live_ábc", "it holds characters that are not ASCII"),
        ("$MY_KEY", "it is the name of a variable that is not set"),
    ],
)
def test_a_key_that_cannot_be_one(key, fault):
    with pytest.raises(Error) as failure:
        Client("http://127.0.0.1", key, can_write=False, key_source="MY_KEY")
    assert failure.value.summary == f"The access key in MY_KEY cannot be used: {fault}."
    assert not key.strip() or key.strip() not in text_of(failure.value)


def test_a_key_is_held_tight():
    key = AccessKey(KEY)
    assert repr(key) == str(key) == "[access key]"
    assert mask_of(key, ())(f"a {KEY} b {KEY}") == "a [access key] b [access key]"
    with pytest.raises(TypeError):
        key.__reduce__()


# Short keys and secrets -----------------------------------------------------------------------


@pytest.mark.parametrize("key", ["e", "test", "a", "."])
@pytest.mark.parametrize("secrets", [[], ["a"], ["POST", "service"]])
@pytest.mark.parametrize(
    "call",
    [pytest.param(lambda client: client.list_call_flows(), marks=pytest.mark.long), create],
)
@pytest.mark.parametrize(
    "reply",
    [
        refused(422, "xyz"),
        refused(401, "xyz"),
        refused(429, "xyz"),
        Reply(503, b"xyz"),
        Reply(302, b"", headers={"Location": "xyz"}),
        Reply(200, b"<html>"),
        Reply(200, b"[]"),
        Reply(act="reset"),
    ],
)
def test_a_short_key_garbles_nothing_of_our_own(run, key, secrets, call, reply):
    def words(key, secrets):
        service, client = run(lambda asked: reply, access_key=key, secrets=secrets)
        with pytest.raises(ApiError) as caught:
            call(client)
        return text_of(caught.value).replace(service.url, "ENDPOINT")

    assert words(key, secrets) == words("long_enough", [])


@pytest.mark.parametrize(
    ("key", "secrets", "said", "shown"),
    [
        ("test", (), "the latest test", "the la[access key] [access key]"),
        ("e", (), "the key `e` ends", "the key `[access key]` ends"),
        ("keykey", ("a",), "a cat, a", "[secret] cat, [secret]"),
        ("keykey", ("access", "keykey2"), "keykey keykey2", "[access key] [secret]"),
        ("keykey", ("",), "a cat", "a cat"),
    ],
)
def test_what_is_masked_in_foreign_words(key, secrets, said, shown):
    assert mask_of(AccessKey(key), secrets)(said) == shown


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": [{"message": "a", "code": 1}, {"description": "b"}]}, "a (code 1) b"),
        ({"errors": {"steps": ["is needed"]}}, "steps[0]: is needed"),
        ({"error": "no"}, "error: no"),
        ({"title": "Bad", "detail": "steps is empty"}, "title: Bad; detail: steps is empty"),
        ({"errors": [{"reason": "too long"}]}, "reason: too long"),
        (["no", "never"], "no never"),
        (b'"no"', "no"),
        (b"no\x1b[2J way", "no\\e[2J way"),
        (f"key {KEY}".encode(), "key [access key]"),
    ],
)
@pytest.mark.parametrize("status", [400, 409, 422])
def test_the_service_is_quoted_in_whatever_shape(run, status, body, said):
    _, client = run(lambda asked: Reply(status, body))
    with pytest.raises(Rejected) as caught:
        create(client)
    assert caught.value.message == said
    assert caught.value.reason.endswith(f"({status}). The service says: {said}")
