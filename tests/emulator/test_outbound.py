"""What calls send: events to webhooks, in order and signed; requests for flows."""

import json
import socket
import subprocess
import warnings

import httpx
import pytest

from mbflow.emulator.delivery import DeliveryOptions

from .telephone import (
    HANGUP,
    NOBODY,
    Time,
    behave,
    items,
    legs,
    one,
    pause,
    record,
    recordings,
    say,
    start,
    transfer,
)
from .web_server import WebServer, eventually

TOKEN = "a secret"


@pytest.fixture
def web(on_exit):
    server = WebServer()
    on_exit.callback(server.close)
    return server


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def api(in_process, time):
    """Failed events are sent again at once."""
    return in_process(clock=time, delivery=DeliveryOptions(retries=(0.0, 0.0), seconds=2))


def advance(api, seconds):
    assert api.post("/_emulator/clock", json={"advance": seconds}).status_code == 200


def events(got):
    return [(item["event"], item["payload"]["status"]) for one in got for item in one.json["items"]]


def deliveries(api):
    return api.get("/_emulator/deliveries").json()["data"]


def test_a_calls_own_webhook_gets_its_events_in_order(api, web):
    hook = {"url": f"{web.url}/own?x=1", "token": TOKEN}
    call = start(api, pause(5), webhook=hook)
    (got,) = web.wait_for(1)
    assert (got.method, got.path, got.query) == ("POST", "/own", {"x": "1"})
    assert got.headers["Content-Type"] == "application/json"
    assert got.json == {
        "timestamp": "2001-09-09T01:46:40.000Z",
        "items": [
            {
                "type": "call",
                "event": "callCreated",
                "payload": {**one(api, call), "webhook": {"url": hook["url"]}},
            }
        ],
    }
    advance(api, 3)
    assert events(web.wait_for(3))[1:] == [("callUpdated", "starting"), ("callUpdated", "ongoing")]
    advance(api, 60)
    assert events(web.wait_for(4))[3:] == [("callUpdated", "ended")]
    assert web.got[3].json["items"][0]["payload"]["endedAt"] == one(api, call)["endedAt"]


def test_the_accounts_webhooks_get_the_events_of_all_calls(api, web):
    api.post("/webhooks", json={"url": f"{web.url}/first"})
    api.post("/webhooks", json={"url": f"{web.url}/second"})
    behave(api, "31612345678", outcome="no_answer")
    start(api, HANGUP)
    api.post("/call-flows", json={"steps": [HANGUP], "default": True})
    api.post("/_emulator/calls", json={"from": "31612345678", "to": "31201111111"})
    advance(api, 100)
    unanswered = ["queued", "starting", "no_answer"]
    incoming = ["starting", "ongoing", "ended"]
    for path in ("/first", "/second"):
        found = {}
        for got in web.wait_for(6, path):
            (item,) = got.json["items"]
            assert "webhook" not in item["payload"]
            found.setdefault(item["payload"]["id"], []).append(item["payload"]["status"])
        assert sorted(found.values()) == [unanswered, incoming]


def test_a_webhook_that_is_deleted_gets_no_more_events(api, web):
    hook = api.post("/webhooks", json={"url": f"{web.url}/hook"}).json()["data"][0]["id"]
    start(api, pause(5))
    web.wait_for(1)
    api.delete(f"/webhooks/{hook}")
    start(api, webhook={"url": f"{web.url}/own"})
    advance(api, 60)
    web.wait_for(4, "/own")
    assert len(web.of("/hook")) == 1


def test_hanging_up_is_an_event_at_once(api, web):
    call = start(api, pause(500), webhook={"url": f"{web.url}/own"})
    advance(api, 10)
    web.wait_for(3)
    api.delete(call)
    assert events(web.wait_for(4))[-1] == ("callUpdated", "ended")


