"""Every fault, seen acting: as httpx's exceptions in process, and on a real socket alike."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.emulator.faults import KINDS, ConnectionReset, Fault, Faults, act_out, parse_fault
from mbflow.emulator.responses import Response
from mbflow.model.errors import UsageError
from mbflow.model.text import Command

from .acting import shows

FLOW = {"steps": [{"action": "hangup"}]}


def create(api, **options):
    return api.post("/call-flows", json=FLOW, **options)


def count(api):
    return api.get("/call-flows").json()["pagination"]["totalCount"]


@shows("5xx")
@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("after", 1)])
def test_a_5xx_before_or_after_the_commit(opened, moment, stored):
    api = opened(faults=[f"POST /call-flows 503 {moment} nth=1"])
    answer = create(api)
    assert answer.status_code == 503
    assert answer.json() == {
        "data": None,
        "errors": [{"message": "The service is in trouble.", "code": 99}],
    }
    assert "retry-after" not in answer.headers
    assert count(api) == stored
    assert create(api).status_code == 201


@shows("429")
def test_429_comes_with_retry_after(opened):
    api = opened(faults=["* * 429 nth=1", "* * 429=30 nth=2", "* * 599=7 nth=3"])
    answers = [create(api), create(api), create(api)]
    assert [answer.status_code for answer in answers] == [429, 429, 599]
    assert [answer.headers["retry-after"] for answer in answers] == ["1", "30", "7"]
    assert answers[0].json()["errors"] == [{"message": "Too many requests.", "code": 42}]
    assert count(api) == 0


@shows("reset")
@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("after", 1)])
def test_a_reset_before_or_after_the_commit(opened, moment, stored):
    api = opened(faults=[f"POST * reset {moment} nth=1"])
    with pytest.raises(httpx.ReadError):
        create(api)
    assert count(api) == stored


@shows("twice")
def test_a_post_committed_twice(opened):
    api = opened(faults=["POST * twice"])
    answer = create(api)
    assert answer.status_code == 201
    listed = api.get("/call-flows").json()["data"]
    assert len(listed) == 2
    assert listed[0]["id"] == answer.json()["data"][0]["id"]


@shows("truncated")
@pytest.mark.parametrize("kind", ["truncated", "truncated=0", "truncated=999999"])
def test_a_truncated_answer(opened, kind):
    api = opened(faults=[f"* * {kind} nth=2"])
    assert create(api).status_code == 201
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        create(api)
    assert count(api) == 2


@shows("html")
def test_an_answer_that_is_not_json(opened):
    api = opened(faults=["GET * html nth=1", "POST * html=502 after"])
    answer = api.get("/call-flows")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert create(api).status_code == 502
    assert count(api) == 1


@shows("latency")
def test_latency_on_the_socket_outlasts_the_clients_patience(on_a_socket):
    api = on_a_socket(faults=["POST * latency=0.5 after nth=1"])
    with pytest.raises(httpx.ReadTimeout):
        create(api, timeout=0.1)
    assert count(api) == 1
    assert create(api).status_code == 201


@shows("latency")
def test_latency_before_holds_the_request_up(on_a_socket):
    slept = []
    api = on_a_socket(faults=["GET * latency=2.5", "GET * latency=1 after"], sleep=slept.append)
    assert api.get("/call-flows").status_code == 200
    assert slept == [2.5, 1]


@shows("latency")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_latency_in_process_times_out_like_a_socket(in_process, moment):
    slept = []
    api = in_process(faults=[f"POST * latency=20 {moment}"], sleep=slept.append)
    assert create(api, timeout=60).status_code == 201
    with pytest.raises(httpx.ReadTimeout):
        create(api, timeout=5)
    assert create(api, timeout=None).status_code == 201
    assert slept == [20, 5, 20]
    assert count(api) == 3


@pytest.mark.parametrize(("trouble", "stored"), [("503", 0), ("reset", 0), ("twice", 2)])
def test_faults_act_behind_a_latency_that_outlasts_the_client(in_process, trouble, stored):
    api = in_process(faults=["POST * latency=20", f"POST * {trouble}"], sleep=lambda _: None)
    with pytest.raises(httpx.ReadTimeout):
        create(api, timeout=5)
    assert count(api) == stored


def test_paths_match_in_every_form_and_stars_span_slashes(in_process):
    api = in_process(faults=["GET /call-flows/*/numbers/ 500", "DELETE /call-flows/* 500"])
    name = create(api).json()["data"][0]["id"]
    for path in ("/call-flows/{}/numbers", "/v1/call-flows/{}/numbers/"):
        assert api.get(path.format(name)).status_code == 500
    assert api.delete(f"/call-flows/{name}").status_code == 500
    assert api.get(f"/call-flows/{name}").status_code == 200


def test_the_first_of_faults_answers_and_delays_add_up(in_process):
    slept = []
    api = in_process(
        faults=["* * latency=1", "* * 500", "* * 502", "* * latency=2"], sleep=slept.append
    )
    assert api.get("/call-flows").status_code == 500
    assert slept == [1, 2]


def test_faults_do_not_touch_the_controls_or_wrong_keys(in_process):
    api = in_process(faults=["* * 500"], access_keys=["one"])
    assert api.get("/call-flows").status_code == 401
    key = {"Authorization": "AccessKey one"}
    assert api.get("/_emulator/requests", headers=key).status_code == 200
    assert api.get("/call-flows", headers=key).status_code == 500


def test_faults_are_put_and_taken_away_while_the_emulator_runs(opened):
    api = opened()
    specs = ["POST /call-flows 503 before nth=2", "GET * 429"]
    answer = api.put("/_emulator/faults", json={"faults": specs})
    assert (answer.status_code, answer.json()) == (200, {"faults": specs, "seed": 0})
    assert [create(api).status_code for _ in range(3)] == [201, 503, 201]
    assert api.get("/call-flows").status_code == 429
    assert api.put("/_emulator/faults", json={"faults": []}).status_code == 200
    assert count(api) == 2


def struck(seed, chance, times=200):
    faults = Faults([Fault("*", "*", "500", chance=chance)], seed)
    return [bool(faults.due("GET", "/")) for _ in range(times)]


def test_chance_is_seeded():
    assert struck(1, 0.5) == struck(1, 0.5) != struck(2, 0.5)
    assert 60 < sum(struck(1, 0.5)) < 140
    assert sum(struck(1, 0)) == 0
    assert sum(struck(1, 1)) == 200


@given(st.lists(st.booleans(), max_size=30))
def test_a_faults_draws_depend_on_its_own_requests_only(others):
    fault = Fault("GET", "*", "500", chance=0.5)
    alone, mixed = Faults([fault], 3), Faults([fault, Fault("POST", "*", "500", chance=0.3)], 3)
    for other in others:
        if other:
            mixed.due("POST", "/")
        assert alone.due("GET", "/") == mixed.due("GET", "/")


def test_a_fault_before_keeps_the_handler_from_running():
    with pytest.raises(ConnectionReset):
        act_out([Fault("*", "*", "reset")], lambda: pytest.fail("handled"), sleep=lambda _: None)


def test_an_answer_without_a_body_cannot_be_truncated():
    fault = Fault("*", "*", "truncated", after=True)
    assert act_out([fault], lambda: Response(204), sleep=lambda _: None) == Response(204)


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("post /call-flows/ 503", Fault("POST", "/call-flows", "503")),
        ("* * latency=0.25 after p=0.1", Fault("*", "*", "latency", 0.25, True, None, 0.1)),
        ("GET / reset nth=3 after", Fault("GET", "/", "reset", None, True, 3)),
        ("PUT /call-flows/* truncated=10", Fault("PUT", "/call-flows/*", "truncated", 10, True)),
        ("POST * twice after", Fault("POST", "*", "twice", None, True)),
    ],
)
def test_a_spec_is_read(spec, fault):
    assert parse_fault(spec) == fault


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("", "it needs a method, a path and a kind"),
        ("GET *", "it needs a method, a path and a kind"),
        ("FETCH * 500", "FETCH is no HTTP method"),
        ("GET call-flows 500", "the path call-flows must begin with / or *"),
        ("GET * explode", "there is no kind explode"),
        ("GET * 404", "there is no kind 404"),
        ("GET * 5xx", "there is no kind 5xx"),
        ("GET * reset=1", "reset does not take 1"),
        ("GET * latency", "latency needs its seconds: latency=0.5"),
        ("GET * latency=-1", "latency does not take -1"),
        ("GET * latency=1e9", "latency does not take 1e9"),
        ("GET * html=99", "html takes a status from 200 to 599"),
        ("GET * twice before", "twice can only come after"),
        ("GET * 500 sometimes", "sometimes is neither before, after, nth=N nor p=0.1"),
        ("GET * 500 nth=0", "nth takes a whole number from 1, such as nth=3"),
        ("GET * 500 nth=²", "nth takes a whole number from 1, such as nth=3"),
        ("GET * 500 p=1.5", "p takes a number from 0 to 1, such as p=0.1"),
        ("GET * 500 p=nan", "p takes a number from 0 to 1, such as p=0.1"),
    ],
)
def test_a_spec_that_is_none_says_why(spec, why):
    with pytest.raises(UsageError) as caught:
        parse_fault(spec)
    assert caught.value.summary == f"The fault `{spec}` cannot be read: {why}."
    assert caught.value.details == (
        "A fault is written METHOD PATH-GLOB KIND[=ARG] [before|after] [nth=N|p=0.1].",
        "List the kinds with:",
        Command("mbflow", "emulate", "--list-faults"),
    )


@given(st.text(max_size=40))
def test_any_text_is_a_fault_or_wrong_usage(spec):
    try:
        assert isinstance(parse_fault(spec), Fault)
    except UsageError as error:
        assert error.details


def test_every_kind_that_is_listed_can_be_written():
    for kind in KINDS:
        name = kind.partition("[")[0].replace("5xx", "500").replace("SECONDS", "1")
        assert parse_fault(f"* * {name}").kind == name.partition("=")[0]
