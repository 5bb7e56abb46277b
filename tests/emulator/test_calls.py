"""Calls that run: statuses, legs and their times, and what a client can do to them meanwhile."""

import pytest

from .conftest import KEY
from .telephone import (
    HANGUP,
    NOBODY,
    Time,
    behave,
    items,
    legs,
    one,
    pause,
    say,
    start,
    transfer,
)

MOMENT = "2001-09-09T01:{}Z"
"""The first second of `Time` is 2001-09-09T01:46:40Z."""


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def api(opened, time):
    return opened(clock=time)


def statuses(api, time, call, moments):
    found = []
    for moment in moments:
        time.at(moment)
        found.append(one(api, call)["status"])
    return found


def test_a_call_lives_from_queued_to_ended(api, time):
    answer = api.post(
        "/calls",
        json={
            "source": "+31201234567",
            "destination": "+31612345678",
            "callFlow": {"steps": [say("x" * 45), HANGUP]},
        },
    )
    (call,) = answer.json()["data"]
    link = f"/calls/{call['id']}"
    assert answer.status_code == 201
    assert answer.json()["_links"] == {"self": link, "legs": f"{link}/legs"}
    assert call == {
        "id": call["id"],
        "status": "queued",
        "source": "31201234567",
        "destination": "31612345678",
        "createdAt": MOMENT.format("46:40"),
        "updatedAt": MOMENT.format("46:40"),
        "endedAt": None,
    }
    lives = statuses(api, time, link, [0.1, 0.3, 1.1, 1.3, 4.1, 4.2, 1000])
    assert lives == ["queued", "starting", "starting", "ongoing", "ongoing", "ended", "ended"]
    call = one(api, link)
    assert (call["updatedAt"], call["endedAt"]) == (MOMENT.format("46:44"),) * 2
    (leg,) = legs(api, link)
    assert leg == {
        "id": leg["id"],
        "callId": call["id"],
        "source": "31201234567",
        "destination": "31612345678",
        "status": "hangup",
        "direction": "outgoing",
        "cost": 0.000651,
        "currency": "EUR",
        "duration": 3,
        "createdAt": MOMENT.format("46:40"),
        "updatedAt": MOMENT.format("46:44"),
        "answeredAt": MOMENT.format("46:41"),
        "endedAt": MOMENT.format("46:44"),
        "sipResponseCode": 200,
        "_links": {"self": f"{link}/legs/{leg['id']}"},
    }
    del leg["_links"]
    assert one(api, f"{link}/legs/{leg['id']}") == leg


@pytest.mark.parametrize(
    ("outcome", "seconds", "code"), [("busy", 1, 486), ("no_answer", 30, 480), ("failed", 1, 404)]
)
def test_a_call_that_nobody_takes(api, time, outcome, seconds, code):
    behave(api, "31612345678", outcome=outcome)
    call = start(api, say("Hello"))
    assert statuses(api, time, call, [0.3, seconds, seconds + 0.3]) == [
        "starting",
        "starting",
        outcome,
    ]
    assert one(api, call)["endedAt"] is not None
    (leg,) = legs(api, call)
    assert (leg["status"], leg["sipResponseCode"], leg["duration"], leg["answeredAt"]) == (
        outcome,
        code,
        0,
        None,
    )
    assert leg["endedAt"] is not None


def test_a_leg_starts_rings_and_costs_more_the_longer_it_lasts(api, time):
    behave(api, "31612345678", rings="2s")
    call = start(api, pause(3600))
    assert legs(api, call) == []
    seen = []
    for moment in (0.25, 1.0, 2.3, 12.2, 102.2):
        time.at(moment)
        (leg,) = legs(api, call)
        seen.append((leg["status"], leg["duration"], leg["cost"], leg.get("sipResponseCode")))
    assert seen == [
        ("starting", 0, 0.0, None),
        ("ringing", 0, 0.0, None),
        ("ongoing", 1, 0.000217, 200),
        ("ongoing", 10, 0.00217, 200),
        ("ongoing", 100, 0.0217, 200),
    ]