@pytest.mark.parametrize("token", [TOKEN, "x", "-----BEGIN PUBLIC KEY-----", "é" * 40])
def test_events_are_signed_as_the_python_sdk_checks_it(api, web, token):
    from messagebird.error import ValidationError
    from messagebird.request_validator import RequestValidator

    start(api, webhook={"url": f"{web.url}/own?b=2&a=%20", "token": token})
    (got,) = web.wait_for(1)
    signed = got.headers["MessageBird-Signature-JWT"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "PUBLIC KEY" not in token:
            claims = RequestValidator(token).validate_signature(signed, got.url, got.body)
            assert {"iss", "iat", "nbf", "exp", "jti", "url_hash", "payload_hash"} == set(claims)
        for url, body in ((got.url + "&c", got.body), (got.url, got.body + b" ")):
            with pytest.raises(ValidationError):
                RequestValidator(token).validate_signature(signed, url, body)


def test_events_are_signed_the_old_way_by_option(in_process, web):
    from messagebird.signed_request import SignedRequest

    api = in_process(delivery=DeliveryOptions(legacy_signatures=True))
    start(api, webhook={"url": f"{web.url}/own?b=2&a=1", "token": TOKEN})
    (got,) = web.wait_for(1)
    assert "MessageBird-Signature-JWT" not in got.headers
    with pytest.warns(DeprecationWarning):
        request = SignedRequest(
            got.headers["MessageBird-Signature"],
            got.headers["MessageBird-Request-Timestamp"],
            got.body.decode(),
            got.query,
        )
        assert request.verify(TOKEN)
        assert not request.verify("another")


@pytest.mark.parametrize(
    ("address", "received"),
    [
        ("http://127.0.0.1:{port}", "/"),
        ("HTTP://LOCALHOST:{port}/Calls", "/Calls"),
        ("http://127.0.0.1:{port}?x=1", "/?x=1"),
        ("http://127.0.0.1:{port}/#top", "/"),
        ("http://127.0.0.1:{port}#top", "/"),
        ("http://127.0.0.1:{port}/a/../b/./c", "/b/c"),
        ("http://127.0.0.1:{port}/a//b/..", None),
        ("http://me:secret@127.0.0.1:{port}/own", "/own"),
        ("http://127.0.0.1:{port}/é?q=ü&r=%c3%a9", "/%C3%A9?q=%C3%BC&r=%c3%a9"),
        ("http://127.0.0.1:{port}/%7euser/%zz", None),
        ("http://127.0.0.1:{port}/a|b?c={{d}}", "/a|b?c={d}"),
    ],
)
def test_the_address_signed_is_the_one_that_is_received(api, web, address, received):
    from messagebird.request_validator import RequestValidator

    address = address.format(port=web.http.server_port)
    start(api, webhook={"url": address, "token": TOKEN})
    (got,) = web.wait_for(1)
    host = "localhost" if "LOCALHOST" in address else "127.0.0.1"
    assert got.headers["Host"] == f"{host}:{web.http.server_port}"
    assert received in (got.target, None)
    seen = f"http://{got.headers['Host']}{got.target}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        RequestValidator(TOKEN).validate_signature(
            got.headers["MessageBird-Signature-JWT"], seen, got.body
        )


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("http://example.com:80", "http://example.com/"),
        ("https://Example.COM:443/a", "https://example.com/a"),
        ("http://example.com:443/a", "http://example.com:443/a"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://EXAMPLE.com:/x", "http://example.com/x"),
        ("http://münchen.example/", "http://xn--mnchen-3ya.example/"),
    ],
)
def test_default_ports_and_names_are_signed_as_they_are_sent(address, seen):
    from mbflow.emulator.web_client import url_as_sent

    assert url_as_sent(httpx.URL(address)) == seen


@pytest.fixture
def certificate(tmp_path):
    """A file with a key and a certificate for localhost that nobody else trusts."""
    key, both = tmp_path / "key.pem", tmp_path / "both.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    made = ["openssl", "req", "-x509", *kind, "-keyout", key, "-out", both, *subject]
    subprocess.run(made, check=True, capture_output=True)
    both.write_text(key.read_text() + both.read_text())
    return both


def test_certificates_are_those_that_ssl_cert_file_names(
    in_process, certificate, on_exit, monkeypatch, tmp_path
):
    web = WebServer(certificate)
    on_exit.callback(web.close)
    web.flow("/flow", HANGUP)
    fetch = {"action": "fetchCallFlow", "options": {"url": f"{web.url}/flow"}}
    nothing = tmp_path / "nothing.pem"
    for name, file, problem in (
        ("untrusted", None, "TLS failed: certificate verify failed: self-signed certificate"),
        ("missing", nothing, "the certificates that SSL_CERT_FILE names cannot be read"),
        ("folder", tmp_path, "the certificates that SSL_CERT_FILE names cannot be read"),
        ("trusted", certificate, ""),
    ):
        if file is not None:
            monkeypatch.setenv("SSL_CERT_FILE", str(file))
        api = in_process(f"{name}.db", delivery=DeliveryOptions(retries=()))
        start(api, webhook={"url": f"{web.url}/own"})
        (entry, *_) = eventually(lambda api=api: deliveries(api))
        assert entry["problem"].replace("self signed", "self-signed").startswith(problem)
        assert bool(entry["problem"]) is bool(problem)
    start(api, fetch)
    advance(api, 5)
    web.wait_for(1, "/flow")


