"""Captured payloads of calls and what belongs to them, held against the emulator field by field.

The exceptions are named: keys that only older captures have, or that only newer answers have.
"""

import json
import uuid

import pytest

from .telephone import Time, behave, items, legs, pause, record, recordings, say, start
from .test_payloads import MOMENT, payload, without

SPOKEN = "I would like to order a pizza"


def kind(value):
    """What a leaf is; ids of captures are not always UUIDs, so that texts are only texts."""
    if isinstance(value, dict):
        return {key: kind(item) for key, item in value.items()}
    if isinstance(value, list):
        return [kind(value[0])] if value else []
    if isinstance(value, str):
        path = "path" if value.startswith("/") else "text"
        return "moment" if MOMENT.fullmatch(value) else path
    return "number" if type(value) in (int, float) else type(value).__name__


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def api(opened, time):
    api = opened(clock=time)
    behave(api, "31612345678", does=[{"say": SPOKEN}])
    return api


@pytest.fixture
def talk(api, time):
    """A call with a recording and its transcription, long over."""
    call = start(api, record(timeout=2, transcribe=True, transcribeLanguage="en-US"))
    time.at(100)
    return call


def same(answer, name, *, only_there=(), only_here=()):
    ours, captured = without(answer, *only_here), without(payload(name), *only_there)
    assert kind(ours) == kind(captured)


def test_calls(api, time):
    behave(api, "31612345678", outcome="no_answer")
    made = start(api)
    same(api.get(made).json(), "resp-call-create-python", only_here=["legs"])
    same(api.get(made).json(), "resp-call-update")
    time.at(50)
    same(api.get(made).json(), "resp-call-view", only_here=["legs"])
    listed = api.get("/calls").json()
    same(listed, "resp-call-list-no-answer")
    assert listed["data"][0]["status"] == "no_answer"


def test_legs(api, talk):
    listed = api.get(f"{talk}/legs").json()
    same(listed, "resp-leg-list")
    path = listed["data"][0]["_links"]["self"]
    same(api.get(path).json(), "resp-leg-view")


def test_recordings(api, talk):
    (recording,) = recordings(api, talk)
    path, _, _ = recording["_links"]["self"].rpartition("/")
    same(api.get(path).json(), "resp-recording-list-python-live")
    same(api.get(path).json(), "resp-recording-list-go")
    view = api.get(f"{path}/{recording['id']}").json()
    del view["data"][0]["_links"]
    # The live answer to a single GET carries a pagination of zeros, which the C# SDK stumbles over.
    same(view, "resp-recording-view-ruby-live", only_there=["pagination"])


def test_transcriptions(api, time, talk):
    (recording,) = recordings(api, talk)
    short, long = f"/recordings/{recording['id']}", recording["_links"]["self"]
    for path in (short, long):
        made = api.post(f"{path}/transcriptions").json()
        del made["data"][0]["_links"]
        same(made, "resp-transcription-create-python-live")
        same(api.get(f"{path}/transcriptions").json(), "resp-transcription-list-csharp")
        view = api.get(made["_links"]["self"]).json()
        same(view, "resp-transcription-view-csharp")
        assert view["data"][0]["legId"] == recording["legId"]


def test_webhooks(api):
    made = api.post("/webhooks", json=payload("request-webhook-create"))
    same(made.json(), "resp-webhook-create-csharp")
    path = made.json()["_links"]["self"]
    update = api.put(path, json=payload("request-webhook-update"))
    same(update.json(), "resp-webhook-update-csharp")
    listed = api.get("/webhooks").json()
    # The capture has no links in its items; every other list does, and the Ruby SDK needs them.
    assert listed["data"][0].pop("_links") == {"self": path}
    same(listed, "resp-webhook-list-csharp")
    for name in ("request-webhook-create-url-only", "request-webhook-create-titled"):
        answer = api.post("/webhooks", json=payload(name))
        assert answer.status_code == 201


def test_an_event_is_the_captured_one(api):
    from mbflow.emulator.call_record import FlowStart, StoredCall, stored_call_text
    from mbflow.emulator.call_timeline import timeline_of
    from mbflow.emulator.delivery_queue import next_event

    call = StoredCall(
        str(uuid.uuid4()), 1e9, 1.0, False, "3120", "3161", (FlowStart(0, {"steps": []}),)
    )
    timeline = timeline_of(stored_call_text(call))
    message = next_event(timeline, 3, {"url": "https://example.com/status"}, own=True).message
    event = json.loads(message.body)
    captured = payload("event-call-updated")
    event["timestamp"] = captured["timestamp"]
    assert kind(event) == kind(captured)
    assert event["items"][0]["event"] == "callUpdated"


CREATES = [
    "call-create-001-csharp",
    "call-create-002-csharp-titled",
    "call-create-003-php-hangup",
    "call-create-004-php-say",
    "call-create-006-python-titled",
    "call-create-007-node",
    "call-create-008-java-webhook",
    "call-create-010-ruby-string-flow",
    "call-create-011-amd",
    "call-create-012-curl",
    "call-create-014-dart",
]