def test_a_transfer_makes_a_leg_of_its_own(api, time):
    behave(api, "31699999999", talks="10s")
    call = start(api, transfer("+31699999999"), HANGUP)
    time.at(5)
    first, second = legs(api, call)
    assert (first["status"], second["status"]) == ("ongoing", "ongoing")
    assert (second["source"], second["destination"]) == ("31201234567", "31699999999")
    assert second["id"] != first["id"]
    time.at(12.3)
    assert one(api, call)["status"] == "ended"
    assert [leg["duration"] for leg in legs(api, call)] == [11, 10]


def test_a_transfer_to_a_busy_number_goes_on_below(api, time):
    behave(api, "31699999999", outcome="busy")
    call = start(api, transfer("31699999999"), pause(10), HANGUP)
    time.at(5)
    assert one(api, call)["status"] == "ongoing"
    assert [leg["status"] for leg in legs(api, call)] == ["ongoing", "busy"]


def test_what_a_destination_does_is_settled_when_the_call_begins(api, time):
    call = start(api, pause(60))
    time.at(2)
    behave(api, "31612345678", outcome="busy")
    assert one(api, call)["status"] == "ongoing"
    assert statuses(api, time, start(api), [10]) == ["busy"]


def test_the_called_party_presses_keys_and_hangs_up(api, time):
    behave(api, "31612345678", does=[{"press": "2"}, {"wait": "3s"}, {"hang_up": True}])
    menu = say("Press two", onKeypressGoto="two", onKeypressVar="choice")
    call = start(api, menu, HANGUP, {**pause(60), "id": "two"})
    assert statuses(api, time, call, [2, 4, 6]) == ["ongoing", "ongoing", "ended"]


def test_hanging_up_ends_a_call_and_keeps_it_readable(api, time):
    call = start(api, say("x" * 900), transfer("31699999999"))
    time.at(10)
    answer = api.delete(call)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (one(api, call)["status"], one(api, call)["endedAt"]) == (
        "ended",
        MOMENT.format("46:50"),
    )
    assert [leg["status"] for leg in legs(api, call)] == ["hangup"]
    time.at(1000)
    before = one(api, call)
    assert api.delete(call).status_code == 204
    assert one(api, call) == before
    assert len(legs(api, call)) == 1


@pytest.mark.parametrize("moment", [0.1, 0.7])
def test_a_call_that_is_hung_up_before_it_is_answered_has_ended(api, time, moment):
    call = start(api, say("Hello"))
    time.at(moment)
    assert api.delete(call).status_code == 204
    time.at(50)
    assert one(api, call)["status"] == "ended"
    for leg in legs(api, call):
        assert (leg["status"], leg["answeredAt"], leg["cost"]) == ("hangup", None, 0.0)
        assert "sipResponseCode" not in leg


@pytest.mark.parametrize("body", [{"callFlow": {"steps": [pause(5)]}}, {"steps": [pause(5)]}])
def test_a_running_call_takes_another_flow(api, time, body):
    behave(api, "31612345678", does=[{"press": "1"}])
    menu = {**pause(900), "onKeypressGoto": "end", "onKeypressVar": "k", "id": "menu"}
    call = start(api, pause(3), menu, {**pause(900), "id": "end"})
    time.at(8)
    answer = api.put(call, json=body)
    assert answer.status_code == 200
    assert answer.json()["data"][0]["updatedAt"] == MOMENT.format("46:48")
    assert answer.json()["_links"] == {"self": call, "legs": f"{call}/legs"}
    assert statuses(api, time, call, [12.9, 13.1]) == ["ongoing", "ended"]
    assert api.put(call, json=body).status_code == 422


def test_a_queued_call_takes_another_flow_before_it_is_answered(api, time):
    call = start(api, pause(900))
    assert api.put(call, json={"steps": [pause(5)]}).status_code == 200
    assert statuses(api, time, call, [6.1, 6.3]) == ["ongoing", "ended"]


def test_a_party_is_called_into_a_call(api, time):
    call = start(api, pause(60))
    assert api.post(f"{call}/31677777777").status_code == 422
    time.at(5)
    answer = api.post(f"{call}/+31677777777")
    assert answer.status_code == 201
    (leg,) = answer.json()["data"]
    assert (leg["destination"], leg["status"], leg["direction"]) == (
        "31677777777",
        "starting",
        "outgoing",
    )
    assert answer.json()["_links"] == {"self": f"{call}/legs/{leg['id']}"}
    time.at(10)
    assert one(api, f"{call}/legs/{leg['id']}")["status"] == "ongoing"
    assert api.delete(f"/legs/{leg['id']}").status_code == 204
    time.at(20)
    assert [entry["status"] for entry in legs(api, call)] == ["ongoing", "hangup"]
    assert one(api, f"{call}/legs/{leg['id']}")["duration"] == 4
    time.at(100)
    assert api.post(f"{call}/sip:me@example.com").status_code == 422