def test_what_went_wrong_is_told_in_words(api):
    def answering(answer):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            start(api, webhook={"url": url})
            end, _ = server.accept()
            with end:
                end.sendall(answer)
                end.shutdown(socket.SHUT_WR)
                while end.recv(65_536):  # Closed with some of it unread, it would be a reset.
                    pass
        mine = lambda: [entry for entry in deliveries(api) if entry["url"] == url]  # noqa: E731
        return eventually(mine)[0]["problem"]

    assert answering(b"") == "the answer is not HTTP, or broke off"
    assert answering(b"SSH-2.0-x\r\n") == "the answer is not HTTP, or broke off"
    gzip = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + b"x" * 20
    assert answering(gzip) == "the answer is compressed in a broken way"


def test_an_event_without_a_token_is_not_signed(api, web):
    start(api, webhook={"url": f"{web.url}/own"})
    (got,) = web.wait_for(1)
    assert not [name for name in got.headers if name.lower().startswith("messagebird")]


def test_a_failed_event_is_sent_again_before_the_next_one(api, web):
    web.answers["/own"] = [(500, "text/plain", b"")] * 2 + [(204, "text/plain", b"")]
    call = start(api, webhook={"url": f"{web.url}/own"})
    advance(api, 60)
    assert [status for _, status in events(web.wait_for(6))] == [
        "queued",
        "queued",
        "queued",
        "starting",
        "ongoing",
        "ended",
    ]
    tries = eventually(lambda: len(deliveries(api)) == 6 and deliveries(api))
    assert tries[0] == {
        "call": call.removeprefix("/calls/"),
        "what": "callCreated",
        "method": "POST",
        "url": f"{web.url}/own",
        "tries": 1,
        "status": 500,
        "problem": "status 500",
    }
    assert [entry["tries"] for entry in tries] == [1, 2, 3, 1, 1, 1]
    assert tries[2]["problem"] == ""
    other = {"Authorization": "AccessKey another"}
    assert api.get("/_emulator/deliveries", headers=other).json() == {"data": []}


def test_an_event_that_nobody_takes_is_given_up(api, web):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        call = start(api, webhook={"url": f"http://127.0.0.1:{unused.getsockname()[1]}/"})
        advance(api, 60)
        tries = eventually(lambda: len(deliveries(api)) == 12 and deliveries(api))
    assert {entry["status"] for entry in tries} == {None}
    assert tries[0]["problem"] == "the connection was refused"
    assert one(api, call)["status"] == "ended"


def test_other_machines_are_not_reached_unless_told(api):
    for url in ("http://example.com/", "http://192.0.2.1/", "http://[2001:db8::1]/x"):
        start(api, webhook={"url": url})
    tries = eventually(lambda: len(deliveries(api)) >= 9 and deliveries(api))
    assert {entry["problem"] for entry in tries} == {"not a loopback address"}


def test_events_that_were_not_sent_are_sent_after_a_restart(in_process, web, tmp_path, time):
    from mbflow.api.emulator_transport import EmulatorTransport
    from mbflow.emulator.app import Emulator

    from .conftest import client

    database = tmp_path / "kept.db"
    emulator = Emulator(database, clock=time)
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        start(api, pause(5), webhook={"url": f"{web.url}/own"})
        web.wait_for(1)
    emulator.close()
    time.at(60)
    emulator = Emulator(database, clock=time)
    emulator.resume()
    assert [status for _, status in events(web.wait_for(4))] == [
        "queued",
        "starting",
        "ongoing",
        "ended",
    ]
    emulator.close()


def test_asking_for_calls_sets_going_what_they_send(in_process, web, time, tmp_path):
    """The emulator in the process of a command lives only as long as the command."""
    from mbflow.api.emulator_transport import EmulatorTransport
    from mbflow.emulator.app import Emulator

    from .conftest import client

    web.flow("/flow", HANGUP)
    first = Emulator(tmp_path / "short.db", clock=time)
    with client("http://emulator", EmulatorTransport(first)) as command:
        fetch = {"action": "fetchCallFlow", "options": {"url": f"{web.url}/flow"}}
        call = start(command, fetch)
    first.close()
    time.at(10)
    api = in_process("short.db", clock=time)
    api.get("/call-flows")
    assert not web.got
    assert one(api, call)["status"] == "ongoing"
    web.wait_for(1)
    eventually(lambda: one(api, call)["status"] == "ended")


