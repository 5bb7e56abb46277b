"""The official Python SDK, unmodified, runs its voice methods against `mbflow emulate`."""

import json
import wave

import pytest

from .conftest import KEY, client
from .telephone import NOBODY, behave, legs
from .web_server import eventually

STEPS = [
    {"action": "say", "options": {"payload": "Hello", "language": "en-GB", "voice": "male"}},
    {"action": "transfer", "options": {"destination": "31612345678"}},
]


@pytest.fixture
def sdk(emulate, monkeypatch):
    """The SDK's module, pointed at an emulator that knows one key."""
    import messagebird.client

    _, url = emulate("--access-key", "live_key")
    monkeypatch.setattr(messagebird.client, "VOICE_API_ROOT", url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return messagebird.client


@pytest.fixture
def messagebird(sdk):
    return sdk.Client("live_key")


def test_a_flow_is_created_read_updated_listed_and_deleted(messagebird, sdk):
    made = messagebird.call_flow_create(STEPS, default=False, record=True, title="Welcome")
    assert (made.title, made.record, made.default) == ("Welcome", True, False)
    assert [step["action"] for step in made.steps] == ["say", "transfer"]
    assert made.createdAt == made.updatedAt

    read = messagebird.call_flow(made.id)
    assert (read.id, read.steps, read.createdAt) == (made.id, made.steps, made.createdAt)

    changed = messagebird.call_flow_update(made.id, STEPS[1:], default=True, record=False)
    assert (changed.id, changed.record, changed.default, changed.title) == (
        made.id,
        False,
        True,
        None,
    )
    assert len(changed.steps) == 1

    listed = messagebird.call_flow_list()
    assert [flow.id for flow in listed.data] == [made.id]
    assert listed.pagination == {
        "totalCount": 1,
        "pageCount": 1,
        "currentPage": 1,
        "perPage": 10,
    }

    assert messagebird.call_flow_delete(made.id) is None
    assert messagebird.call_flow_list().data == []


def test_lists_are_paged_with_limit_and_offset(messagebird):
    made = [messagebird.call_flow_create(STEPS, title=str(number)) for number in range(7)]
    pages = [messagebird.call_flow_list(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [[flow.title for flow in page.data] for page in pages] == [
        ["6", "5", "4"],
        ["3", "2", "1"],
        ["0"],
        [],
    ]
    assert pages[1].pagination["pageCount"] == 3
    assert {flow.id for page in pages for flow in page.data} == {flow.id for flow in made}


def test_numbers_are_added_and_listed(messagebird):
    flow = messagebird.call_flow_create(STEPS)
    added = messagebird.call_flow_numbers_add(flow.id, ("31611111111", "31611111112"))
    assert {number.number for number in added.data} == {"31611111111", "31611111112"}
    listed = messagebird.call_flow_numbers_list(flow.id)
    assert {number.callFlowId for number in listed.data} == {flow.id}
    assert listed.pagination["totalCount"] == 2


def test_refusals_arrive_as_the_sdks_own_error(messagebird, sdk):
    unknown = "00000000-0000-4000-8000-000000000000"
    for call, code in (
        (lambda: messagebird.call_flow(unknown), 13),
        (lambda: messagebird.call_flow_update(unknown, STEPS, False, False), 13),
        (lambda: messagebird.call_flow_delete(unknown), 13),
        (lambda: messagebird.call_flow_numbers_list(unknown), 13),
        (lambda: messagebird.call_flow_create([{"action": "dance"}]), 11),
        (lambda: sdk.Client("wrong_key").call_flow_list(), 2),
    ):
        with pytest.raises(sdk.ErrorException) as caught:
            call()
        assert [error.code for error in caught.value.errors] == [code]


SPOKEN = "I would like to order a pizza"
MESSAGE = {
    "steps": [
        {
            "action": "record",
            "options": {"timeout": 2, "transcribe": True, "transcribeLanguage": "en-US"},
        },
        {"action": "hangup"},
    ]
}
WEBHOOK = {"url": "http://127.0.0.1:1/", "token": "a token"}


@pytest.fixture
def talk(emulate, monkeypatch, tmp_path):
    """The SDK, at an emulator where somebody leaves a message and a call takes a moment."""
    import messagebird.client

    _, url = emulate("--time-factor", "100", "--access-key", KEY)
    monkeypatch.setattr(messagebird.client, "VOICE_API_ROOT", url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    with client(url) as api:
        behave(api, "31612345678", does=[{"say": SPOKEN}])
        yield messagebird.client.Client(KEY), api


def ended(sdk, call):
    return eventually(lambda: (read := sdk.call(call.id).data).status == "ended" and read)


def recorded(sdk, api):
    """The ids of a call, its leg and its finished recording."""
    call = sdk.call_create("31201234567", "31612345678", MESSAGE, WEBHOOK).data
    ended(sdk, call)
    (leg,) = legs(api, f"/calls/{call.id}")
    (recording,) = sdk.voice_recording_list_recordings(call.id, leg["id"]).data
    return call.id, leg["id"], recording.id


def test_a_call_is_made_read_listed_and_hung_up(talk):
    sdk, _ = talk
    made = sdk.call_create("31201234567", "31612345678", MESSAGE, WEBHOOK).data
    assert (made.status, made.source, made.destination) == ("queued", "31201234567", "31612345678")
    read = ended(sdk, made)
    assert (read.id, read.createdAt) == (made.id, made.createdAt)
    assert read.endedAt >= read.createdAt
    long = {"steps": [{"action": "pause", "options": {"length": 3600}}]}
    running = sdk.call_create("31201234567", "31612345678", long, WEBHOOK).data
    assert sdk.call_delete(running.id) is None
    assert sdk.call(running.id).data.status == "ended"


def test_calls_are_paged_over_more_than_two_pages(talk):
    sdk, _ = talk
    made = [
        sdk.call_create("31201234567", "31612345678", MESSAGE, WEBHOOK).data.id for _ in range(23)
    ]
    pages = [sdk.call_list(page=number) for number in (1, 2, 3, 4)]
    assert [call.id for page in pages for call in page.data] == made[::-1]
    assert [len(page.data) for page in pages] == [10, 10, 3, 0]
    assert [(page.totalCount, page.pageCount, page.perPage) for page in pages] == [(23, 3, 10)] * 4


def test_a_recording_is_listed_viewed_downloaded_and_deleted(talk, tmp_path):
    sdk, api = talk
    call, leg, name = recorded(sdk, api)
    recording = sdk.voice_recording_view(call, leg, name)
    assert (recording.type, recording.status, recording.format) == ("ivr", "done", "wav")
    assert (recording.legId, recording.duration) == (leg, 4)
    sdk.voice_recording_download(call, leg, name)
    with wave.open(str(tmp_path / f"{name}.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        assert recording.duration - 1 < file.getnframes() / 8000 <= recording.duration
    sdk.voice_recording_delete(call, leg, name)
    assert sdk.voice_recording_list_recordings(call, leg).data == []


def test_a_transcription_is_made_listed_viewed_and_downloaded(talk):
    sdk, api = talk
    ids = recorded(sdk, api)
    made = sdk.voice_transcription_create(*ids, "pt-Br").data[0]
    assert (made.recordingId, made.status) == (ids[2], "created")
    listed = sdk.voice_transcription_list(*ids)
    assert {entry.id for entry in listed.data} > {made.id}
    assert listed.pagination["totalCount"] == 2

    def done():
        return sdk.voice_transcription_view(*ids, made.id).data[0].status == "done"

    eventually(done)
    # The SDK reads every text as JSON, so it can only hand over a text that is no JSON like this.
    with pytest.raises(json.JSONDecodeError) as caught:
        sdk.voice_transcription_download(*ids, f"{made.id}.txt")
    assert caught.value.doc == SPOKEN


def test_webhooks_are_made_read_changed_listed_and_deleted(talk):
    from messagebird.voice_webhook import VoiceCreateWebhookRequest, VoiceUpdateWebhookRequest

    sdk, _ = talk
    made = [
        sdk.voice_create_webhook(
            VoiceCreateWebhookRequest(url=f"https://{number}.example/", title="x", token="t")
        )
        for number in range(5)
    ]
    changed = sdk.voice_update_webhook(made[0].id, VoiceUpdateWebhookRequest("title", "new"))
    assert (changed.url, changed.token) == ("https://0.example/", "new")
    assert sdk.voice_read_webhook(made[0].id).token == "new"
    pages = [sdk.voice_list_webhooks(limit=2, offset=offset).data for offset in (0, 2, 4)]
    assert [hook.id for page in pages for hook in page] == [hook.id for hook in made[::-1]]
    sdk.voice_delete_webhook(made[0].id)
    assert len(sdk.voice_list_webhooks().data) == 4


def test_unknown_ids_and_a_wrong_key_are_the_sdks_error(talk):
    import messagebird.client as sdk

    client_, _ = talk
    wrong = sdk.Client("wrong_key")
    for call, code in (
        (lambda: client_.call(NOBODY), 13),
        (lambda: client_.voice_recording_list_recordings(NOBODY, NOBODY), 13),
        (lambda: client_.voice_recording_view(NOBODY, NOBODY, NOBODY), 13),
        (lambda: client_.voice_recording_download(NOBODY, NOBODY, NOBODY), 13),
        (lambda: client_.voice_recording_delete(NOBODY, NOBODY, NOBODY), 13),
        (lambda: client_.voice_transcription_create(NOBODY, NOBODY, NOBODY, "en-US"), 13),
        (lambda: client_.call_delete(NOBODY), 13),
        (lambda: client_.voice_read_webhook(NOBODY), 13),
        (lambda: client_.voice_delete_webhook(NOBODY), 13),
        (lambda: client_.call_create("31201234567", "31612345678", {}, None), 10),
        (lambda: wrong.call_list(), 2),
    ):
        with pytest.raises(sdk.ErrorException) as caught:
            call()
        assert [error.code for error in caught.value.errors] == [code]
