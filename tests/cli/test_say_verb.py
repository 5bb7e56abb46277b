"""`mbflow say`: what is heard in the file, which steps, and what is refused."""

import struct
import wave

import pytest
from api.cli import runner
from espeak import REAL, Espeak

from mbflow.emulator.speech import Words, speak

PROJECT = """\
project: acme
variables:
  shop: Acme
  pin: {env: ACME_PIN, secret: true}
environments:
  local: {}
  staging:
    endpoint: https://voice.example.com
    variables: {shop: Test shop}
"""
MENU = """\
title: Menu
steps:
  - action: say
    options: {payload: "${shop}.", language: en-GB, voice: female}
  - action: pause
    options: {length: 2}
  - id: notice
    action: say
    options: {payload: "Een bericht.", language: nl-NL, voice: male, repeat: 3}
  - action: record
    options: {maxLength: 30}
  - id: music
    action: play
    options: {media: ["https://example.com/a.wav", "https://example.com/b.wav"]}
  - action: hangup
"""
ONE = """\
title: One
steps:
  - action: hangup
  - action: say
    options:
      payload: {text}
      language: {language}
      voice: female
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    root = tmp_path / "project"
    (root / "flows").mkdir(parents=True)
    (root / "mbflow.yaml").write_text(PROJECT)
    (root / "flows/menu.yaml").write_text(MENU)
    monkeypatch.delenv("ACME_PIN", raising=False)
    return root


@pytest.fixture
def espeak(tmp_path, monkeypatch):
    return Espeak(tmp_path, monkeypatch)


@pytest.fixture
def mbflow(capsys, project, espeak):
    return program(capsys, project)


def program(capsys, project):
    """Each run gives code, standard output and standard error."""
    run = runner(capsys, project)

    def mbflow(*words):
        done = run(*words)
        return done.code, done.out, done.err

    return mbflow


def heard(file):
    """For each tenth of a second: whether there is any sound."""
    with wave.open(str(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        frames = sound.readframes(sound.getnframes())
    tenths = (frames[place : place + 1600] for place in range(0, len(frames), 1600))
    return "".join("#" if any(tenth) else "." for tenth in tenths)


def write(project, text="hello", language="en-GB"):
    (project / "flows/one.yaml").write_text(
        ONE.replace("{text}", text).replace("{language}", language)
    )


def test_a_flow_is_heard_from_top_to_bottom(mbflow, project, espeak):
    code, out, err = mbflow("say", "menu", "-o", "menu.wav", "-e", "local")
    assert (code, out) == (0, "menu.wav\n")
    assert err == (
        "Step 5: https://example.com/a.wav, https://example.com/b.wav is not fetched: "
        "2 s of silence.\n6.2 s, 99,244 bytes\n"
    )
    assert heard(project / "menu.wav") == "#" * 5 + "." * 20 + "#" * 12 + "#" * 5 + "." * 20
    assert {*espeak.said()} == {("en+f3", "Acme."), ("nl+m3", "Een bericht.")}


@pytest.mark.parametrize(
    ("step", "sound"), [("1", "#" * 5), ("3", "#" * 12), ("notice", "#" * 12), ("4", "#" * 5)]
)
def test_one_step_is_named_by_number_or_id(mbflow, project, step, sound):
    assert mbflow("say", "menu", step, "-o", "one.wav")[0] == 0
    assert heard(project / "one.wav") == sound


def test_a_number_counts_before_an_id(mbflow, project, espeak):
    (project / "flows/menu.yaml").write_text(MENU.replace("id: notice", 'id: "1"'))
    assert mbflow("say", "menu", "1", "-o", "one.wav")[0] == 0
    assert espeak.said()[0] == ("en+f3", "Acme.")


def test_texts_are_those_of_the_environment(mbflow, espeak):
    assert mbflow("say", "menu", "1", "-o", "a.wav", "-e", "staging")[0] == 0
    assert espeak.said()[0] == ("en+f3", "Test shop.")
    err = mbflow("say", "menu", "1", "-o", "b.wav")[2]
    assert "Without -e: the flows as they are in local" in err


@pytest.mark.parametrize("value", [None, "4711-secret"])
@pytest.mark.parametrize("text", ['"Your pin: ${pin}."', '"Your pin: 4711-secret, $${x} ${pin}."'])
def test_the_value_of_a_secret_is_never_spoken(mbflow, project, espeak, monkeypatch, value, text):
    write(project, text)
    if value is not None:
        monkeypatch.setenv("ACME_PIN", value)
    code, out, err = mbflow("say", "one", "-o", "a.wav", "-e", "local")
    assert code == 0
    assert "Step 2: the value of the secret pin is not spoken, but its name.\n" in err
    assert "Your pin: " in espeak.said()[0][1]
    assert "pin." in espeak.said()[0][1]
    if value is not None:
        assert value not in f"{out}{err}{espeak.runs()}"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (
            ("menu", "7"),
            64,
            'Error: menu has 6 steps, and none is "7".\n',
        ),
        (
            ("menu", "notise"),
            64,
            'Error: menu has 6 steps, and none is "notise". Did you mean "notice"?\n',
        ),
        (
            ("menu", ""),
            64,
            'Error: menu has 6 steps, and none is "".\n',
        ),
        (("menu", "6"), 1, "Error: There is nothing to hear in step 6 of menu: no text is said.\n"),
        (("menu", "2"), 1, "Error: There is nothing to hear in step 2 of menu: no text is said.\n"),
    ],
)
def test_a_step_that_is_not_there_or_silent(mbflow, project, words, code, told):
    assert mbflow("say", *words, "-o", "a.wav", "-e", "local") == (code, "", told)
    assert [*project.glob("*.wav")] == []


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        (
            "hello",
            "xx-XX",
            'Error: flows/one.yaml:6:16: step 2: espeak-ng has no voice for the language "xx-XX".\n'
            "  To see what it has:\n      espeak-ng --voices\n",
        ),
        (
            "x" * 3001,
            "en-GB",
            "Error: flows/one.yaml:6:16: step 2: The text takes more than 5 minutes to say.\n",
        ),
        (
            '"  "',
            "en-GB",
            "Step 2: espeak-ng finds nothing to say in this text.\n"
            "Error: There is nothing to hear in one: no text is said.\n",
        ),
    ],
)
def test_a_text_that_cannot_be_spoken_is_named(mbflow, project, text, language, told):
    write(project, text, language)
    assert mbflow("say", "one", "-o", "a.wav", "-e", "local") == (1, "", told)
    assert sorted(path.name for path in project.iterdir()) == ["flows", "mbflow.yaml"]


def test_more_than_an_hour_is_refused(mbflow, project):
    (project / "flows/menu.yaml").write_text(MENU.replace("length: 2", "length: 3600"))
    assert mbflow("say", "menu", "-o", "a.wav", "-e", "local") == (
        1,
        "",
        "Error: The prompts of menu last more than an hour.\n  Name a STEP.\n",
    )
    assert [*project.glob("*.wav")] == []


def test_a_file_that_is_there_stays_without_force(mbflow, project, espeak):
    file = project / "a.wav"
    file.write_bytes(b"mine")
    assert mbflow("say", "menu", "1", "-o", "a.wav", "-e", "local") == (
        3,
        "",
        "Refused: a.wav already exists.\n  Use --force to replace it.\n",
    )
    assert (file.read_bytes(), espeak.runs()) == (b"mine", [])
    write(project, "hello", "xx-XX")
    assert mbflow("say", "one", "-o", "a.wav", "--force")[0] == 1
    assert file.read_bytes() == b"mine"
    assert mbflow("say", "menu", "1", "-o", "a.wav", "--force")[0] == 0
    assert heard(file) == "#" * 5


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("there/is/none.wav", "there/is/none.wav cannot be written: No such file or directory."),
        ("/dev/null", "/dev/null is not a file, so it cannot be replaced."),
    ],
)
def test_a_file_that_cannot_be_written(mbflow, output, told):
    code, out, err = mbflow("say", "menu", "-o", output, "--force", "-e", "local")
    assert (code, out, err) == (1, "", f"Error: {told}\n")


def test_without_the_program_it_says_what_to_install(mbflow, project, monkeypatch):
    monkeypatch.setenv("PATH", str(project))
    assert mbflow("say", "menu", "-o", "a.wav", "-e", "local") == (
        1,
        "",
        "Error: espeak-ng is not on the PATH. mbflow has texts spoken by this program.\n"
        "  Install it with the packages of the system; on Debian and Ubuntu:\n"
        "      apt install espeak-ng\n",
    )
    assert [*project.glob("*.wav")] == []


@pytest.mark.skipif(REAL is None, reason="espeak-ng is not installed")
def test_the_real_program_speaks_a_flow(capsys, project):
    assert program(capsys, project)("say", "menu", "-o", "menu.wav", "-e", "local")[0] == 0
    with wave.open(str(project / "menu.wav")) as sound:
        assert sound.getframerate() == 8000
        frames = sound.readframes(sound.getnframes())
    spoken = speak(Words("Acme.", "en-GB", "female"))
    assert frames.startswith(spoken)
    assert max(struct.unpack(f"<{len(spoken) // 2}h", spoken)) > 5000