def test_a_flow_is_fetched_with_the_documented_query(api, web):
    web.flow("/flow", pause(20))
    steps = [
        {**pause(5), "onKeypressGoto": "ask", "onKeypressVar": "choice"},
        {"id": "ask", "action": "fetchCallFlow", "options": {"url": f"{web.url}/flow?mine=1&b="}},
    ]
    flow = api.post("/call-flows", json={"steps": steps}).json()["data"][0]["id"]
    numbers = {"numbers": ["31201111111"]}
    (number,) = api.post(f"/call-flows/{flow}/numbers", json=numbers).json()["data"]
    ring = {"from": "31612345678", "to": "31201111111", "does": [{"press": "7"}]}
    call = api.post("/_emulator/calls", json=ring).json()["_links"]["self"]
    advance(api, 5)
    (got,) = web.wait_for(1)
    assert (got.method, got.body) == ("GET", b"")
    assert got.query == {
        "mine": "1",
        "b": "",
        "callID": call.removeprefix("/calls/"),
        "source": "31612345678",
        "destination": "31201111111",
        "numberID": number["id"],
        "variables": '{"choice": "7"}',
    }
    eventually(lambda: deliveries(api))
    advance(api, 10)
    assert one(api, call)["status"] == "ongoing"
    advance(api, 10)
    assert one(api, call)["status"] == "ended"


def test_a_call_waits_for_its_flow_and_goes_on_from_there(api, web, time):
    web.flow("/flow", transfer("31699999999"))
    behave(api, "31699999999", outcome="busy")
    steps = [{"action": "fetchCallFlow", "options": {"url": f"{web.url}/flow"}}]
    web.may_answer.clear()
    call = start(api, *steps)
    time.at(10)
    assert one(api, call)["status"] == "ongoing"
    assert len(legs(api, call)) == 1
    web.may_answer.set()
    advance(api, 0)
    web.wait_for(1)
    eventually(lambda: deliveries(api))
    time.at(20)
    assert [leg["status"] for leg in legs(api, call)] == ["hangup", "busy"]
    assert one(api, call)["endedAt"] == "2001-09-09T01:46:51Z"
    assert legs(api, call)[1]["createdAt"] == "2001-09-09T01:46:50Z"


XML = """<?xml version="1.0" encoding="UTF-8"?>
<Say language="en-GB" voice="female" repeat="2"> Hello &amp; goodbye </Say>
<Transfer destination="31699999999" mask="true"/>
"""


@pytest.mark.parametrize(
    "body",
    [XML, XML.partition("?>")[2], f"<CallFlow>{XML.partition('?>')[2]}</CallFlow>"],
    ids=["prolog", "bare", "wrapped"],
)
def test_a_flow_comes_as_xml(api, web, body):
    web.answers["/flow"] = (200, "application/xml", body.encode())
    steps = [{"action": "fetchCallFlow", "options": {"url": f"{web.url}/flow"}}]
    call = start(api, *steps, flow={"record": True})
    advance(api, 5)
    web.wait_for(1)
    eventually(lambda: deliveries(api))
    assert deliveries(api)[0]["problem"] == ""
    advance(api, 300)
    assert [leg["destination"] for leg in legs(api, call)] == ["31612345678", "31699999999"]
    path = f"/recordings/{recordings(api, call)[0]['id']}/transcriptions"
    text = api.post(path).json()["data"][0]["_links"]["file"]
    advance(api, 5)
    assert api.get(text).text == "Hello & goodbye Hello & goodbye"


