"""Calls, legs, recordings, transcriptions and webhooks: payloads that were really seen."""

import json
from pathlib import Path

import pytest

from mbflow.api import calls, legs, recordings, transcriptions, webhooks
from mbflow.api.errors import ApiError, OutcomeUnknown, Rejected, Unreadable
from mbflow.api.recordings import RecordingId
from mbflow.api.resource import address, read_list, read_one
from mbflow.api.transcriptions import TranscriptionId
from mbflow.cli.verbs.webhooks import webhook_text, webhooks_table
from mbflow.model.errors import Error, PartialError
from mbflow.model.text import Command
from mbflow.views.calls import (
    call_text,
    calls_table,
    leg_text,
    legs_table,
    recording_text,
    recordings_table,
    transcription_text,
    transcriptions_table,
)

from .service import Reply, refused

FIXTURES = Path(__file__).parent / "fixtures"
VIEWS = {
    "call": (call_text, calls_table),
    "leg": (leg_text, legs_table),
    "recording": (recording_text, recordings_table),
    "transcription": (transcription_text, transcriptions_table),
    "webhook": (webhook_text, webhooks_table),
}
FLOW = {"steps": [{"action": "hangup"}]}
LONG = RecordingId("r", "c", "l")


def payload(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def fixtures(*kinds):
    return sorted(
        path.stem for path in FIXTURES.glob("resp-*.json") if path.stem.split("-")[2] in kinds
    )


@pytest.mark.parametrize("name", fixtures("create", "view", "update", "tutorial"))
def test_every_object_that_was_seen_is_read_and_shown(run, name):
    _, client = run(lambda asked: Reply(body=payload(name)))
    found = read_one(client, "/x/1")
    item = payload(name)["data"][0]
    assert {name: value for name, value in found.items() if name != "_links"} == {
        name: value for name, value in item.items() if name != "_links"
    }
    noun = name.split("-")[1]
    text = VIEWS[noun][0](found)
    assert text.startswith(f"{noun.capitalize()} {item['id']}\n")
    assert ("(hidden)" in text) is ("token" in json.dumps(item))
    assert not {"foobar", "token_to_sign_the_call_events_with"} & set(
        text.replace('"', " ").split()
    )


@pytest.mark.parametrize("name", [name for name in fixtures("list") if "list-go" not in name])
def test_every_list_that_was_seen_is_read_and_shown(run, name):
    _, client = run(lambda asked: Reply(body=payload(name)))
    listing = read_list(client, "/x", "things")
    assert list(listing.items) == payload(name)["data"]
    assert listing.total == len(listing.items)
    noun = name.split("-")[1]
    text = VIEWS[noun][1](listing.items, 80)
    assert [line.split()[0] for line in text.splitlines()] == [
        "ID",
        *(item["id"] for item in listing.items),
    ]
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_list_that_names_one_recording_twice_is_no_list(run):
    """The Go SDK's sample does, with a total of two."""
    _, client = run(lambda asked: Reply(body=payload("resp-recording-list-go")))
    with pytest.raises(Unreadable, match=r"list of recordings .* repeat each other"):
        recordings.list_recordings(client, "callid", "legid")


def test_links_beside_an_object_come_along(run):
    _, client = run(lambda asked: Reply(body=payload("resp-recording-view-python-live")))
    found = recordings.get_recording(client, RecordingId("r"))
    assert found["_links"]["file"].endswith("/recordings/12345678-9012-3456-7890-3161234567812.wav")


def test_what_the_api_does_not_know_is_none(run):
    service, client = run(lambda asked: refused(404, "No call found for ID `c`."))
    assert calls.get_call(client, "c") is None
    assert calls.get_call_with_legs(client, "c") is None
    assert legs.get_leg(client, "c", "l") is None
    assert recordings.get_recording(client, LONG) is None
    assert transcriptions.get_transcription(client, TranscriptionId("t")) is None
    assert webhooks.get_webhook(client, "w") is None
    assert {asked.method for asked in service.asked} == {"GET"}


def test_both_shapes_of_errors_are_told(run):
    _, client = run(lambda asked: Reply(400, payload("error-go-two")))
    with pytest.raises(Rejected) as failure:
        webhooks.create_webhook(client, "https://example.com")
    assert failure.value.message == "some-error (code 11) other-error (code 15)"
    _, client = run(lambda asked: Reply(400, {"errors": [{"code": 9, "description": "no url"}]}))
    with pytest.raises(Rejected) as failure:
        webhooks.create_webhook(client, "https://example.com")
    assert failure.value.message == "no url (code 9)"


# Addresses and bodies -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "method", "path"),
    [
        (lambda c: calls.get_call(c, "c"), "GET", "/calls/c"),
        (lambda c: legs.get_leg(c, "c", "l"), "GET", "/calls/c/legs/l"),
        (lambda c: recordings.get_recording(c, RecordingId("r")), "GET", "/recordings/r"),
        (lambda c: recordings.get_recording(c, LONG), "GET", "/calls/c/legs/l/recordings/r"),
        (
            lambda c: transcriptions.create_transcription(c, RecordingId("r"), None),
            "POST",
            "/recordings/r/transcriptions",
        ),
        (
            lambda c: transcriptions.create_transcription(c, LONG, "nl-NL"),
            "POST",
            "/calls/c/legs/l/recordings/r/transcriptions",
        ),
        (
            lambda c: transcriptions.get_transcription(c, TranscriptionId("t")),
            "GET",
            "/transcriptions/t",
        ),
        (
            lambda c: transcriptions.get_transcription(c, TranscriptionId("t", LONG)),
            "GET",
            "/calls/c/legs/l/recordings/r/transcriptions/t",
        ),
        (
            lambda c: transcriptions.read_transcription(c, TranscriptionId("t", LONG)),
            "GET",
            "/calls/c/legs/l/recordings/r/transcriptions/t.txt",
        ),
        (lambda c: webhooks.get_webhook(c, "w"), "GET", "/webhooks/w"),
        (lambda c: webhooks.create_webhook(c, "https://e.x"), "POST", "/webhooks"),
        (lambda c: webhooks.update_webhook(c, "w", "https://e.x", "t"), "PUT", "/webhooks/w"),
        (lambda c: webhooks.delete_webhook(c, "w"), "DELETE", "/webhooks/w"),
        (lambda c: calls.update_call(c, "c", FLOW), "PUT", "/calls/c"),
        (lambda c: calls.add_party(c, "c", "31612345678"), "POST", "/calls/c/31612345678"),
        (lambda c: legs.hang_up_leg(c, "l"), "DELETE", "/legs/l"),
        (lambda c: legs.hold_leg(c, "l"), "POST", "/legs/l/hold"),
        (lambda c: legs.unhold_leg(c, "l"), "POST", "/legs/l/unhold"),
    ],
)
def test_addresses(run, act, method, path):
    service, client = run(lambda asked: Reply(body={"data": [{"id": "x"}]}))
    act(client)
    assert [(asked.method, asked.path) for asked in service.asked] == [(method, path)]


