"""`mbflow transcriptions`, as users meet it."""

import time

import httpx
import pytest

from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.emulator.app import Emulator
from mbflow.model.project import Environment
from mbflow.project.local_folder import state_folder
from mbflow.views.calls import transcription_text, transcriptions_table

from .samples import CALL, HOSTILE, LONG, LONG_PATH, RECORDING, TRANSCRIPTION, one, transcription
from .samples import recording_answers as answers
from .service import refused


def names(folder):
    """But for the empty folder of flows."""
    return sorted(path.name for path in folder.iterdir() if path.name != "flows")


def test_transcriptions_of_a_recording(against):
    service, run = against(answers)
    ran = run("transcriptions", "list", RECORDING)
    assert ran.out == (
        f"{'ID':<36}  STATUS  CREATED (UTC)\n{TRANSCRIPTION}  done    2019-08-23 13:29\n"
    )
    assert ran.err == (
        f"1 transcription of the recording {RECORDING} in production ({service.url})\n"
    )
    ran = run("transcriptions", "list", RECORDING, *LONG, "--format", "json")
    assert ran.json["transcriptions"] == [transcription()]
    assert service.asked[-1].path == f"{LONG_PATH}/transcriptions"


@pytest.mark.parametrize(
    ("words", "body"), [([], {}), (["--language", "nl-NL"], {"language": "nl-NL"})]
)
def test_asking_for_a_transcription(against, words, body):
    service, run = against(answers)
    ran = run("transcriptions", "create", RECORDING, *words)
    assert ran.code == 0
    assert ran.out.startswith(f"Transcription {TRANSCRIPTION}\n  status     created\n")
    assert ran.err == f"Asked for the transcription, in production ({service.url})\n"
    assert [(asked.method, asked.path, asked.json) for asked in service.asked] == [
        ("POST", f"/recordings/{RECORDING}/transcriptions", body)
    ]


def test_a_language_that_is_not_known_is_tried(against):
    service, run = against(answers)
    ran = run("transcriptions", "create", RECORDING, "--language", "sv-SE")
    assert ran.code == 0
    assert ran.err.startswith("Known languages are de-DE, en-AU, en-UK, en-US, ")
    assert service.asked[0].json == {"language": "sv-SE"}
    ran = run("transcriptions", "create", RECORDING, "--language", "Dutch!")
    assert ran.code == 64
    assert "Dutch! is not a language tag such as en-US" in ran.err


def test_a_transcription_with_what_was_said(against):
    _, run = against(answers)
    ran = run("transcriptions", "get", TRANSCRIPTION)
    assert ran.out == (
        f"Transcription {TRANSCRIPTION}\n"
        "  status     done\n"
        f"  recording  {RECORDING}\n"
        "  created    2019-08-23 13:29:10 UTC\n"
        "  updated    2019-08-23 13:29:21 UTC\n"
        "\n"
        "Hello, this is Anna.\n"
    )
    ran = run("transcriptions", "get", TRANSCRIPTION, "--format", "json")
    assert (ran.json["transcription"], ran.json["text"]) == (
        transcription(),
        "Hello, this is Anna.\n",
    )


def test_a_transcription_that_is_not_done(against, tmp_path):
    service, run = against(
        lambda asked: (
            refused(404, "not yet")
            if asked.path.endswith(".txt")
            else one(transcription(status="transcribing"))
        )
    )
    ran = run("transcriptions", "get", TRANSCRIPTION, "--format", "json")
    assert (ran.code, ran.json["text"]) == (0, None)
    assert not any(asked.path.endswith(".txt") for asked in service.asked)
    ran = run("transcriptions", "download", TRANSCRIPTION)
    assert ran.code == 1
    assert f"The transcription {TRANSCRIPTION} has no text to download: its status is " in ran.err
    assert names(tmp_path) == ["mbflow.yaml"]


def test_a_transcription_of_an_older_service_has_no_status(against):
    older = {"id": TRANSCRIPTION, "recordingID": "baz", "error": None}
    _, run = against(lambda asked: answers(asked) if asked.path.endswith(".txt") else one(older))
    assert run("transcriptions", "get", TRANSCRIPTION).out == (
        f"Transcription {TRANSCRIPTION}\n  recording  baz\n\nHello, this is Anna.\n"
    )