@pytest.mark.parametrize(
    ("status", "kind", "body", "problem"),
    [
        (404, "text/plain", b"", "status 404"),
        (302, "text/plain", b"http://127.0.0.1:1/", "status 302"),
        (200, "application/json", b"", "The answer is empty; a JSON object is needed."),
        (200, "application/json", b"{", "The answer is not JSON"),
        (200, "application/json", b"[]", "The answer must be a JSON object."),
        (200, "application/json", b'{"steps":[]}', "steps must be a list"),
        (200, "application/json", b'{"steps":[{"action":"dance"}]}', "steps[0].action must be"),
        (200, "application/json", b" " * 65536, "more than 65536 bytes"),
        (200, "application/xml", b"<Say>", "The answer is not XML: mismatched tag."),
        (200, "application/xml", b"<a/>", "steps must be a list"),
        (
            200,
            "application/xml",
            b"<Dance/><Hangup/>",
            "There is no element Dance; the elements are Tr",
        ),
        (200, "application/xml", b'<Dance xmlns="urn:x"/><Hangup/>', "There is no element Dance;"),
        (
            200,
            "application/xml",
            b'<!DOCTYPE x [<!ENTITY a "b">]><Say>&a;</Say>',
            "The answer is not XML: not well-formed",
        ),
    ],
)
def test_an_answer_that_is_no_flow_ends_the_call(api, web, status, kind, body, problem):
    web.answers["/flow"] = (status, kind, body)
    steps = [{"action": "fetchCallFlow", "options": {"url": f"{web.url}/flow"}}, HANGUP]
    call = start(api, *steps)
    advance(api, 5)
    (entry,) = eventually(lambda: deliveries(api))
    assert entry["problem"].startswith(problem)
    advance(api, 5)
    assert one(api, call)["status"] == "ended"


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/"])
def test_an_address_that_is_none_ends_the_call(api, url):
    call = start(api, {"action": "fetchCallFlow", "options": {"url": url}}, HANGUP)
    advance(api, 5)
    (entry,) = eventually(lambda: deliveries(api))
    told = ("not a loopback address", "this is no URL", "the connection was refused")
    assert entry["problem"].startswith(told)
    advance(api, 5)
    assert one(api, call)["status"] == "ended"


def test_a_web_server_that_does_not_answer_is_given_up(in_process):
    api = in_process(delivery=DeliveryOptions(seconds=0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        start(api, {"action": "fetchCallFlow", "options": {"url": url}})
        advance(api, 5)
        (entry,) = eventually(lambda: deliveries(api))
    assert entry["problem"] == "no answer within 0.2 seconds"


def test_the_answer_to_a_posted_recording_is_the_next_flow(api, web):
    behave(api, "31612345678", does=[{"say": "four"}])
    web.flow("/next", record(timeout=2, onFinish=f"{web.url}/done"))
    web.flow("/done", say("Thanks"), HANGUP)
    call = start(api, record(timeout=2, onFinish=f"{web.url}/next?n=2"))
    advance(api, 10)
    (got,) = web.wait_for(1)
    recording = recordings(api, call)[0]
    del recording["_links"]
    assert (got.method, got.json) == ("POST", recording)
    assert "Content-Type" not in got.headers
    assert got.query["n"] == "2"
    assert got.query["callID"] == call.removeprefix("/calls/")
    eventually(lambda: deliveries(api))
    advance(api, 10)
    second = web.wait_for(1, "/done")[0].json
    assert second["id"] == recordings(api, call)[1]["id"]
    eventually(lambda: len(deliveries(api)) == 2)
    advance(api, 10)
    assert one(api, call)["status"] == "ended"
    assert [entry["what"] for entry in deliveries(api)] == ["onFinish", "onFinish"]


def test_a_recording_that_the_caller_ends_is_posted_as_well(api, web):
    behave(api, "31612345678", does=[{"say": "bye"}, {"hang_up": True}])
    call = start(api, record(onFinish=f"{web.url}/done"))
    advance(api, 10)
    (got,) = web.wait_for(1)
    assert got.json["status"] == "done"
    assert one(api, call)["status"] == "ended"


def test_events_do_not_wait_for_a_web_server_that_is_slow(in_process, web):
    api = in_process(delivery=DeliveryOptions(seconds=3))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        for _ in range(3):
            start(api, webhook={"url": url})
        call = start(api, webhook={"url": f"{web.url}/own"})
        advance(api, 60)
        web.wait_for(4, "/own")
        assert one(api, call)["status"] == "ended"


def test_emulate_sends_in_real_time(emulate, web):
    from .conftest import client

    _, url = emulate("--time-factor", "20")
    with client(url) as api:
        call = start(api, pause(10), webhook={"url": f"{web.url}/own", "token": TOKEN})
        got = web.wait_for(4)
        assert [status for _, status in events(got)] == ["queued", "starting", "ongoing", "ended"]
        assert one(api, call)["status"] == "ended"


BEGIN = "must begin with http:// or https:// and a host"
PORT = "has a port that is no number from 1 to 65535"
IMPOSSIBLE = {
    "http://": BEGIN,
    "HTTP:///p": BEGIN,
    "http://[::1": "has a [ or ] that belongs to no IPv6 address",
    "http://a:99999/": PORT,
    "http://a:0/": PORT,
}
UNSEEN = "has a blank, a line break or an invisible character in it"


class TestWebhooks:
    """The resource."""

    def test_its_life(self, opened):
        api = opened(clock=Time())
        answer = api.post(
            "/webhooks/", json={"title": None, "url": "https://a.example/", "token": "t"}
        )
        assert answer.status_code == 201
        (hook,) = answer.json()["data"]
        link = f"/webhooks/{hook['id']}"
        assert answer.json()["_links"] == {"self": link}
        moment = "2001-09-09T01:46:40Z"
        assert hook == {
            "id": hook["id"],
            "url": "https://a.example/",
            "token": "t",
            "createdAt": moment,
            "updatedAt": moment,
        }
        changed = api.put(link, json={"title": None, "token": "u"}).json()["data"][0]
        assert changed == {**hook, "token": "u"}
        assert one(api, link) == changed
        assert items(api, "/webhooks") == [{**changed, "_links": {"self": link}}]
        answer = api.delete(link)
        assert (answer.status_code, answer.content) == (204, b"")
        assert api.get(link).json()["errors"] == [
            {"message": f"No webhook found for ID `{hook['id']}`.", "code": 13}
        ]

    def test_there_are_at_most_five(self, opened):
        api = opened()
        for number in range(5):
            assert api.post("/webhooks", json={"url": f"http://a/{number}"}).status_code == 201
        answer = api.post("/webhooks", json={"url": "http://a/5"})
        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {"message": "An account has at most 5 webhooks.", "code": 11}
        ]
        api.delete(f"/webhooks/{items(api, '/webhooks')[0]['id']}")
        assert api.post("/webhooks", json={"url": "http://a/6"}).status_code == 201

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({}, "url is missing."),
            ({"url": 5}, "url must be a text."),
            ({"url": "javascript:alert(1)"}, f"url {BEGIN}."),
            ({"url": "https:a"}, f"url {BEGIN}."),
            *(({"url": url}, f"url {why}.") for url, why in IMPOSSIBLE.items()),
            ({"url": "http://a/\n"}, f"url {UNSEEN}."),
            ({"url": " http://a/"}, f"url {UNSEEN}."),
            ({"url": "http://a/\u202e"}, f"url {UNSEEN}."),
            ({"url": f"http://a/{'x' * 2000}"}, "url has more than 2,000 characters."),
            ({"url": "http://a/", "token": 5}, "token must be a text."),
        ],
    )
    def test_invalid_content_is_refused(self, opened, body, message):
        api = opened()
        made = api.post("/webhooks", json={"url": "http://a/"}).json()["_links"]["self"]
        tries = [("POST", "/webhooks"), *([("PUT", made)] if body else [])]
        for method, path in tries:
            answer = api.request(method, path, json=body)
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["message"].startswith(message)
        for method in ("GET", "PUT", "DELETE"):
            answer = api.request(method, f"/webhooks/{NOBODY}", json={"url": "http://a/"})
            assert answer.status_code == 404


