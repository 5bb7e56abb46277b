"""Whatever a client sends, the answer is the documented error shape, never a traceback."""

import json
import socket
import urllib.parse

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FLOW = {"steps": [{"action": "hangup"}]}
SAY = {"payload": "Hello", "language": "en-GB", "voice": "female"}


def refusal(answer, status):
    """The one message of an answer that must be a refusal in the documented shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert list(body) == ["data", "errors"]
    assert body["data"] is None
    for error in body["errors"]:
        assert list(error) == ["message", "code"]
        assert isinstance(error["message"], str)
        assert type(error["code"]) is int
    return body["errors"][0]["message"]


def say(**options):
    return {"steps": [{"action": "say", "options": {**SAY, **options}}]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The request body is empty; a JSON object is needed."),
        (b" \n", "The request body is empty; a JSON object is needed."),
        (b"{", "The request body is not JSON"),
        (b"steps=1", "The request body is not JSON"),
        (b'{"steps":[]} trailing', "The request body is not JSON"),
        (b'{"title":"\xff"}', "The request body is not UTF-8."),
        (json.dumps(FLOW).encode("utf-16"), "The request body is not UTF-8."),
        (b"\xef\xbb\xbf{}", "The request body is not JSON"),
        (b'{"title":"\\ud800"}', "half of a surrogate pair"),
        (b'{"\\udfff":1}', "half of a surrogate pair"),
        (b'{"maxDuration":NaN}', "NaN is not a JSON value"),
        (b'{"maxDuration":-Infinity}', "-Infinity is not a JSON value"),
        (b'{"maxDuration":1e999}', "a number is too large"),
        (b'{"maxDuration":9223372036854775808}', "a number is too large"),
        (b'{"maxDuration":' + b"9" * 5000 + b"}", "a number is too large"),
        (b'{"title":"a","title":"b"}', 'the key "title" is given twice in one object'),
        (b"[" * 60_000, "nested more than 60 levels deep"),
        (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, "nested more than 60 levels deep"),
        (b"[" * 61 + b"]" * 61, "nested more than 60 levels deep"),
        (b'{"title":"' + b"a" * 65_536 + b'"}', "must be smaller than 65536 bytes"),
    ],
    ids=range(20),
)
def test_a_malformed_body_is_422(api, content, message):
    flow = api.post("/call-flows", json=FLOW).json()["data"][0]
    for method, path in (
        ("POST", "/call-flows"),
        ("PUT", f"/call-flows/{flow['id']}"),
        ("PUT", f"/call-flows/{flow['id']}/numbers"),
    ):
        assert message in refusal(api.request(method, path, content=content), 422)
    assert api.get("/call-flows").json()["data"][0]["updatedAt"] == flow["updatedAt"]


def test_a_body_of_one_byte_below_the_limit_is_read(api):
    body = json.dumps({**FLOW, "title": ""}).encode()
    padded = body.replace(b'""', b'"' + b"a" * (65_535 - len(body)) + b'"')
    assert len(padded) == 65_535
    assert api.post("/call-flows", content=padded).status_code == 201
    refusal(api.post("/call-flows", content=padded + b" "), 422)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "The request body must be a JSON object."),
        ("text", "The request body must be a JSON object."),
        (None, "The request body must be a JSON object."),
        ({}, "steps must be a list of at least one step."),
        ({"steps": []}, "steps must be a list of at least one step."),
        ({"steps": {}}, "steps must be a list of at least one step."),
        ({"steps": ["hangup"]}, "steps[0] must be an object."),
        ({"steps": [{}]}, "steps[0].action is missing."),
        ({"steps": [{"action": 3}]}, "steps[0].action must be a text."),
        (
            {"steps": [{"action": "dance"}]},
            "steps[0].action must be one of transfer, say, play, pause, record, fetchCallFlow,"
            " sendKeys, hangup.",
        ),
        ({"steps": [{"action": "hangup", "id": 7}]}, "steps[0].id must be a text."),
        (
            {"steps": [{"action": "hangup", "options": []}]},
            "steps[0].options must be an object.",
        ),
        ({**FLOW, "title": 3}, "title must be a text."),
        ({**FLOW, "record": "true"}, "record must be true or false."),
        ({**FLOW, "default": 1}, "default must be true or false."),
        ({**FLOW, "maxDuration": 1.5}, "maxDuration must be a whole number."),
        ({**FLOW, "maxDuration": -1}, "maxDuration must be 0 or more."),
        (say(repeat="3"), "steps[0].options.repeat must be a whole number."),
        (say(repeat=True), "steps[0].options.repeat must be a whole number."),
        (say(repeat=11), "steps[0].options.repeat must be from 1 to 10."),
        (say(machineTimeout=399), "steps[0].options.machineTimeout must be from 400 to 10000."),
        (say(voice="robot"), "steps[0].options.voice must be one of male, female."),
        (say(voice=""), "steps[0].options.voice is missing."),
        (say(payload=None), "steps[0].options.payload is missing."),
        (say(transcribe="false"), "steps[0].options.transcribe must be true or false."),
        (
            {"steps": [{"action": "transfer"}]},
            "steps[0].options.destination is missing.",
        ),
        ({"steps": [{"action": "pause"}]}, "steps[0].options.length is missing."),
        (
            {"steps": [{"action": "play", "options": {"media": ["a.wav", 3]}}]},
            "steps[0].options.media must be a text or a list of texts.",
        ),
        (
            {"steps": [{"action": "play", "options": {"media": []}}]},
            "steps[0].options.media is missing.",
        ),
        (
            {"steps": [{"action": "record", "options": {"transcribe": True}}]},
            "steps[0].options.transcribeLanguage is missing; transcribe needs it.",
        ),
        (
            {"steps": [{"action": "hangup", "conditions": {}}]},
            "steps[0].conditions must be a list.",
        ),
        (
            {"steps": [{"action": "hangup", "conditions": ["a == b"]}]},
            "steps[0].conditions[0] must be an object.",
        ),
        (
            {
                "steps": [
                    {
                        "action": "hangup",
                        "conditions": [{"variable": "a", "operator": "==", "value": 1}],
                    }
                ]
            },
            "steps[0].conditions[0].value must be a text.",
        ),
        (
            {"steps": [{"action": "hangup", "conditions": [{"variable": "a", "operator": "=="}]}]},
            "steps[0].conditions[0].value is missing.",
        ),
        (
            {"steps": [{"id": "a", "action": "hangup"}, {"id": "a", "action": "hangup"}]},
            "The step id `a` is given 2 times; it must be unique.",
        ),
        (
            {"steps": [{"id": "a", "action": "hangup", "onKeypressGoto": "b"}]},
            "steps[0].onKeypressGoto names no step: `b`.",
        ),
    ],
)
def test_invalid_content_is_422_and_nothing_is_stored(api, body, message):
    assert refusal(api.post("/call-flows", content=json.dumps(body)), 422) == message
    assert api.get("/call-flows").json()["data"] == []


def test_all_that_is_invalid_is_said_at_once_within_reason(in_process):
    api = in_process()
    errors = api.post("/call-flows", json={"steps": [{}, {"action": 1}], "title": 1}).json()
    assert [error["message"] for error in errors["errors"]] == [
        "title must be a text.",
        "steps[0].action is missing.",
        "steps[1].action must be a text.",
    ]
    many = api.post("/call-flows", json={"steps": [{}] * 100}).json()["errors"]
    assert len(many) == 20


@pytest.fixture
def lasting(in_process):
    """One emulator for all examples of a property."""
    api = in_process()
    api.post("/call-flows", json=FLOW)
    return api


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["steps", "action", "options", "id", "numbers", "repeat", "conditions"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=JSON, data=st.data())
def test_any_json_is_stored_or_refused(lasting, body, data):
    name = lasting.get("/call-flows?perPage=1").json()["data"][0]["id"]
    method, path = data.draw(
        st.sampled_from(
            [
                ("POST", "/call-flows"),
                ("PUT", f"/call-flows/{name}"),
                ("POST", f"/call-flows/{name}/numbers"),
                ("PUT", "/_emulator/faults"),
                ("POST", "/_emulator/clock"),
            ]
        )
    )
    answer = lasting.request(method, path, content=json.dumps(body).encode())
    if answer.status_code == 422:
        refusal(answer, 422)
    else:
        assert answer.status_code in (200, 201)
        assert isinstance(answer.json(), dict)


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(path=st.text(max_size=20), query=st.text(max_size=20), body=st.binary(max_size=50))
def test_any_path_query_and_body_gets_an_answer_of_the_api(lasting, path, query, body):
    url = f"/{urllib.parse.quote(path, safe='/')}?{urllib.parse.quote(query, safe='=&')}"
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = lasting.request(method, url, content=body)
        if answer.status_code != 200:
            refusal(answer, answer.status_code)


def raw(api, request):
    """The bytes that a socket gets back for these bytes."""
    with socket.create_connection((api.base_url.host, api.base_url.port), timeout=10) as end:
        end.sendall(request)
        end.shutdown(socket.SHUT_WR)
        answer = b""
        while part := end.recv(65_536):
            answer += part
    return answer


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"garbage\r\n\r\n", b"400 "),
        (b"GET /call-flows HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", b"400 "),
        (b"GET / HTTP/1.1\r\nA: ".ljust(256 * 1024 + 1, b"a"), b"431 "),
        (
            b"POST /call-flows HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
            b"422 ",
        ),
    ],
    ids=["no HTTP", "length", "header", "body"],
)
def test_what_is_no_request_is_refused_in_json_on_the_socket(on_a_socket, request_, status):
    head, _, body = raw(on_a_socket(), request_).partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.0 " + status, b"HTTP/1.1 " + status))
    assert b"Content-Type: application/json" in head
    (error,) = json.loads(body)["errors"]
    assert error["code"] == 21


def test_a_client_that_goes_away_does_no_harm(on_a_socket):
    api = on_a_socket()
    raw(api, b"POST /call-flows HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{")
    assert api.post("/call-flows", json=FLOW).status_code == 201
