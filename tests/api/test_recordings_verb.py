"""`mbflow recordings`, as users meet it."""

import pytest

from mbflow.views.calls import recording_text, recordings_table

from .cli import on_a_terminal
from .samples import CALL, HOSTILE, LEG, LONG, LONG_PATH, RECORDING, one, recording, sound
from .samples import recording_answers as answers
from .service import Reply, refused


def names(folder):
    """But for the empty folder of flows."""
    return sorted(path.name for path in folder.iterdir() if path.name != "flows")


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
    assert ran.err.startswith("Error: --call and --leg go together.\n")


@pytest.mark.parametrize("verb", ["get", "download", "delete"])
def test_a_recording_that_is_not_there(against, tmp_path, verb):
    service, run = against(lambda asked: refused(404, "No recording found for ID `x`."))
    ran = run("recordings", verb, "x", *(["--yes"] if verb == "delete" else []))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: production ({service.url}) has no recording x.\n"
        "  Some services want the call and the leg named too: --call CALL --leg LEG\n"
        "  To see what there is:\n"
        "      mbflow recordings list CALL -e production\n"
    )
    assert names(tmp_path) == ["mbflow.yaml"]


def test_a_call_without_recordings_and_one_that_is_not_there(against):
    _, run = against(lambda asked: refused(404, "No call found"))
    ran = run("recordings", "list", CALL)
    assert f"has no call {CALL}.\n" in ran.err
    ran = run("recordings", "list", CALL, LEG)
    assert f"has no leg {LEG}.\n" in ran.err
    assert f"mbflow legs list {CALL} -e production\n" in ran.err


def test_a_download_is_named_after_the_recording(against, tmp_path):
    _, run = against(answers)
    ran = run("recordings", "download", RECORDING)
    target = tmp_path / f"{RECORDING}.wav"
    assert (ran.code, ran.out, ran.err) == (0, f"{target.name}\n", "16,044 bytes\n")
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
        f"Refused: {target.name} already exists.\n  Use --force to replace it.\n",
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


# Views ----------------------------------------------------------------------------------------


def test_text_of_the_service_is_harmless():
    hostile = {"id": HOSTILE, "status": HOSTILE, "type": HOSTILE, HOSTILE: HOSTILE}
    for text in (recording_text(hostile), recordings_table([hostile])):
        assert "\x1b" not in text and "\u202e" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_older_recordings_have_a_state():
    assert "  status  done" in recording_text({"id": "r", "state": "done"})
    assert recordings_table([{"id": "r", "state": "done"}]).splitlines()[1].split()[1] == "done"
