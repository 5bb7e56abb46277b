"""`mbflow recordings` and `mbflow transcriptions`, as users meet them."""

import io
import wave
from contextlib import ExitStack

import pytest

from mbflow.views.recordings import (
    recording_text,
    recordings_table,
    transcription_text,
    transcriptions_table,
)

from .cli import on_a_terminal, runner
from .conftest import KEY
from .service import Reply, Service, listed, refused

CALL, LEG = "c0000000-0000-4000-8000-000000000001", "1e600000-0000-4000-8000-000000000002"
RECORDING, TRANSCRIPTION = "3b4ac358-9467-4f7a-a6c8-6157ad181123", "87c377ce-1629-48b6"
LONG = ["--call", CALL, "--leg", LEG]
LONG_PATH = f"/calls/{CALL}/legs/{LEG}/recordings/{RECORDING}"
HOSTILE = "\x1b[2J\u202eevil\n::error::x"


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


def one(item, status=200):
    return Reply(status, {"data": [item]})


def answers(asked):
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


@pytest.fixture
def against(tmp_path, capsys, monkeypatch):
    """`service, run = against(answer)`: the verbs against a scripted service, as production."""
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    monkeypatch.setenv("MESSAGEBIRD_ACCESS_KEY", KEY)
    mbflow = runner(capsys, tmp_path)
    with ExitStack() as stack:

        def start(answer):
            service = stack.enter_context(Service(answer))
            (tmp_path / "mbflow.yaml").write_text(
                f"project: acme\nenvironments:\n  production: {{endpoint: '{service.url}'}}\n"
            )
            return service, lambda *words: mbflow(*words, "-e", "production")

        yield start


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# Recordings -----------------------------------------------------------------------------------


def test_recordings_of_a_call_and_of_a_leg(against):
    service, run = against(answers)
    table = (
        "ID                                    STATUS  TYPE  LENGTH  CREATED (UTC)     LEG\n"
        f"{RECORDING}  done    ivr   7 s     2017-05-17 11:42  {LEG}\n"
    )
    ran = run("recordings", "list", CALL)
    assert (ran.code, ran.out) == (0, table)
    assert ran.err == f"1 recording of the call {CALL} in production ({service.url})\n"
    ran = run("recordings", "list", CALL, LEG)
    assert (ran.code, ran.out) == (0, table)
    assert ran.err == f"1 recording of the leg {LEG} in production ({service.url})\n"
    ran = run("recordings", "list", CALL, "--format", "json")
    assert (ran.json["total"], ran.json["recordings"]) == (1, [recording()])


def test_a_recording(against):
    service, run = against(answers)
    ran = run("recordings", "get", RECORDING)
    assert ran.out == (
        f"Recording {RECORDING}\n"
        "  status   done\n"
        "  type     ivr\n"
        "  format   wav\n"
        "  length   7 s\n"
        f"  leg      {LEG}\n"
        "  created  2017-05-17 11:42:57 UTC\n"
        "  updated  2017-05-17 11:43:04 UTC\n"
    )
    assert run("recordings", "get", RECORDING, "--format", "json").json["recording"] == recording()
    run("recordings", "get", RECORDING, *LONG)
    assert [asked.path for asked in service.asked] == [
        f"/recordings/{RECORDING}",
        f"/recordings/{RECORDING}",
        LONG_PATH,
    ]


@pytest.mark.parametrize("words", [["--call", CALL], ["--leg", LEG]])
def test_call_and_leg_go_together(against, words):
    service, run = against(answers)
    ran = run("recordings", "get", RECORDING, *words)
    assert (ran.code, service.asked) == (64, [])
    assert ran.err.startswith("Usage: --call and --leg go together.\n")


@pytest.mark.parametrize("verb", ["get", "download", "delete"])
def test_a_recording_that_is_not_there(against, tmp_path, verb):
    service, run = against(lambda asked: refused(404, "No recording found for ID `x`."))
    ran = run("recordings", verb, "x", *(["--yes"] if verb == "delete" else []))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: production ({service.url}) has no recording x.\n"
        "  Some services want the call and the leg named too: --call CALL --leg LEG\n"
        "  To see what there is:\n"
        "      mbflow recordings list CALL\n"
    )
    assert names(tmp_path) == ["mbflow.yaml"]