@pytest.mark.parametrize("name", CREATES)
def test_every_sdks_call_is_made(api, time, name):
    content_type = {"Content-Type": "application/x-www-form-urlencoded"}
    body = payload(name)
    answer = api.post("/calls", json=body, headers=content_type if "curl" in name else None)
    assert answer.status_code == 201, answer.text
    (call,) = answer.json()["data"]
    assert (call["source"], call["destination"]) == (body["source"], body["destination"])
    assert call.keys() == {
        *("id", "status", "source", "destination", "createdAt", "updatedAt", "endedAt")
    }
    time.at(1000)
    assert api.get(f"/calls/{call['id']}").json()["data"][0]["status"] == "ended"


class TestDialects:
    """What only one SDK does (its source was read, or its requests were recorded)."""

    def test_go_asks_below_v1_and_for_a_page_too_many(self, api, time):
        flow = {
            "id": "",
            "title": "",
            "steps": [
                {"id": "", "action": "say", "options": {**say("Hi")["options"], "Repeat": 1}},
                record(
                    maxLength=10_000_000_000, transcribeLanguage="", onFinish="", finishOnKey=""
                ),
            ],
            "createdAt": "0001-01-01T00:00:00Z",
            "updatedAt": "0001-01-01T00:00:00Z",
        }
        body = {"source": "3120123456", "destination": "31612345678", "callflow": flow}
        answer = api.post("/v1/calls", json=body)
        assert answer.status_code == 201, answer.text
        call = answer.json()["data"][0]["id"]
        time.at(100)
        assert [one["id"] for one in items(api, "/v1/calls/?page=1")] == [call]
        for path in ("/v1/calls/?page=2", f"/v1/calls/{call}/legs?page=2", "/v1/webhooks/?page=2"):
            page = api.get(path)
            assert (page.status_code, page.json()["data"]) == (200, [])
        (leg,) = items(api, f"/v1/calls/{call}/legs")
        api.delete(f"/v1/calls/{call}")
        (recording,) = items(api, f"/v1/calls/{call}/legs/{leg['id']}/recordings")
        made = api.post(f"/v1{recording['_links']['self']}/transcriptions", json={})
        assert made.status_code == 201
        time.at(200)
        accept = {"Accept": "text/plain"}
        assert api.get(f"/v1{made.json()['_links']['file']}", headers=accept).text == SPOKEN
        audio = api.get(f"/v1{recording['_links']['file']}", headers={"Accept": "audio/*"})
        assert audio.content[:4] == b"RIFF"
        hook = {**payload("request-webhook-create"), "id": "", "createdAt": "0001-01-01T00:00:00Z"}
        assert api.post("/v1/webhooks/", json=hook).status_code == 201

    def test_php_transcribes_without_a_body(self, api, talk):
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        (recording,) = recordings(api, talk)
        path = recording["_links"]["self"]
        assert api.post(f"{path}/transcriptions", headers=headers).status_code == 201
        assert api.get(f"{path}.wav", headers=headers).content[:4] == b"RIFF"
        answer = api.delete(path, headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")

    def test_ruby_pages_with_perpage_and_currentpage(self, api):
        made = [start(api, pause(number)) for number in range(3)]
        page = api.get("/calls", params={"perPage": 2, "currentPage": 2}).json()
        assert [f"/calls/{call['id']}" for call in page["data"]] == [made[0]]
        legs_page = api.get(f"{made[0]}/legs", params={"perPage": 20, "currentPage": 1})
        assert legs_page.status_code == 200

    def test_java_asks_for_a_recording_by_asking_for_its_call(self, api, talk):
        (recording,) = recordings(api, talk)
        query = {"legs": recording["legId"], "recordings": recording["id"]}
        answer = api.get(talk, params=query, headers={"Content-Type": "text/plain"})
        assert answer.json()["data"][0]["status"] == "ended"

    def test_java_sends_a_bare_text_as_the_language(self, api, talk):
        (recording,) = recordings(api, talk)
        path = f"{recording['_links']['self']}/transcriptions"
        assert api.post(path, content=b'"nl-NL"').status_code == 201

    def test_csharp_begins_with_page_zero_and_has_capitals(self, api, talk):
        (recording,) = recordings(api, talk)
        body = payload("request-transcription-create-csharp")
        path = f"{recording['_links']['self']}/transcriptions"
        assert api.post(path, json=body).status_code == 201
        page = api.get("/calls", params={"limit": 20, "page": 0}).json()
        assert page["pagination"] == {
            "totalCount": 1,
            "pageCount": 1,
            "currentPage": 1,
            "perPage": 20,
        }

    def test_python_sends_a_body_with_delete_and_null_titles(self, api):
        made = api.post("/webhooks", json={"title": None, "url": "http://a/", "token": "t"})
        path = made.json()["_links"]["self"]
        assert api.put(path, json={"title": None, "token": "u"}).status_code == 200
        assert api.request("DELETE", path, json={}).status_code == 204

    def test_a_method_may_stand_in_the_query(self, api, time):
        call = start(api, pause(50))
        assert api.post(f"{call}?_method=DELETE").status_code == 204
        time.at(1)
        assert legs(api, call) == []
