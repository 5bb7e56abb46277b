"""Files of the service: whole under their name, or not there at all."""

import io
import os
import signal
import threading
import time
import wave

import pytest
from builders import Recorder
from processes import PIPE, Process

from mbflow.api import download as files
from mbflow.api.download import check_wav, download, read_text
from mbflow.api.errors import NotSent, Rejected, Unreadable
from mbflow.model.errors import Error, RefusedError
from mbflow.project import whole_file

from .conftest import KEY
from .service import Reply, Service, refused


def wav(seconds=1):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(range(256)) * 63 * seconds)
    return file.getvalue()


def sent(content, **headers):
    return Reply(body=content, headers={"Content-Type": "audio/wav", **headers})


def names(folder):
    return [path.name for path in folder.iterdir()]


def fetch(client, target, *, force=False):
    return download(
        client,
        "/recordings/r.wav",
        target,
        accept="audio/*",
        check=check_wav,
        force=force,
    )


def test_a_file_arrives_as_it_is(run, tmp_path):
    service, client = run(lambda asked: sent(wav(3)))
    target = tmp_path / "r.wav"
    assert fetch(client, target) == len(wav(3))
    assert target.read_bytes() == wav(3)
    assert names(tmp_path) == ["r.wav"]
    headers = service.asked[0].headers
    assert (headers["Accept"], headers["Accept-Encoding"]) == ("audio/*", "identity")


def test_the_file_has_the_rights_of_any_new_file(run, tmp_path):
    _, client = run(lambda asked: sent(wav()))
    (tmp_path / "other").touch()
    fetch(client, tmp_path / "r.wav")
    assert (tmp_path / "r.wav").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_progress_ends_with_the_whole(run, tmp_path):
    progress = Recorder()
    _, client = run(lambda asked: sent(wav(30)), progress=progress)
    fetch(client, tmp_path / "r.wav")
    assert progress.parts == [("Downloading", len(wav(30)), len(wav(30)))]


def test_a_file_that_is_there_stays_and_the_service_is_not_asked(run, tmp_path):
    service, client = run(lambda asked: sent(wav()))
    target = tmp_path / "r.wav"
    target.write_text("mine")
    with pytest.raises(RefusedError, match="already exists") as failure:
        fetch(client, target)
    assert failure.value.details == ("Use --force to replace it.",)
    assert (target.read_text(), service.asked) == ("mine", [])


def test_a_dangling_link_counts_as_there(run, tmp_path):
    _, client = run(lambda asked: sent(wav()))
    (tmp_path / "r.wav").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError):
        fetch(client, tmp_path / "r.wav")
    assert not (tmp_path / "elsewhere").exists()


def test_force_replaces_a_file(run, tmp_path):
    _, client = run(lambda asked: sent(wav()))
    (tmp_path / "r.wav").write_text("old")
    fetch(client, tmp_path / "r.wav", force=True)
    assert (tmp_path / "r.wav").read_bytes() == wav()


def test_force_keeps_the_old_file_until_the_new_one_is_whole(run, tmp_path):
    _, client = run(lambda asked: Reply(body=wav(), act="cut"))
    (tmp_path / "r.wav").write_text("old")
    with pytest.raises(Unreadable):
        fetch(client, tmp_path / "r.wav", force=True)
    assert (tmp_path / "r.wav").read_text() == "old"
    assert names(tmp_path) == ["r.wav"]


def test_force_replaces_nothing_but_files(run, tmp_path):
    service, client = run(lambda asked: sent(wav()))
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(Error, match="is not a file, so it cannot be replaced"):
            fetch(client, target, force=True)
    assert service.asked == []


def test_a_file_that_appears_meanwhile_is_not_overwritten(run, tmp_path):
    target = tmp_path / "r.wav"

    def answer(asked):
        target.write_text("mine")
        return sent(wav())

    _, client = run(answer)
    with pytest.raises(RefusedError, match="already exists"):
        fetch(client, target)
    assert (target.read_text(), names(tmp_path)) == ("mine", ["r.wav"])


@pytest.mark.parametrize("appears", [False, True])
def test_a_file_system_without_hard_links(run, tmp_path, monkeypatch, appears):
    def no_links(part, target):
        if appears:
            target.write_text("mine")
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(whole_file.os, "link", no_links)
    _, client = run(lambda asked: sent(wav()))
    target = tmp_path / "r.wav"
    if appears:
        with pytest.raises(RefusedError):
            fetch(client, target)
    else:
        fetch(client, target)
    assert target.read_bytes() == (b"mine" if appears else wav())
    assert names(tmp_path) == ["r.wav"]