@pytest.mark.parametrize(
    ("act", "body"),
    [
        (lambda c: transcriptions.create_transcription(c, LONG, None), {}),
        (lambda c: transcriptions.create_transcription(c, LONG, "nl-NL"), {"language": "nl-NL"}),
        (lambda c: webhooks.create_webhook(c, "https://e.x"), {"url": "https://e.x"}),
        (
            lambda c: webhooks.update_webhook(c, "w", "https://e.x", ""),
            {"url": "https://e.x", "token": ""},
        ),
        (
            lambda c: calls.start_call(c, FLOW, source="31201234567", destination="sip:a@b.c"),
            {"source": "31201234567", "destination": "sip:a@b.c", "callFlow": FLOW},
        ),
        (
            lambda c: calls.start_call(
                c,
                FLOW,
                source="31201234567",
                destination="31612345678",
                webhook=webhooks.webhook_body("https://e.x"),
            ),
            {
                "source": "31201234567",
                "destination": "31612345678",
                "callFlow": FLOW,
                "webhook": {"url": "https://e.x"},
            },
        ),
        (lambda c: calls.update_call(c, "c", FLOW), {"callFlow": FLOW}),
    ],
)
def test_bodies(run, act, body):
    service, client = run(lambda asked: Reply(201, {"data": [{"id": "x"}]}))
    act(client)
    assert [asked.json for asked in service.asked] == [body]


@pytest.mark.parametrize("act", [legs.hold_leg, legs.unhold_leg])
def test_a_deed_that_is_answered_with_nothing_is_done(run, act):
    service, client = run(lambda asked: Reply(204, None))
    assert act(client, "l") is None
    assert [asked.body for asked in service.asked] == [b""]


@pytest.mark.parametrize("name", ["a/b", "../x", "a?page=1", "a b", "%2e", "é"])
def test_an_id_stays_one_segment_of_the_path(run, name):
    service, client = run(lambda asked: refused(404, "none"))
    assert recordings.get_recording(client, RecordingId(name)) is None
    assert service.asked[0].path.count("/") == 2
    assert service.asked[0].query == {}


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_an_id_that_is_another_address_is_never_sent(name):
    with pytest.raises(Error, match="is not an id"):
        address("calls", name, "legs")


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("/calls/c/legs/l/recordings/r", "/calls/c/legs/l/recordings/r"),
        ("/recordings/r", "/recordings/r"),
        ("/calls/c/legs/l/recordings/other", "/recordings/r"),
        ("/calls/../legs/l/recordings/r/x", "/recordings/r"),
        ("https://elsewhere/recordings/r", "/recordings/r"),
        (7, "/recordings/r"),
    ],
)
def test_a_recording_is_deleted_at_the_long_address(run, link, path):
    service, client = run(lambda asked: Reply(204, None))
    recordings.delete_recording(client, RecordingId("r"), {"id": "r", "_links": {"self": link}})
    assert [(asked.method, asked.path) for asked in service.asked] == [("DELETE", path)]


