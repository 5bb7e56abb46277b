"""Calls, recordings, transcriptions and webhooks against the emulator, in process and on a socket.

Time passes only while the client waits, for the emulator too.
"""

import io
import wave

import pytest

from mbflow.api import calls, legs, recordings, transcriptions, webhooks
from mbflow.api.errors import OutcomeUnknown, Rejected
from mbflow.api.recordings import RecordingId
from mbflow.api.transcriptions import TranscriptionId
from mbflow.model.text import Command

FLOW = {
    "title": "Message",
    "steps": [
        {
            "action": "say",
            "options": {"payload": "Please speak now.", "language": "en-GB", "voice": "male"},
        },
        {"action": "record", "options": {"maxLength": 5}},
        {"action": "hangup"},
    ],
}
LONG_PAUSE = {"steps": [{"action": "pause", "options": {"length": 3600}}]}


def start(client, flow=FLOW):
    return calls.start_call(client, flow, source="31201234567", destination="31612345678")


def finished(client):
    """The last sight of a call that ran through the flow."""
    call = start(client)
    *_, last = calls.watch(client, str(call["id"]))
    return last


@pytest.fixture
def line(opened, clock):
    client, emulator = opened(clock=clock)
    return client, emulator


def test_a_call_is_watched_from_its_start_to_its_end(line):
    client, _ = line
    call = start(client)
    assert (call["status"], call["source"], call["destination"]) == (
        "queued",
        "31201234567",
        "31612345678",
    )
    seen = list(calls.watch(client, str(call["id"])))
    statuses = [one.call["status"] for one in seen]
    assert statuses[0] == "queued" and statuses[-1] == "ended"
    assert "ongoing" in statuses
    last = seen[-1]
    assert [leg["status"] for leg in last.legs] == ["hangup"]
    assert (
        legs.get_leg(client, str(call["id"]), str(last.legs[0]["id"]))["id"] == (last.legs[0]["id"])
    )
    assert [one["id"] for one in calls.list_calls(client).items] == [call["id"]]


def test_a_call_is_hung_up(line):
    client, _ = line
    call = start(client, LONG_PAUSE)
    client.wait(10)
    assert calls.get_call(client, str(call["id"]))["status"] == "ongoing"
    over = calls.hang_up(client, str(call["id"]))
    assert over is not None and calls.is_over(over)


def test_a_running_call_goes_on_with_another_flow(line):
    client, _ = line
    call = str(start(client, LONG_PAUSE)["id"])
    client.wait(10)
    assert calls.update_call(client, call, {"steps": [{"action": "hangup"}]})["id"] == call
    *_, last = calls.watch(client, call)
    assert last.call["status"] == "ended"
    with pytest.raises(Rejected) as failure:
        calls.update_call(client, call, FLOW)
    assert failure.value.status == 422


def test_a_party_is_called_in_held_and_hung_up(line):
    client, _ = line
    call = str(start(client, LONG_PAUSE)["id"])
    with pytest.raises(Rejected) as failure:
        calls.add_party(client, call, "31687654321")
    assert failure.value.status == 422
    client.wait(10)
    made = calls.add_party(client, call, "sip:desk@example.com")
    assert made["destination"] == "sip:desk@example.com"
    client.wait(10)
    leg = str(made["id"])
    assert legs.hold_leg(client, leg)["id"] == leg
    assert legs.unhold_leg(client, leg)["id"] == leg
    legs.hang_up_leg(client, leg)
    assert legs.get_leg(client, call, leg)["status"] == "hangup"
    assert calls.get_call(client, call)["status"] == "ongoing"
    with pytest.raises(Rejected) as failure:
        legs.hold_leg(client, leg)
    assert failure.value.status == 422


@pytest.mark.parametrize("deed", [legs.hang_up_leg, legs.hold_leg, legs.unhold_leg])
def test_a_leg_that_nobody_knows(line, deed):
    client, _ = line
    with pytest.raises(Rejected) as failure:
        deed(client, "nobody")
    assert failure.value.status == 404


def test_a_recording_from_the_call_to_its_deletion(line, tmp_path):
    client, _ = line
    last = finished(client)
    call, leg = str(last.call["id"]), str(last.legs[0]["id"])
    listing = recordings.list_recordings_of_call(client, call)
    assert recordings.list_recordings(client, call, leg).items == listing.items
    name = str(listing.items[0]["id"])
    for recording in (RecordingId(name), RecordingId(name, call, leg)):
        found = recordings.get_recording(client, recording)
        assert (found["id"], found["status"], found["format"]) == (name, "done", "wav")
        target = tmp_path / f"{len(recording.path)}.wav"
        recordings.download_recording(client, recording, target, force=False)
        with wave.open(io.BytesIO(target.read_bytes())) as sound:
            assert round(sound.getnframes() / sound.getframerate()) == found["duration"]
    recordings.delete_recording(client, RecordingId(name), found)
    assert recordings.get_recording(client, RecordingId(name)) is None


