"""Objects as the service sends them, and a service that has one of each."""

import io
import wave

from .service import Reply, listed

CALL = "21025ed1-cc1d-4554-ac05-043fa6c84e00"
LEG = "30c42b27-dce6-4f72-b9c1-01f78ebc1008"
RECORDING = "3b4ac358-9467-4f7a-a6c8-6157ad181123"
TRANSCRIPTION = "87c377ce-1629-48b6-ad01-4b4fd069c53c"
LONG = ["--call", CALL, "--leg", LEG]
LONG_PATH = f"/calls/{CALL}/legs/{LEG}/recordings/{RECORDING}"
HOSTILE = "\x1b[2J\u202eevil\n::error::x"


def call(status="ended", **more):
    ends = "2017-02-16T10:59:04Z" if status == "ended" else None
    return {
        "id": CALL,
        "status": status,
        "source": "31644556677",
        "destination": "31612345678",
        "createdAt": "2017-02-16T10:52:00Z",
        "updatedAt": "2017-02-16T10:59:04Z",
        "endedAt": ends,
        **more,
    }


def leg(status="hangup", **more):
    return {
        "id": LEG,
        "callId": CALL,
        "source": "31644556677",
        "destination": "sip:foo@example.com",
        "status": status,
        "direction": "outgoing",
        "cost": 0.001519,
        "currency": "EUR",
        "duration": 7,
        "endedAt": "2019-01-10T16:13:30Z",
        "sipResponseCode": 200,
        **more,
    }


def one(item, status=200):
    return Reply(status, {"data": [item]})


def call_answers(asked):
    """A call that is over, with one leg; a new one is queued."""
    if asked.method == "POST":
        return one(call("queued"), 201)
    if asked.path.endswith("/legs"):
        return listed([leg()], 1)
    return listed([call()], 1) if asked.path == "/calls" else one(call())


def sound(seconds=1):
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        written.writeframes(bytes(16000 * seconds))
    return file.getvalue()


def recording(**more):
    return {
        "id": RECORDING,
        "format": "wav",
        "type": "ivr",
        "legId": LEG,
        "status": "done",
        "duration": 7,
        "createdAt": "2017-05-17T11:42:57Z",
        "updatedAt": "2017-05-17T11:43:04Z",
        "deletedAt": None,
        **more,
    }


def transcription(**more):
    return {
        "id": TRANSCRIPTION,
        "recordingId": RECORDING,
        "status": "done",
        "createdAt": "2019-08-23T13:29:10Z",
        "updatedAt": "2019-08-23T13:29:21Z",
        "legId": "00000000-0000-0000-0000-000000000000",
        **more,
    }


def recording_answers(asked):
    """One recording with one transcription, at all addresses."""
    if asked.method == "DELETE":
        return Reply(204, None)
    if asked.path.endswith(".wav"):
        return Reply(body=sound(), headers={"Content-Type": "audio/wav"})
    if asked.path.endswith(".txt"):
        return Reply(body=b"Hello, this is Anna.\n", headers={"Content-Type": "text/plain"})
    if asked.path.endswith("/legs"):
        return listed([{"id": LEG}], 1)
    if asked.path.endswith("/recordings"):
        return listed([recording()], 1)
    if asked.path.endswith("/transcriptions") and asked.method == "GET":
        return listed([transcription()], 1)
    if "/transcriptions" in asked.path:
        return one(transcription(status="created" if asked.method == "POST" else "done"))
    return one(recording())