def test_a_flow_from_the_web_is_given_ids(api):
    from mbflow.emulator.web_flow import flow_of

    flow = flow_of(json.dumps({"steps": [{"action": "hangup"}]}).encode(), "application/json")
    assert len(flow["steps"][0]["id"]) == 36


def test_other_addresses_are_reached_when_told(emulate, web):
    from .conftest import client

    port = web.url.rpartition(":")[2]
    hook = {"url": f"http://0.0.0.0:{port}/own?a=1", "token": TOKEN}
    for option, reached in (("loopback", False), ("anywhere", True)):
        options = ("--outbound", option, "--signature", "legacy")
        _, url = emulate(*options)
        with client(url) as api:
            start(api, webhook=hook)
            (entry,) = eventually(lambda api=api: deliveries(api))[:1]
        assert bool(web.of("/own")) is reached
        assert entry["problem"] == ("" if reached else "not a loopback address")
    assert "MessageBird-Signature" in web.got[0].headers


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1/", True),
        ("http://127.8.8.8:80/", True),
        ("http://[::1]:8080/x", True),
        ("http://LOCALHOST/", True),
        ("https://localhost:1/", True),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@192.0.2.1/", False),
        ("http://2130706433/", False),
        ("http://0.0.0.0/", False),
        ("http:///", False),
        ("", False),
    ],
)
def test_what_counts_as_this_machine(url, loopback):
    from mbflow.emulator.web_client import is_loopback

    assert is_loopback(url) is loopback