def test_a_text_is_downloaded(against, tmp_path):
    service, run = against(answers)
    ran = run("transcriptions", "download", TRANSCRIPTION, "--recording", RECORDING, *LONG)
    target = tmp_path / f"{TRANSCRIPTION}.txt"
    assert (ran.code, ran.out) == (0, f"{target.name}\n")
    assert target.read_text() == "Hello, this is Anna.\n"
    assert service.asked[0].path == f"{LONG_PATH}/transcriptions/{TRANSCRIPTION}.txt"


def test_a_long_address_of_a_transcription_needs_its_recording(against):
    service, run = against(answers)
    ran = run("transcriptions", "get", TRANSCRIPTION, *LONG)
    assert (ran.code, ran.err) == (64, "Error: --call and --leg need --recording.\n")
    run("transcriptions", "get", TRANSCRIPTION, "--recording", RECORDING)
    assert service.asked[0].path == f"/recordings/{RECORDING}/transcriptions/{TRANSCRIPTION}"


@pytest.mark.parametrize("verb", ["get", "download"])
def test_a_transcription_that_is_not_there(against, verb):
    _, run = against(lambda asked: refused(404, "No transcription found"))
    ran = run("transcriptions", verb, "x")
    assert ran.code == 1
    assert "has no transcription x.\n" in ran.err
    assert "      mbflow transcriptions list RECORDING -e production\n" in ran.err


@pytest.mark.parametrize("verb", ["list", "create"])
def test_transcriptions_of_a_recording_that_is_not_there(against, verb):
    _, run = against(lambda asked: refused(404, "No recording found"))
    ran = run("transcriptions", verb, "x")
    assert ran.code == 1
    assert "has no recording x.\n" in ran.err


def test_looking_sends_only_get(against):
    service, run = against(answers)
    for words in (
        ["recordings", "list", CALL],
        ["recordings", "get", RECORDING],
        ["recordings", "download", RECORDING],
        ["transcriptions", "list", RECORDING],
        ["transcriptions", "get", TRANSCRIPTION],
        ["transcriptions", "download", TRANSCRIPTION],
    ):
        assert run(*words).code == 0
    assert {asked.method for asked in service.asked} == {"GET"}


def test_silence_of_the_built_in_emulator_is_explained(mbflow, tmp_path):
    ago = [time.time() - 3600]
    emulator = Emulator(
        state_folder(tmp_path, Environment("local")) / "emulator.sqlite3",
        account="local",
        clock=lambda: ago[0],
    )
    flow = {"steps": [{"action": "record", "options": {"timeout": 1}}]}
    with httpx.Client(base_url="http://x", transport=EmulatorTransport(emulator)) as api:
        made = api.post(
            "/calls", json={"source": "3120", "destination": "3161", "callFlow": flow}
        ).json()["data"][0]["id"]
        ago[0] += 60
        leg = api.get(f"/calls/{made}/legs").json()["data"][0]["_links"]["self"]
        recording = api.get(f"{leg}/recordings").json()["data"][0]["id"]
        text = api.post(f"/recordings/{recording}/transcriptions").json()["data"][0]["id"]
    emulator.close()
    ran = mbflow("transcriptions", "get", text)
    assert ran.out.endswith("(nothing was said)\n")
    assert ran.err == (
        "In the built-in emulator a callee is silent; mbflow emulate can be told what it says.\n"
    )


# Views ----------------------------------------------------------------------------------------


def test_text_of_the_service_is_harmless():
    hostile = {"id": HOSTILE, "status": HOSTILE, HOSTILE: HOSTILE}
    for text in (transcription_text(hostile, HOSTILE), transcriptions_table([hostile])):
        assert "\x1b" not in text and "\u202e" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_a_long_text_is_wrapped_and_an_empty_one_said():
    text = transcription_text({"id": "t"}, "word " * 100)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert transcription_text({"id": "t"}, "\n") == "Transcription t\n\n(nothing was said)"