def test_a_transcription_becomes_done(line):
    client, _ = line
    call = str(finished(client).call["id"])
    recording = RecordingId(str(recordings.list_recordings_of_call(client, call).items[0]["id"]))
    made = transcriptions.create_transcription(client, recording, "en-US")
    assert made["status"] == "created"
    wanted = TranscriptionId(str(made["id"]))
    assert transcriptions.get_transcription(client, wanted)["recordingId"] == recording.id
    client.wait(60)
    assert transcriptions.get_transcription(client, wanted)["status"] == "done"
    assert isinstance(transcriptions.read_transcription(client, wanted), str)
    listing = transcriptions.list_transcriptions(client, recording)
    assert [one["id"] for one in listing.items] == [made["id"]]


def test_the_life_of_a_webhook(line):
    client, _ = line
    made = webhooks.create_webhook(client, "http://127.0.0.1:9/calls", "sesame")
    name = str(made["id"])
    assert webhooks.get_webhook(client, name)["url"] == "http://127.0.0.1:9/calls"
    changed = webhooks.update_webhook(client, name, "http://127.0.0.1:9/other", "sesame")
    assert (changed["id"], changed["url"]) == (name, "http://127.0.0.1:9/other")
    assert [one["id"] for one in webhooks.list_webhooks(client).items] == [name]
    webhooks.delete_webhook(client, name)
    assert webhooks.get_webhook(client, name) is None


def test_refusals(line):
    client, _ = line
    with pytest.raises(Rejected) as failure:
        start(client, {"steps": [{"action": "dance"}]})
    assert failure.value.status == 422
    with pytest.raises(Rejected) as failure:
        legs.list_legs(client, "nobody")
    assert (failure.value.status, failure.value.code) == (404, 13)
    with pytest.raises(Rejected) as failure:
        webhooks.create_webhook(client, "nowhere")
    assert failure.value.status == 422
    assert calls.get_call(client, "nobody") is None


@pytest.mark.parametrize("quirk", ["per-page-cap", "per-page-ignored", "empty-list-null"])
def test_lists_of_calls_under_quirks(opened, clock, quirk):
    client, _ = opened(clock=clock, quirks=[quirk])
    assert calls.list_calls(client).items == []
    made = [str(start(client)["id"]) for _ in range(23)]
    listing = calls.list_calls(client)
    assert [one["id"] for one in listing.items] == made[::-1]
    assert listing.total == 23
    assert len(calls.list_calls(client, 12).items) == 12


@pytest.mark.parametrize("fault", ["reset", "500", "truncated", "429=3"])
def test_a_download_outlives_passing_faults(opened, clock, tmp_path, fault):
    client, _ = opened(clock=clock, faults=[f"GET *.wav {fault} nth=1", f"GET *.wav {fault} nth=2"])
    call = str(finished(client).call["id"])
    found = recordings.list_recordings_of_call(client, call).items[0]
    target = tmp_path / "sound.wav"
    recordings.download_recording(
        client,
        RecordingId(str(found["id"])),
        target,
        force=False,
    )
    with wave.open(str(target)) as sound:
        assert round(sound.getnframes() / sound.getframerate()) == found["duration"]


@pytest.mark.parametrize("fault", ["reset after", "500 after", "html"])
def test_a_call_whose_start_is_unclear_is_started_once(opened, clock, fault):
    client, _ = opened(clock=clock, faults=[f"POST /calls {fault}"])
    with pytest.raises(OutcomeUnknown):
        start(client)
    assert len(calls.list_calls(client).items) == fault.endswith("after")


@pytest.mark.parametrize("fault", ["reset after", "500 after"])
def test_a_party_whose_calling_is_unclear_is_called_once(opened, clock, fault):
    client, _ = opened(clock=clock, faults=[f"POST /calls/* {fault}"])
    call = str(start(client, LONG_PAUSE)["id"])
    client.wait(10)
    with pytest.raises(OutcomeUnknown) as failure:
        calls.add_party(client, call, "31687654321")
    assert failure.value.details[-1] == Command("mbflow", "legs", "list", call)
    assert len(legs.list_legs(client, call).items) == 2


@pytest.mark.parametrize("fault", ["reset", "reset after", "503 after"])
def test_a_hangup_in_trouble_is_settled_by_looking(opened, clock, fault):
    client, _ = opened(clock=clock, faults=[f"DELETE /calls/* {fault} nth=1"])
    call = str(start(client, LONG_PAUSE)["id"])
    client.wait(10)
    if fault.endswith("after"):
        assert calls.is_over(calls.hang_up(client, call))
    else:
        with pytest.raises(OutcomeUnknown):
            calls.hang_up(client, call)
        assert not calls.is_over(calls.get_call(client, call))