def test_a_call_without_recordings_and_one_that_is_not_there(against):
    _, run = against(lambda asked: refused(404, "No call found"))
    ran = run("recordings", "list", CALL)
    assert f"has no call {CALL}.\n" in ran.err
    ran = run("recordings", "list", CALL, LEG)
    assert f"has no leg {LEG}.\n" in ran.err
    assert f"mbflow legs list {CALL}\n" in ran.err


def test_a_download_is_named_after_the_recording(against, tmp_path):
    _, run = against(answers)
    ran = run("recordings", "download", RECORDING)
    target = tmp_path / f"{RECORDING}.wav"
    assert (ran.code, ran.out, ran.err) == (0, f"{target}\n", "16,044 bytes\n")
    assert target.read_bytes() == sound()


@pytest.mark.parametrize("output", ["a.wav", "folder"])
def test_a_download_goes_where_it_is_told(against, tmp_path, output):
    service, run = against(answers)
    (tmp_path / "folder").mkdir()
    ran = run(
        "recordings", "download", RECORDING, *LONG, "-o", tmp_path / output, "--format", "json"
    )
    target = tmp_path / ("a.wav" if output == "a.wav" else f"folder/{RECORDING}.wav")
    assert ran.json == {
        "environment": "production",
        "endpoint": service.url,
        "file": str(target),
        "bytes": 16044,
    }
    assert target.read_bytes() == sound()
    assert service.asked[0].path == f"{LONG_PATH}.wav"


def test_a_file_that_is_there_stays(against, tmp_path):
    service, run = against(answers)
    target = tmp_path / f"{RECORDING}.wav"
    target.write_text("mine")
    ran = run("recordings", "download", RECORDING)
    assert (ran.code, ran.err) == (
        3,
        f"Refused: {target} is there already.\n  Say --force to replace it.\n",
    )
    assert (target.read_text(), service.asked) == ("mine", [])
    assert run("recordings", "download", RECORDING, "--force").code == 0
    assert target.read_bytes() == sound()


@pytest.mark.parametrize(
    ("name", "file"),
    [("../../x", "_.._x.wav"), ("a b\n", "a_b_.wav"), ("...", None), ("é", "_.wav")],
)
def test_an_id_never_names_another_folder(against, tmp_path, name, file):
    _, run = against(answers)
    ran = run("recordings", "download", name)
    assert ran.code == 0
    assert names(tmp_path) == sorted(["mbflow.yaml", file or "file.wav"])


def test_a_recording_that_is_not_finished(against, tmp_path):
    _, run = against(
        lambda asked: (
            refused(404, "not yet")
            if asked.path.endswith(".wav")
            else one(recording(status="recording"))
        )
    )
    ran = run("recordings", "download", RECORDING)
    assert ran.code == 1
    assert ran.err.startswith(
        f"Error: The recording {RECORDING} has no audio to download: its status is recording.\n"
    )
    assert names(tmp_path) == ["mbflow.yaml"]


def test_a_download_that_breaks_leaves_nothing(against, tmp_path):
    _, run = against(lambda asked: Reply(body=b"<html>", headers={"Content-Type": "text/html"}))
    ran = run("recordings", "download", RECORDING, "--format", "json")
    assert (ran.code, ran.json["exit_code"]) == (1, 1)
    assert "it answered 200 without the file" in ran.err
    assert names(tmp_path) == ["mbflow.yaml"]


def test_progress_is_shown_on_a_terminal(against, tmp_path):
    against(answers)
    code, shown = on_a_terminal(["recordings", "download", RECORDING, "-e", "production"], tmp_path)
    assert code == 0
    assert "\r100 %  0.0 of 0.0 MB" in shown
    assert shown.replace("\r", "\n").splitlines()[-1] == f"{RECORDING}.wav"