def test_the_parties_of_an_ended_call_are_gone_too(api, time):
    call = start(api, pause(60))
    time.at(2)
    behave(api, "31677777777", rings="30s")
    for destination in ("31677777777", "client:anna"):
        assert api.post(f"{call}/{destination}").status_code == 201
    time.at(10)
    api.delete(call)
    time.at(90)
    assert [leg["status"] for leg in legs(api, call)] == ["hangup"] * 3
    assert [leg["duration"] for leg in legs(api, call)] == [9, 0, 7]


def test_hanging_up_the_first_leg_ends_the_call(api, time):
    call = start(api, transfer("31699999999"), HANGUP)
    time.at(10)
    second = legs(api, call)[1]["id"]
    assert api.delete(f"/legs/{second}").status_code == 204
    time.at(11)
    assert [leg["status"] for leg in legs(api, call)] == ["hangup", "hangup"]
    other = start(api, pause(60))
    time.at(16)
    first = legs(api, other)[0]["id"]
    assert api.delete(f"/legs/{first}").status_code == 204
    assert one(api, other)["status"] == "ended"
    assert api.delete(f"/legs/{first}").status_code == 204


def test_a_leg_that_still_rings_is_given_up_and_the_flow_goes_on(api, time):
    behave(api, "31699999999", rings="60s")
    call = start(api, transfer("31699999999"), pause(60))
    time.at(5)
    assert api.delete(f"/legs/{legs(api, call)[1]['id']}").status_code == 204
    time.at(6)
    assert [leg["status"] for leg in legs(api, call)] == ["ongoing", "no_answer"]


def test_only_a_leg_that_is_ongoing_is_held(api, time):
    call = start(api, pause(10))
    time.at(0.5)
    leg = legs(api, call)[0]["id"]
    assert api.post(f"/legs/{leg}/hold").status_code == 422
    time.at(5)
    for name in ("hold", "unhold"):
        answer = api.post(f"/legs/{leg}/{name}")
        assert answer.status_code == 200
        assert answer.json()["data"] == [one(api, f"{call}/legs/{leg}")]
        assert answer.json()["_links"] == {"self": f"{call}/legs/{leg}"}
    time.at(60)
    answer = api.post(f"/legs/{leg}/unhold")
    assert answer.json()["errors"] == [
        {"message": f"Leg `{leg}` is not ongoing; it cannot be taken off hold.", "code": 21}
    ]


def test_a_caller_reaches_the_numbers_flow_or_the_default(api, time):
    flow = api.post("/call-flows", json={"steps": [pause(30)]}).json()["data"][0]["id"]
    api.post(f"/call-flows/{flow}/numbers", json={"numbers": ["31201111111"]})
    ring = {"from": "+31612345678", "to": "+31201111111", "does": [{"hang_up": True, "at": "4s"}]}
    answer = api.post("/_emulator/calls", json=ring)
    assert answer.status_code == 201
    (call,) = answer.json()["data"]
    assert (call["status"], call["source"]) == ("starting", "31612345678")
    path = answer.json()["_links"]["self"]
    assert statuses(api, time, path, [0.9, 1.1, 4.9, 5.1]) == [
        "starting",
        "ongoing",
        "ongoing",
        "ended",
    ]
    (leg,) = legs(api, path)
    assert (leg["direction"], leg["cost"], leg["duration"]) == ("incoming", 0.0, 4)
    missing = api.post("/_emulator/calls", json={**ring, "to": "31209999999"})
    assert missing.json()["errors"] == [
        {"message": "No call flow is the default or has the number `31209999999`.", "code": 13}
    ]
    api.post("/call-flows", json={"steps": [HANGUP], "default": True})
    assert api.post("/_emulator/calls", json={**ring, "to": "31209999999"}).status_code == 201