def test_a_folder_that_is_not_there(run, tmp_path):
    service, client = run(lambda asked: sent(wav()))
    with pytest.raises(Error, match=r"r\.wav cannot be written: No such file or directory"):
        fetch(client, tmp_path / "nowhere" / "r.wav")
    assert service.asked == []


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(body=wav(), act="cut"),
        Reply(act="reset"),
        Reply(503),
        sent(wav()[:-1]),
        sent(wav()[:10]),
        sent(b""),
        sent(b'{"data": []}'),
    ],
)
def test_passing_trouble_is_outlived_from_the_beginning(run, tmp_path, trouble):
    replies = iter([trouble, trouble])
    service, client = run(lambda asked: next(replies, sent(wav())))
    fetch(client, tmp_path / "r.wav")
    assert (tmp_path / "r.wav").read_bytes() == wav()
    assert len(service.asked) == 3


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Reply(body=wav(), act="cut"), "the connection broke before the whole answer had come"),
        (sent(wav()[:-1]), "the WAV file ends early, after 16,171 of 16,172 bytes"),
        (sent(b"RIFF"), "what it sent is not a WAV file"),
        (Reply(500), "it answered 500"),
    ],
)
def test_lasting_trouble_leaves_nothing_behind(run, tmp_path, trouble, words):
    _, client = run(lambda asked: trouble)
    with pytest.raises(Unreadable, match=words):
        fetch(client, tmp_path / "r.wav")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}),
        Reply(204, body=None),
        Reply(202, body={"data": None}),
    ],
)
def test_an_answer_that_is_no_file_is_not_asked_for_again(run, tmp_path, reply):
    service, client = run(lambda asked: reply)
    with pytest.raises(Unreadable, match=f"it answered {reply.status} without the file"):
        fetch(client, tmp_path / "r.wav")
    assert (len(service.asked), names(tmp_path)) == (1, [])


def test_a_refusal_is_told_with_the_words_of_the_service(run, tmp_path):
    _, client = run(lambda asked: refused(404, "No recording found for ID `r`."))
    with pytest.raises(Rejected) as failure:
        fetch(client, tmp_path / "r.wav")
    assert (failure.value.status, failure.value.code) == (404, 13)
    assert failure.value.message == "No recording found for ID `r`. (code 13)"
    assert names(tmp_path) == []


def test_a_file_without_end_is_cut_off(run, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_FILE", 1 << 20)
    service, client = run(lambda asked: sent(wav(100)))
    with pytest.raises(Unreadable, match="the file is larger than 1 MB"):
        fetch(client, tmp_path / "r.wav")
    assert (len(service.asked), names(tmp_path)) == (1, [])


def test_a_client_that_is_interrupted_leaves_nothing(run, tmp_path):
    _, client = run(lambda asked: sent(wav()))
    client.interrupt()
    with pytest.raises(NotSent):
        fetch(client, tmp_path / "r.wav")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("length", "fault"),
    [(0, ""), (0xFFFFFFFF, ""), (0x7FFFFFFF, ""), (36, "ends early"), (28, ""), (4, "")],
)
def test_the_length_in_the_head_of_a_wav_file(length, fault):
    head = b"RIFF" + length.to_bytes(4, "little") + b"WAVE" + b"." * 24
    assert fault in check_wav(io.BytesIO(head))
    assert bool(fault) == bool(check_wav(io.BytesIO(head)))


def test_a_text_is_read_as_it_is(run):
    service, client = run(lambda asked: Reply(body="Grüße, a Ω.\n".encode()))
    assert read_text(client, "/transcriptions/t.txt") == "Grüße, a Ω.\n"
    assert service.asked[0].headers["Accept"] == "text/plain"


def test_no_text_is_none(run):
    _, client = run(lambda asked: refused(404, "none"))
    assert read_text(client, "/transcriptions/t.txt") is None
    _, client = run(lambda asked: refused(403, "no"))
    with pytest.raises(Rejected):
        read_text(client, "/transcriptions/t.txt")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_download_leaves_nothing_behind(tmp_path, number):
    """The service keeps the program waiting."""
    waiting = threading.Event()

    def answer(asked):
        waiting.set()
        return Reply(act="hang")

    with Service(answer) as service:
        (tmp_path / "mbflow.yaml").write_text(
            f"project: acme\nenvironments:\n  production: {{endpoint: '{service.url}'}}\n"
        )
        process = Process(
            ["-m", "mbflow", "-e", "production", "recordings", "download", "r"],
            cwd=tmp_path,
            env={**os.environ, "MESSAGEBIRD_ACCESS_KEY": KEY},
            stdout=PIPE,
            stderr=PIPE,
        )
        assert waiting.wait(30)
        while not list(tmp_path.glob(".mbflow-*.part")):
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.strip()) == (130, "", "Interrupted.")
    assert names(tmp_path) == ["mbflow.yaml"]
