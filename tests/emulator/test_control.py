"""The controls of a running emulator, below `/_emulator/`."""

from datetime import UTC, datetime

import pytest

from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.emulator.app import Emulator
from mbflow.emulator.faults import parse_fault
from mbflow.emulator.requests import AccountLog, Request, log_entry

from .conftest import KEY, client

KNOWN = (
    "POST /_emulator/calls, PUT /_emulator/destinations/NUMBER, POST /_emulator/clock,"
    " PUT /_emulator/faults, GET /_emulator/requests and GET /_emulator/deliveries"
)
FLOW = {"steps": [{"action": "hangup"}]}


def test_requests_are_logged_without_keys_and_bodies(opened):
    api = opened(faults=["PUT * reset"])
    api.post("/v1/call-flows/", json=FLOW)
    api.get("/call-flows", params={"perPage": 3, "page": 2, "access_key": KEY})
    api.get("/call-flows/1")
    with pytest.raises(Exception, match="reset"):
        api.put("/call-flows/1", json=FLOW)
    answer = api.get("/_emulator/requests")
    assert answer.json() == {
        "data": [
            {"method": "POST", "path": "/call-flows", "query": "", "status": 201},
            {"method": "GET", "path": "/call-flows", "query": "page=2&perPage=3", "status": 200},
            {"method": "GET", "path": "/call-flows/1", "query": "", "status": 404},
            {"method": "PUT", "path": "/call-flows/1", "query": "", "status": None},
        ]
    }
    assert KEY not in answer.text


def test_each_account_sees_its_own_requests(api):
    api.get("/call-flows")
    other = {"Authorization": "AccessKey another"}
    assert api.get("/_emulator/requests", headers=other).json() == {"data": []}
    assert len(api.get("/_emulator/requests").json()["data"]) == 1


def test_whoever_holds_the_emulator_sees_all_requests(tmp_path):
    emulator = Emulator(tmp_path / "emulator.db")
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        for key in ("one", "two"):
            api.get("/call-flows", headers={"Authorization": f"AccessKey {key}"})
    assert [(logged.method, logged.status) for logged in emulator.requests()] == [("GET", 200)] * 2
    emulator.put_faults([parse_fault("GET * 500")])
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        assert api.get("/call-flows").status_code == 500
    emulator.close()


def test_the_log_is_bounded():
    log = AccountLog()
    for number in range(10_005):
        log.add("mine", log_entry(Request("GET", f"/{number}", {}, b"", ""), 404))
    entries = log.of("mine")
    assert (len(entries), entries[0].path) == (10_000, "/5")


def test_the_clock_stops_at_the_end_of_the_calendar(in_process):
    api = in_process(clock=lambda: datetime(9998, 12, 31, tzinfo=UTC).timestamp())
    assert api.post("/_emulator/clock", json={"advance": 86_400}).status_code == 200
    answer = api.post("/_emulator/clock", json={"advance": 86_400})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == (
        "The clock goes to the end of the year 9998 and no further."
    )


def test_the_controls_that_only_show_answer_head_too(api):
    for name in ("requests", "deliveries"):
        answer = api.head(f"/_emulator/{name}")
        assert (answer.status_code, answer.content) == (200, b"")


def test_the_clock_is_moved_forward(opened):
    api = opened(clock=lambda: 1000.0)
    assert api.post("/_emulator/clock", json={"advance": 60.5}).json() == {
        "now": "1970-01-01T00:17:40Z"
    }
    api.post("/_emulator/clock", json={"advance": 60})
    flow = api.post("/call-flows", json=FLOW).json()["data"][0]
    assert flow["createdAt"] == "1970-01-01T00:18:40Z"


def test_the_controls_need_the_key_too(opened):
    api = opened(access_keys=["one"])
    for method, name in (("PUT", "faults"), ("GET", "requests"), ("POST", "clock")):
        answer = api.request(method, f"/_emulator/{name}", json={})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "message"),
    [
        ("GET", "nothing", b"", 404, f"There is nothing at `/_emulator/nothing`, but {KNOWN}."),
        ("GET", "calls/1", b"", 404, f"There is nothing at `/_emulator/calls/1`, but {KNOWN}."),
        (
            "PUT",
            "destinations",
            b"{}",
            404,
            f"There is nothing at `/_emulator/destinations`, but {KNOWN}.",
        ),
        ("GET", "", b"", 404, f"There is nothing at `/_emulator/`, but {KNOWN}."),
        ("GET", "faults", b"", 405, "`/_emulator/faults` takes PUT, not GET."),
        (
            "PUT",
            "faults",
            b'{"faults":[],"seeds":1}',
            422,
            "There is no key seeds here; the keys are faults and seed.",
        ),
        (
            "POST",
            "clock",
            b'{"seconds":1}',
            422,
            "There is no key seconds here; the only key is advance.",
        ),
        (
            "PUT",
            "destinations/31",
            b'{"ring":1}',
            422,
            "There is no key ring here; the keys are outcome, rings, talks and does.",
        ),
        *(
            (
                "PUT",
                f"destinations/{nobody}",
                b"{}",
                422,
                "NUMBER must be a phone number in 3 to 20 digits, or begin with sip: or client:.",
            )
            for nobody in ("abc", "31", "+31-612", "316/12", "0031 612")
        ),
        (
            "POST",
            "calls",
            b'{"from":"316","to":"3120","From":1}',
            422,
            "There is no key From here; the keys are from, to and does.",
        ),
        (
            "POST",
            "calls",
            b'{"from":"316","to":"3120"}',
            404,
            "No call flow is the default or has the number `3120`.",
        ),
        (
            "POST",
            "calls",
            b'{"from":316,"to":"3120"}',
            422,
            "from must be a text, also where it is a number.",
        ),
        (
            "POST",
            "calls",
            b'{"from":"316","to":"x"}',
            422,
            "to must be a phone number in 3 to 20 digits, or begin with sip: or client:.",
        ),
        ("POST", "clock", b"", 422, "The request body is empty; a JSON object is needed."),
        ("POST", "clock", b"[]", 422, "The request body must be a JSON object."),
        ("POST", "clock", b"{}", 422, "advance must be a number of seconds."),
        ("POST", "clock", b'{"advance":true}', 422, "advance must be a number of seconds."),
        (
            "POST",
            "clock",
            b'{"advance":-1}',
            422,
            "advance must be from 0 to 31622400 seconds, which is a year.",
        ),
        (
            "PUT",
            "faults",
            b"{}",
            422,
            "faults must be a list of texts.",
        ),
        (
            "PUT",
            "faults",
            b'{"faults":[],"seed":true}',
            422,
            "seed must be a whole number.",
        ),
        ("PUT", "faults", b'{"faults":[1]}', 422, "faults must be a list of texts."),
        (
            "PUT",
            "faults",
            b'{"faults":["x"]}',
            422,
            "The fault `x` cannot be read: it needs a method, a path and a kind.",
        ),
    ],
)
def test_wrong_use_is_refused_in_the_documented_shape(api, method, path, content, status, message):
    answer = api.request(method, f"/_emulator/{path}", content=content)
    assert answer.status_code == status
    assert answer.json()["data"] is None
    assert [error["message"] for error in answer.json()["errors"]] == [message]