def test_a_masked_transfer_shows_the_called_number(api, time):
    steps = [transfer("31699999999", mask=True)]
    api.post("/call-flows", json={"steps": steps, "default": True})
    ring = {"from": "31612345678", "to": "31201111111"}
    call = api.post("/_emulator/calls", json=ring).json()["_links"]["self"]
    time.at(5)
    assert [leg["source"] for leg in legs(api, call)] == ["31612345678", "31201111111"]
    other = start(api, transfer("31699999999", source="31608080808"))
    time.at(10)
    assert legs(api, other)[1]["source"] == "31608080808"


def test_calls_are_listed_newest_first_with_links_and_paging(api, time):
    made = [start(api, pause(number)) for number in range(12)]
    listed = api.get("/calls/", params={"page": 2}).json()
    assert [f"/calls/{call['id']}" for call in listed["data"]] == [made[1], made[0]]
    for call in listed["data"]:
        link = f"/calls/{call['id']}"
        assert call["_links"] == {"self": link, "legs": f"{link}/legs"}
    assert listed["_links"] == {"self": "/calls?page=2"}
    assert listed["pagination"] == {
        "totalCount": 12,
        "pageCount": 2,
        "currentPage": 2,
        "perPage": 10,
    }
    assert api.get("/calls", params={"page": 9}).json()["data"] == []


def test_a_time_factor_makes_calls_faster_in_their_own_time(in_process, time):
    api = in_process(clock=time, time_factor=60)
    call = start(api, pause(600))
    assert statuses(api, time, call, [0.01, 5, 10.01, 10.03]) == [
        "starting",
        "ongoing",
        "ongoing",
        "ended",
    ]
    assert one(api, call)["endedAt"] == MOMENT.format("56:41")
    assert legs(api, call)[0]["duration"] == 600


def test_a_restart_loses_nothing(in_process, time):
    first = in_process("kept.db", clock=time, time_factor=2)
    call = start(first, pause(10), transfer("31699999999"))
    time.at(3)
    running = one(first, call), legs(first, call)
    second = in_process("kept.db", clock=time)
    assert (one(second, call), legs(second, call)) == running
    time.at(8)
    assert [leg["status"] for leg in legs(second, call)] == ["ongoing", "ongoing"]
    time.at(100)
    assert (one(first, call), legs(first, call)) == (one(second, call), legs(second, call))


def test_the_clock_of_the_emulator_moves_calls_on(opened):
    api = opened()
    call = start(api, pause(600))
    api.post("/_emulator/clock", json={"advance": 300})
    assert one(api, call)["status"] == "ongoing"
    api.post("/_emulator/clock", json={"advance": 600})
    assert one(api, call)["status"] == "ended"


def test_another_accounts_calls_are_unknown(api, time):
    call = start(api, pause(60))
    time.at(2)
    leg = legs(api, call)[0]["id"]
    other = {"Authorization": "AccessKey another"}
    for method, path in (
        ("GET", call),
        ("PUT", call),
        ("DELETE", call),
        ("GET", f"{call}/legs"),
        ("GET", f"{call}/legs/{leg}"),
        ("POST", f"{call}/31612345678"),
        ("DELETE", f"/legs/{leg}"),
        ("POST", f"/legs/{leg}/hold"),
    ):
        answer = api.request(method, path, headers=other, json={"steps": [HANGUP]})
        assert answer.status_code == 404, (method, path)
        assert answer.json()["errors"][0]["code"] == 13
    assert items_of(api, other) == []
    assert api.headers["Authorization"] == f"AccessKey {KEY}"


def items_of(api, headers):
    return api.get("/calls", headers=headers).json()["data"]


@pytest.mark.parametrize("name", ["1", NOBODY, "x" * 300, "%00", "0%2F1"])
def test_unknown_ids_are_the_documented_404(api, name):
    for method, path in (
        ("GET", f"/calls/{name}"),
        ("DELETE", f"/calls/{name}"),
        ("GET", f"/calls/{name}/legs"),
        ("DELETE", f"/legs/{name}"),
        ("POST", f"/legs/{name}/hold"),
    ):
        answer = api.request(method, path)
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == 13
    call = start(api)
    assert api.get(f"{call}/legs/{name}").status_code == 404