def test_a_deletion_asks_first(against, tmp_path):
    service, run = against(answers)
    ran = run("recordings", "delete", RECORDING)
    assert (ran.code, service.asked) == (64, [])
    words = ["recordings", "delete", RECORDING, "-e", "production"]
    code, shown = on_a_terminal(words, tmp_path, answer="n\n")
    assert (code, service.count("DELETE")) == (3, 0)
    assert f"In production ({service.url}):\nRecording {RECORDING}\n" in shown
    assert "Delete it for good? [y/N]:" in shown
    code, shown = on_a_terminal(words, tmp_path, answer="y\n")
    assert (code, service.count("DELETE", f"/recordings/{RECORDING}")) == (0, 1)


def test_a_deletion_uses_the_long_address_where_it_is_known(against):
    links = {"_links": {"self": LONG_PATH}}
    service, run = against(
        lambda asked: Reply(204, None) if asked.method == "DELETE" else one(recording(**links))
    )
    ran = run("recordings", "delete", RECORDING, "--yes", "--format", "json")
    assert (ran.code, ran.json["deleted"]["id"]) == (0, RECORDING)
    assert service.count("DELETE", LONG_PATH) == 1


def test_an_unclear_deletion_is_exit_4(against):
    service, run = against(
        lambda asked: Reply(act="reset") if asked.method == "DELETE" else one(recording())
    )
    ran = run("recordings", "delete", RECORDING, "--yes")
    assert (ran.code, service.count("DELETE")) == (4, 1)
    assert f"Whether DELETE /recordings/{RECORDING} was done is not known" in ran.err


# Transcriptions -------------------------------------------------------------------------------


def test_transcriptions_of_a_recording(against):
    service, run = against(answers)
    ran = run("transcriptions", "list", RECORDING)
    assert ran.out == (
        f"ID                  STATUS  CREATED (UTC)\n{TRANSCRIPTION}  done    2019-08-23 13:29\n"
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
    assert (ran.code, ran.out) == (0, f"{target}\n")
    assert target.read_text() == "Hello, this is Anna.\n"
    assert service.asked[0].path == f"{LONG_PATH}/transcriptions/{TRANSCRIPTION}.txt"


def test_a_long_address_of_a_transcription_needs_its_recording(against):
    service, run = against(answers)
    ran = run("transcriptions", "get", TRANSCRIPTION, *LONG)
    assert (ran.code, ran.err) == (64, "Usage: --call and --leg need --recording.\n")
    run("transcriptions", "get", TRANSCRIPTION, "--recording", RECORDING)
    assert service.asked[0].path == f"/recordings/{RECORDING}/transcriptions/{TRANSCRIPTION}"


@pytest.mark.parametrize("verb", ["get", "download"])
def test_a_transcription_that_is_not_there(against, verb):
    _, run = against(lambda asked: refused(404, "No transcription found"))
    ran = run("transcriptions", verb, "x")
    assert ran.code == 1
    assert "has no transcription x.\n" in ran.err
    assert "      mbflow transcriptions list RECORDING\n" in ran.err


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


# Views ----------------------------------------------------------------------------------------


def test_text_of_the_service_is_harmless():
    hostile = {"id": HOSTILE, "status": HOSTILE, "type": HOSTILE, HOSTILE: HOSTILE}
    for text in (
        recording_text(hostile),
        recordings_table([hostile]),
        transcription_text(hostile, HOSTILE),
        transcriptions_table([hostile]),
    ):
        assert "\x1b" not in text and "\u202e" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_a_long_text_is_wrapped_and_an_empty_one_said():
    text = transcription_text({"id": "t"}, "word " * 100)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert transcription_text({"id": "t"}, "\n") == "Transcription t\n\n(nothing was said)"


def test_older_recordings_have_a_state(against):
    assert "  status  done" in recording_text({"id": "r", "state": "done"})
    assert recordings_table([{"id": "r", "state": "done"}]).splitlines()[1].split()[1] == "done"
