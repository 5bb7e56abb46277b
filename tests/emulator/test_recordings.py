"""Recordings and transcriptions: when they exist, what they sound like, what was said."""

import io
import struct
import wave

import pytest
from espeak import Espeak

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

SPOKEN = "yes I am very happy"
MESSAGE = record(timeout=2, transcribe=True, transcribeLanguage="en-US")


@pytest.fixture
def time():
    return Time()


@pytest.fixture(autouse=True)
def nobody_speaks(tmp_path, monkeypatch):
    """Without espeak-ng; the tests of speech put a program on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


@pytest.fixture
def api(opened, time):
    return opened(clock=time)


@pytest.fixture
def message(api, time):
    """The path of a finished recording of somebody who spoke, and its object."""
    behave(api, "31612345678", does=[{"say": SPOKEN}])
    call = start(api, say("Speak"), MESSAGE, HANGUP)
    time.at(60)
    (recording,) = recordings(api, call)
    return recording["_links"]["self"], recording


def frames(content):
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        return file.readframes(file.getnframes())


def test_a_recording_is_initialised_recording_done(api, time):
    call = start(api, MESSAGE)
    assert legs(api, call) == []
    seen = []
    for moment in (1.3, 2.0, 3.0, 3.3):
        time.at(moment)
        (recording,) = recordings(api, call)
        seen.append((recording["status"], recording["duration"]))
    assert seen == [("initialised", 0), ("recording", 1), ("recording", 2), ("done", 2)]
    leg = legs(api, call)[0]["id"]
    link = f"{call}/legs/{leg}/recordings/{recording['id']}"
    assert recording == {
        "id": recording["id"],
        "format": "wav",
        "legId": leg,
        "status": "done",
        "duration": 2,
        "type": "ivr",
        "createdAt": "2001-09-09T01:46:41Z",
        "updatedAt": "2001-09-09T01:46:43Z",
        "deletedAt": None,
        "_links": {"self": link, "file": f"{link}.wav"},
    }


def test_a_recording_that_has_not_begun_has_no_duration(api, time):
    call = start(api, record(timeout=2, transcribe=True, transcribeLanguage="en-US"))
    time.at(1.4)
    (listed,) = recordings(api, call)
    leg = legs(api, call)[0]
    paths = [f"/recordings/{listed['id']}", f"{call}/legs/{leg['id']}/recordings/{listed['id']}"]
    for recording in (listed, *(one(api, path) for path in paths)):
        assert (recording["status"], recording["duration"]) == ("initialised", 0)
    for path in paths:
        assert api.get(f"{path}.wav").status_code == 404
        assert items(api, f"{path}/transcriptions") == []
        assert api.post(f"{path}/transcriptions").status_code == 422


def test_both_paths_lead_to_it_with_links_of_their_own_form(api, message):
    long, recording = message
    short = f"/recordings/{recording['id']}"
    for path in (long, short):
        links = {"self": path, "file": f"{path}.wav"}
        answer = api.get(path).json()
        assert answer["_links"] == links
        assert answer["data"] == [{**recording, "_links": links}]
        assert answer.keys() == {"data", "_links"}


def test_the_types_of_recordings_and_their_legs(api, time):
    behave(api, "31699999999", talks="7s")
    steps = [MESSAGE, transfer("31699999999", record="both")]
    call = start(api, *steps, flow={"record": True})
    time.at(60)
    first, second = recordings(api, call, 0), recordings(api, call, 1)
    assert [entry["type"] for entry in first] == ["call", "ivr"]
    assert [(entry["type"], entry["duration"]) for entry in second] == [("transfer", 7)] * 2
    assert {entry["legId"] for entry in second} == {legs(api, call)[1]["id"]}


def test_the_file_is_a_wave_of_the_right_length(api, message):
    path, recording = message
    answer = api.get(f"{path}.wav", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "audio/wav"
    name = f"{recording['id']}.wav"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    sound = frames(answer.content)
    # 1.3 s of speech, 2 s of silence.
    assert len(sound) == 2 * 8 * 3300
    assert recording["duration"] == 4
    assert max(struct.unpack("<10400h", sound[:20800])) > 5000
    assert not any(sound[20800:])
    assert api.get(f"/recordings/{name}").content == answer.content
    head = api.head(f"{path}.wav")
    assert head.headers["Content-Length"] == str(len(answer.content))
    assert head.content == b""


def test_what_was_said_is_spoken_where_espeak_is(api, message, tmp_path, monkeypatch):
    """The file has the same length, and its parts are those of the whole."""
    path, _ = message
    hum = api.get(f"{path}.wav").content
    espeak = Espeak(tmp_path, monkeypatch)
    head = api.head(f"{path}.wav")
    assert (head.headers["Content-Length"], espeak.runs()) == (str(len(hum)), [])
    spoken = api.get(f"{path}.wav").content
    assert espeak.said()[0] == ("en-us+m3", SPOKEN)
    assert (len(spoken), spoken[:44]) == (len(hum), hum[:44])
    assert spoken[44:20844] != hum[44:20844]
    assert any(spoken[44:20844])
    assert not any(spoken[20844:])
    for begin, stop in ((0, 44), (40, 51), (20000, 21001), (52837, 52844)):
        part = api.get(f"{path}.wav", headers={"Range": f"bytes={begin}-{stop - 1}"})
        assert (part.status_code, part.content) == (206, spoken[begin:stop])


def test_both_sides_of_a_call_speak_in_two_voices(api, time, tmp_path, monkeypatch):
    espeak = Espeak(tmp_path, monkeypatch)
    behave(api, "31612345678", does=[{"say": SPOKEN}, {"hang_up": True}])
    asked = say("Zegt u het maar")
    asked["options"] |= {"language": "nl-NL", "voice": "male"}
    call = start(api, asked, record(timeout=1), flow={"record": True})
    time.at(60)
    whole, message = (recordings(api, call)[number]["_links"]["file"] for number in (0, 1))
    api.get(message)
    assert {*espeak.said()} == {("nl+f3", SPOKEN)}
    api.get(whole)
    assert {*espeak.said()} == {("nl+m3", "Zegt u het maar"), ("nl+f3", SPOKEN)}


@pytest.mark.parametrize("before", ["sys.exit(1)", "sys.exit()", "print('no sound'); sys.exit()"])
def test_a_voice_that_fails_is_a_tone(api, message, tmp_path, monkeypatch, before):
    path, _ = message
    hum = api.get(f"{path}.wav").content
    Espeak(tmp_path, monkeypatch, before=before)
    assert api.get(f"{path}.wav").content == hum


def test_a_language_that_nothing_speaks_is_a_tone(api, time, tmp_path, monkeypatch):
    Espeak(tmp_path, monkeypatch)
    behave(api, "31612345678", does=[{"say": SPOKEN}])
    call = start(api, record(timeout=1, transcribe=True, transcribeLanguage="xx-XX"))
    time.at(60)
    (recording,) = recordings(api, call)
    sound = frames(api.get(recording["_links"]["file"]).content)
    assert max(struct.unpack("<10000h", sound[:20000])) == 6000


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-43", slice(0, 44)),
        ("bytes=40-50", slice(40, 51)),
        ("bytes=20000-21000", slice(20000, 21001)),
        ("bytes=52000-", slice(52000, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=52843-99999", slice(-1, None)),
    ],
)
def test_a_part_of_the_file(api, message, asked, part):
    path, _ = message
    whole = api.get(f"{path}.wav").content
    assert len(whole) == 52844
    answer = api.get(f"{path}.wav", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, whole[part])
    start, stop, _ = part.indices(len(whole))
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/52844"
    assert answer.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=52844-", "bytes=99999-100000"])
def test_a_part_outside_of_the_file(api, message, asked):
    answer = api.get(f"{message[0]}.wav", headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */52844"
    assert answer.json()["errors"] == [{"message": "The file has 52844 bytes.", "code": 11}]


@pytest.mark.parametrize("asked", ["bytes=5-2", "lines=1-2", "bytes=0-1,4-5", "nonsense", "bytes="])
def test_a_range_that_is_none_gives_the_whole_file(api, message, asked):
    answer = api.get(f"{message[0]}.wav", headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, 52844)


def test_a_download_goes_on_only_in_the_same_file(api, message):
    path, _ = message
    tag = api.get(f"{path}.wav").headers["ETag"]
    for given, status in ((tag, 206), ('"other"', 200)):
        headers = {"Range": "bytes=10-", "If-Range": given}
        assert api.get(f"{path}.wav", headers=headers).status_code == status


def test_a_very_long_recording_is_made_as_it_is_read(api, time):
    call = start(api, pause(28000), flow={"record": True})
    time.at(30000)
    (recording,) = recordings(api, call)
    assert recording["duration"] == 28000
    path = recording["_links"]["file"]
    assert api.head(path).headers["Content-Length"] == str(44 + 28_000 * 16_000)
    part = api.get(path, headers={"Range": "bytes=400000000-400000099"})
    assert part.content == bytes(100)


def test_a_recording_in_progress_has_no_file(api, time):
    call = start(api, record())
    time.at(5)
    (recording,) = recordings(api, call)
    answer = api.get(recording["_links"]["file"])
    assert answer.status_code == 404
    assert "is not done; it has no file yet." in answer.json()["errors"][0]["message"]
    assert api.post(f"/recordings/{recording['id']}/transcriptions").status_code == 422
    api.delete(call)
    assert len(frames(api.get(recording["_links"]["file"]).content)) == 2 * 8 * 3800


def test_a_deleted_recording_is_gone_and_the_others_stay(api, time):
    call = start(api, MESSAGE, MESSAGE)
    time.at(60)
    first, second = recordings(api, call)
    answer = api.delete(first["_links"]["self"])
    assert (answer.status_code, answer.content) == (204, b"")
    for path in (first["_links"]["self"], first["_links"]["file"]):
        assert api.get(path).json()["errors"] == [
            {"message": f"No recording found for ID `{first['id']}`.", "code": 13}
        ]
    assert recordings(api, call) == [second]
    assert api.delete(f"/recordings/{second['id']}").status_code == 204
    assert recordings(api, call) == []
    assert api.delete(f"/recordings/{second['id']}").status_code == 404


def test_a_recording_is_only_found_below_its_own_leg(api, time, message):
    path, recording = message
    call, _, _ = path.rpartition("/legs/")
    behave(api, "31699999999", talks="1s")
    other = start(api, transfer("31699999999"))
    time.at(100)
    leg = legs(api, other)[0]["id"]
    for wrong in (
        f"{other}/legs/{leg}/recordings/{recording['id']}",
        f"{call}/legs/{leg}/recordings/{recording['id']}",
        f"{call}/legs/{NOBODY}/recordings/{recording['id']}",
        f"{path[:-36]}{NOBODY}",
        f"/recordings/{NOBODY}",
        f"/recordings/{recording['legId']}",
        f"/recordings/{NOBODY}.wav",
        f"/recordings/{NOBODY}/transcriptions",
    ):
        answer = api.get(wrong)
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == 13


def test_a_step_that_transcribes_gives_what_was_said(api, time):
    behave(api, "31612345678", does=[{"say": SPOKEN}])
    call = start(api, MESSAGE)
    seen = []
    for moment in (4.0, 4.6, 5.6, 7.6):
        time.at(moment)
        (recording,) = recordings(api, call)
        found = items(api, f"{recording['_links']['self']}/transcriptions")
        seen.append([entry["status"] for entry in found])
    assert seen == [[], ["created"], ["transcribing"], ["done"]]
    (written,) = found
    assert written["recordingId"] == recording["id"]
    assert written["legId"] == "00000000-0000-0000-0000-000000000000"
    answer = api.get(written["_links"]["file"])
    assert answer.text == SPOKEN
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    name = f"{written['id']}.txt"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    whole = one(api, written["_links"]["self"])
    assert whole == {**written, "legId": recording["legId"]}


@pytest.mark.parametrize(
    "content",
    [
        b'{"language":"nl-NL"}',
        b'{"Language":"en-EN"}',
        b'{"language":"pt-Br"}',
        b'{"language":null}',
        b"{}",
        b"",
        b'"nl-NL"',
    ],
)
def test_a_transcription_is_asked_for_in_every_dialect(api, time, message, content):
    path, recording = message
    for base, items_path in (
        (path, f"{path}/transcriptions"),
        (f"/recordings/{recording['id']}", "/transcriptions"),
    ):
        answer = api.post(f"{base}/transcriptions", content=content)
        assert answer.status_code == 201, answer.text
        (written,) = answer.json()["data"]
        link = f"{items_path}/{written['id']}"
        links = {"self": link, "file": f"{link}.txt"}
        assert answer.json()["_links"] == written["_links"] == links
        assert written["status"] == "created"
        not_yet = api.get(links["file"])
        assert not_yet.status_code == 404
        assert "is not done; it has no text yet." in not_yet.json()["errors"][0]["message"]
        time.now += 3
        assert api.get(links["file"]).text == SPOKEN
    assert len(items(api, f"{path}/transcriptions")) == 3


@pytest.mark.parametrize("content", [b"", b"  \n", b"{}", b'{"language":null}'])
def test_a_language_need_not_be_named(api, message, content):
    assert api.post(f"{message[0]}/transcriptions", content=content).status_code == 201


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"language":5}', 422),
        (b'{"language":""}', 422),
        (b'"not a language"', 422),
        (b"[]", 422),
        (b"{", 422),
        (b"en-US", 422),
    ],
)
def test_a_language_that_is_none_is_refused(api, message, content, status):
    answer = api.post(f"{message[0]}/transcriptions", content=content)
    assert answer.status_code == status
    assert len(items(api, f"{message[0]}/transcriptions")) == 1


def test_a_whole_call_is_transcribed_with_both_voices(api, time):
    behave(api, "31612345678", does=[{"say": SPOKEN}])
    call = start(api, say("Say something"), record(timeout=1), say("Thanks"), flow={"record": True})
    time.at(60)
    recording = recordings(api, call)[0]
    path = f"/recordings/{recording['id']}/transcriptions"
    written = api.post(path).json()["data"][0]
    time.at(90)
    assert api.get(written["_links"]["file"]).text == f"Say something {SPOKEN} Thanks"
    sound = frames(api.get(f"/recordings/{recording['id']}.wav").content)
    assert len(sound) == 2 * 8 * (900 + 1300 + 1000 + 400)
    assert any(sound[:100])


def test_transcriptions_have_a_limit_and_go_with_their_recording(api, time, message):
    path, _ = message
    for _ in range(20):
        last = api.post(f"{path}/transcriptions")
        assert last.status_code == 201
    assert api.post(f"{path}/transcriptions").status_code == 422
    name = last.json()["data"][0]["id"]
    assert one(api, f"/transcriptions/{name}")["id"] == name
    api.delete(path)
    assert api.get(f"/transcriptions/{name}").json()["errors"] == [
        {"message": f"No transcription found for ID `{name}`.", "code": 13}
    ]
    assert api.get(f"{path}/transcriptions").status_code == 404
    assert api.get(f"/transcriptions/{NOBODY}.txt").status_code == 404


def test_lists_are_paged(api, time, message):
    path, _ = message
    made = [api.post(f"{path}/transcriptions").json()["data"][0]["id"] for _ in range(4)]
    page = api.get(f"{path}/transcriptions", params={"page": 2, "perPage": 3}).json()
    assert [entry["id"] for entry in page["data"]][:1] == [made[0]]
    assert page["_links"] == {"self": f"{path}/transcriptions?page=2"}
    assert page["pagination"] == {
        "totalCount": 5,
        "pageCount": 2,
        "currentPage": 2,
        "perPage": 3,
    }