def test_a_leg_is_only_found_below_its_own_call(api, time):
    one_call, other = start(api, pause(60)), start(api, pause(60))
    time.at(2)
    leg = legs(api, one_call)[0]["id"]
    assert api.get(f"{other}/legs/{leg}").json()["errors"] == [
        {"message": f"No leg found for ID `{leg}`.", "code": 13}
    ]


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, ["source is missing.", "destination is missing.", "callFlow is missing."]),
        (
            {"source": 31, "destination": "nobody", "callFlow": {"steps": [HANGUP]}},
            [
                "source must be a text, also where it is a number.",
                "destination must be a phone number in 3 to 20 digits, or begin with sip: or"
                " client:.",
            ],
        ),
        (
            {"source": "my company", "destination": "3120", "callFlow": {"steps": [HANGUP]}},
            [
                "source must be a phone number in 3 to 20 digits, a name of letters and digits, or"
                " begin with sip: or client:."
            ],
        ),
        (
            {"source": "3120", "destination": "3120", "callFlow": {"steps": [{"action": "dance"}]}},
            [
                "callFlow: steps[0].action must be one of transfer, say, play, pause, record,"
                " fetchCallFlow, sendKeys, hangup."
            ],
        ),
        (
            {"source": "3120", "destination": "3120", "callFlow": 5, "webhook": 5},
            ["callFlow must be an object.", "webhook must be an object."],
        ),
        (
            {"source": "3120", "destination": "3120", "callFlow": NOBODY, "webhook": "http://a/"},
            ["callFlow must be an object.", "webhook must be an object."],
        ),
        (
            {"source": "3120", "destination": "3120", "callFlow": '{"steps": }'},
            ["callFlow is not JSON: it cannot be read from line 1, column 11 on."],
        ),
        (
            {
                "source": "3120",
                "destination": "3120",
                "callFlow": {"steps": [HANGUP]},
                "webhook": {"url": "example.com", "token": 1},
            },
            [
                "webhook.url must begin with http:// or https:// and a host.",
                "webhook.token must be a text.",
            ],
        ),
    ],
)
def test_a_call_with_invalid_content_is_refused_and_not_begun(api, body, messages):
    answer = api.post("/calls", json=body)
    assert answer.status_code == 422
    assert [error["message"] for error in answer.json()["errors"]] == messages
    assert items(api, "/calls") == []


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("calls", {"from": "3161"}, "to is missing."),
        (
            "calls",
            {"from": "3161", "to": "3120", "does": [{"sing": 1}]},
            "does[0]: Each item does one thing; this one says nothing of what to do.",
        ),
        (
            "calls",
            {"from": "3161", "to": "3120", "does": [{"press": "a"}]},
            "does[0].press: Write 1 to 64 keys out of 0-9, * and #, as a text.",
        ),
        (
            "calls",
            {"from": "3161", "to": "3120", "does": [{"say": "x", "at": 1}]},
            "does[0].at: at belongs to press and hang_up, not to say. Write a wait before it.",
        ),
        (
            "calls",
            {"from": "3161", "to": "3120", "does": [{"press": "1", "at": "soon"}]},
            "does[0].at: Write a duration of at most 100 hours, such as 1.5 or 30s.",
        ),
        (
            "calls",
            {"from": "3161", "to": "3120", "does": [{"wait": "999999999h"}]},
            "does[0].wait: Write a duration of at most 100 hours, such as 1.5 or 30s.",
        ),
        (
            "calls",
            {"from": "3161", "to": "3120", "does": [{"hang_up": True}, {"press": "1"}]},
            "does[0]: Nothing can follow hang_up: the call is over then.",
        ),
        (
            "calls",
            {"from": "3161", "to": "3120", "does": [{"press": "1", "for": 2}]},
            "does[0].for: for does not belong to press. Remove it.",
        ),
        ("calls", {"from": "3161", "to": "3120", "does": {}}, "does must be a list of at most 200"),
        (
            "destinations/3161",
            {"outcome": "asleep"},
            "outcome must be one of answered, busy, no_answer, failed, machine.",
        ),
        ("destinations/3161", {"outcome": [1]}, "outcome must be one of"),
        ("destinations/3161", {"rings": "99999h"}, "rings must be a duration of at most 100 hours"),
        ("destinations/3161", {"mood": 1}, "There is no key mood here; the keys are outcome,"),
    ],
)
def test_wrong_use_of_the_telephone_controls_is_refused(api, path, body, message):
    method = "POST" if path == "calls" else "PUT"
    answer = api.request(method, f"/_emulator/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"].startswith(message)