def test_recordings_of_a_call_are_those_of_all_its_legs(run):
    of = {
        "/calls/c/legs": ["l1", "l2"],
        "/calls/c/legs/l1/recordings": ["a", "b"],
        "/calls/c/legs/l2/recordings": ["d"],
    }

    def answer(asked):
        return Reply(body={"data": [{"id": name} for name in of[asked.path]]})

    _, client = run(answer)
    listing = recordings.list_recordings_of_call(client, "c")
    assert ([item["id"] for item in listing.items], listing.total) == (["a", "b", "d"], 3)
    listing = recordings.list_recordings_of_call(client, "c", 1)
    assert ([item["id"] for item in listing.items], listing.total) == (["a"], 3)


# Writes that are unclear ----------------------------------------------------------------------


def test_a_call_that_may_ring_is_never_started_twice(run):
    service, client = run(lambda asked: Reply(act="reset"))
    with pytest.raises(OutcomeUnknown) as failure:
        calls.start_call(client, FLOW, source="31201234567", destination="31612345678")
    assert failure.value.exit_code == 4
    assert failure.value.details[-2:] == (
        "The phone may be ringing. Look before you try again:",
        Command("mbflow", "calls", "list", "--limit", "5"),
    )
    assert len(service.asked) == 1


def call(status, **more):
    return Reply(body={"data": [{"id": "c", "status": status, **more}]})


def test_a_hangup_waits_for_the_end(run, clock):
    states = iter(["ongoing", "ongoing"])
    service, client = run(
        lambda asked: (
            Reply(204, None)
            if asked.method == "DELETE"
            else call(next(states, "ended"), endedAt=None)
        )
    )
    assert calls.hang_up(client, "c")["status"] == "ended"
    assert service.count("DELETE") == 1
    assert clock.sleeps == list(calls.PAUSES_AFTER_HANGUP[1:3])


def test_a_hangup_that_does_not_show_is_told(run, clock):
    _, client = run(lambda asked: Reply(204, None) if asked.method == "DELETE" else call("ongoing"))
    with pytest.raises(PartialError, match="still shows the call as ongoing"):
        calls.hang_up(client, "c")
    assert clock.sleeps == list(calls.PAUSES_AFTER_HANGUP[1:])


def test_an_unclear_hangup_is_settled_by_looking(run):
    service, client = run(
        lambda asked: Reply(act="reset") if asked.method == "DELETE" else call("ended")
    )
    assert calls.hang_up(client, "c")["status"] == "ended"
    assert service.count("DELETE") == 1


def test_an_unclear_hangup_of_a_call_that_goes_on_stays_unclear(run):
    _, client = run(
        lambda asked: Reply(act="reset") if asked.method == "DELETE" else call("ongoing")
    )
    with pytest.raises(OutcomeUnknown, match="Whether DELETE /calls/c was done is not known"):
        calls.hang_up(client, "c")


def test_a_call_that_vanishes_with_the_hangup_is_over(run):
    _, client = run(
        lambda asked: Reply(204, None) if asked.method == "DELETE" else refused(404, "none")
    )
    assert calls.hang_up(client, "c") is None


# Watching -------------------------------------------------------------------------------------


def scripted(states):
    """Each read of the call gives the next state; its leg is `ringing`, then `hangup`."""
    states = iter(states)
    now = []

    def answer(asked):
        if asked.path.endswith("/legs"):
            status = "hangup" if now[-1] in calls.OVER else "ringing"
            return Reply(body={"data": [{"id": "l", "status": status}]})
        now.append(next(states))
        return call(now[-1]) if now[-1] else refused(404, "gone")

    return answer


def test_a_call_is_watched_until_it_is_over(run, clock):
    _, client = run(scripted(["queued", "queued", "queued", "ongoing", "ongoing", "ended"]))
    seen = list(calls.watch(client, "c"))
    assert [one.call["status"] for one in seen] == ["queued", "ongoing", "ended"]
    assert [leg["status"] for one in seen for leg in one.legs] == ["ringing", "ringing", "hangup"]
    assert clock.sleeps == [0.5, 0.75, 1.125, 0.5, 0.75]


def test_waits_grow_to_five_seconds(run, clock):
    _, client = run(scripted(["ongoing"] * 12 + ["failed"]))
    list(calls.watch(client, "c"))
    assert max(clock.sleeps) == calls.LONGEST_PAUSE == clock.sleeps[-1]


def test_a_watched_call_that_vanishes_is_an_error(run):
    _, client = run(scripted(["ongoing", None]))
    with pytest.raises(ApiError, match="does not know the call c any more"):
        list(calls.watch(client, "c"))


@pytest.mark.parametrize("status", ["ended", "busy", "no_answer", "failed"])
def test_states_of_a_call_that_is_over(status):
    assert calls.is_over({"status": status})
    assert calls.is_over({"status": "a state of tomorrow", "endedAt": "2020-02-13T20:11:00Z"})
    assert not calls.is_over({"status": "a state of tomorrow", "endedAt": None})
    assert not any(calls.is_over({"status": running}) for running in ("queued", "ongoing", None))
