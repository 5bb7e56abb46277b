"""Texts as sound: what espeak-ng is told, what becomes of its sound, and what goes wrong."""

import math
import struct
from itertools import pairwise

import pytest
from espeak import REAL, Espeak
from harmless import TEXTS

from mbflow.emulator import speech
from mbflow.emulator.audio import Audio, Sound
from mbflow.emulator.speech import RATE, Words, speak, speak_within
from mbflow.model.errors import Error
from mbflow.model.text import Command
from mbflow.rules.unknown_language import LANGUAGES

HELLO = Words("hello you", "en-GB", "female")
HOSTILE = {
    **TEXTS,
    "ssml": "<speak><audio src='/etc/passwd'/><break time='9s'/></speak>",
    "dash": "--help",
    "null": "a\0b",
    "surrogate": "\udc80",
    "phonemes": "[[[h@l'oU]]",
    "command": "\x0190S\x01I",
    "emoji": "\U0001f600",
    "empty": "",
    "blanks": " \n\n ",
    "dots": "...",
}


@pytest.fixture
def espeak(tmp_path, monkeypatch):
    return Espeak(tmp_path, monkeypatch)


def samples_of(sound):
    return struct.unpack(f"<{len(sound) // 2}h", sound)


def loudness(sound):
    """The root of the mean square."""
    samples = samples_of(sound)
    return math.sqrt(sum(one * one for one in samples) / max(len(samples), 1))


def refusal(words=HELLO):
    with pytest.raises(Error) as caught:
        speak(words)
    return caught.value.summary, *caught.value.details


def test_the_sound_has_the_rate_of_a_telephone(espeak):
    samples = samples_of(speak(HELLO))
    assert len(samples) == 0.9 * RATE
    rises = sum(one < 0 <= other for one, other in pairwise(samples))
    assert rises == pytest.approx(0.9 * 300, abs=1)
    assert max(samples) == pytest.approx(9000, rel=0.01)


def test_a_text_longer_than_a_second_has_no_seam(espeak):
    samples = samples_of(speak(Words("x" * 25, "en-GB", "female")))
    assert len(samples) == 2.5 * RATE
    steps = [abs(one - other) for one, other in pairwise(samples)]
    assert max(steps) < 1.05 * 9000 * 2 * math.pi * 300 / RATE


@pytest.mark.parametrize(
    ("language", "voice", "told"),
    [
        ("en-GB", "female", "en+f3"),
        ("en-GB", "male", "en+m3"),
        ("EN-gb-WLS", "Male", "en+m3"),
        ("en-US", "female", "en-us+f3"),
        ("nl-NL", "", "nl+f3"),
        ("de-DE", "male", "de+m3"),
        ("el-GR", "female", "el+f3"),
        ("pt-BR", "female", "pt-br+f3"),
        ("pt-PT", "female", "pt+f3"),
        ("zh-CN", "female", "cmn+f3"),
        ("zh-HK", "female", "yue+f3"),
    ],
)
def test_a_language_and_a_voice_are_told(espeak, language, voice, told):
    speak(Words("hi", language, voice))
    words = ["--stdin", "--stdout", "-b", "1", "-s", "175", "-v", told]
    assert espeak.runs() == [[words, "hi"]]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_text_is_text_and_no_command(espeak, text):
    speak(HELLO._replace(text=text))
    ((words, said),) = espeak.runs()
    assert words[-1] == "en+f3"
    assert "[[" not in said
    assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in said)


@pytest.mark.parametrize("language", ["xx-XX", "", "-f", "../../x", "en\0", "en gb", "e" * 99])
def test_a_language_that_it_lacks(espeak, language):
    shown = {"en\0": "en\\x00", "e" * 99: "e" * 39 + "…"}.get(language, language)
    assert refusal(Words("hi", language, "female")) == (
        f'espeak-ng has no voice for the language "{shown}".',
        "To see what it has:",
        Command("espeak-ng", "--voices"),
    )


def test_a_missing_program(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal() == (
        "espeak-ng is not on the PATH. mbflow has texts spoken by this program.",
        "Install it with the packages of the system; on Debian and Ubuntu:",
        Command("apt", "install", "espeak-ng"),
    )
    assert speak_within(HELLO, 500) is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"before": "sys.exit('no data\\nat all')"}, "espeak-ng failed: at all"),
        ({"before": "sys.exit(3)"}, "espeak-ng failed: exit code 3"),
        (
            {"before": "import os; os.kill(os.getpid(), 9)"},
            "espeak-ng was ended by signal 9, or after 30 seconds.",
        ),
        ({"before": "print('hello'); sys.exit()"}, "What espeak-ng wrote is no WAV file."),
        (
            {"channels": 2},
            "What espeak-ng wrote is no speech: one channel of 16 bit was expected.",
        ),
        (
            {"before": "while True: sys.stdout.write('x' * 65536)"},
            "The text takes more than 5 minutes to say.",
        ),
    ],
)
def test_a_program_that_fails(tmp_path, monkeypatch, options, told):
    Espeak(tmp_path, monkeypatch, **options)
    assert refusal() == (told,)
    assert speak_within(HELLO, 500) is None


def test_a_program_that_hangs_is_ended(tmp_path, monkeypatch):
    Espeak(tmp_path, monkeypatch, before="import time; time.sleep(600)")
    monkeypatch.setattr(speech, "_LONGEST_RUN", 0.1)
    assert "ended by signal 9" in refusal()[0]


def test_a_program_that_cannot_be_run(tmp_path, monkeypatch):
    espeak = Espeak(tmp_path, monkeypatch)
    espeak.file.write_text("#!/there/is/no/such/program\n")
    assert refusal() == (f"{espeak.file} cannot be run: No such file or directory.",)


def test_a_text_is_fitted_into_its_time(espeak):
    """Longer: it is said faster. Shorter: silence follows. The length is exact."""
    short, long = speak_within(HELLO, 300), speak_within(HELLO, 2000)
    assert (len(short), len(long)) == (300 * 16, 2000 * 16)
    assert [words[5] for words, _ in espeak.runs()] == ["175", "450", "175"]
    assert loudness(short[-32:]) > 1000
    assert loudness(long[: 899 * 16]) > 1000
    assert not any(long[901 * 16 :])
    fast = speak_within(HELLO, 800)
    assert espeak.runs()[-1][0][5] == "207"
    assert not any(fast[-32:])


def test_a_fitted_text_is_spoken_once(espeak):
    audio = Audio(5000, [Sound(1000, 3000, 400, HELLO, 2000)])
    whole = b"".join(audio)
    assert len(whole) == len(audio) == 44 + 5000 * 16
    assert b"".join(audio[40_000:50_000]) == whole[40_000:50_000]
    assert len(espeak.runs()) == 1
    assert not any(whole[44 : 44 + 16_000])
    assert loudness(whole[44 + 16_000 : 44 + 30_000]) > 1000


def test_a_voice_that_is_cut_short_is_not_hurried(espeak):
    cut, whole = (b"".join(Audio(2000, [Sound(0, end, 400, HELLO, 2000)])) for end in (500, 2000))
    assert cut[: 44 + 500 * 16] == whole[: 44 + 500 * 16]
    assert not any(cut[44 + 500 * 16 :])


@pytest.mark.skipif(REAL is None, reason="espeak-ng is not installed")
class TestTheRealProgram:
    @pytest.mark.parametrize("language", LANGUAGES.values())
    def test_it_speaks_the_languages_of_the_service(self, language):
        words = Words("hello 1 2", language, "male")
        if language == "fil-PH":
            assert "has no voice" in refusal(words)[0]
        else:
            male, female = speak(words), speak(words._replace(voice="female"))
            assert male != female
            assert min(map(loudness, (male, female))) > 500

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_a_hostile_text_harms_nothing(self, text):
        sound = speak(HELLO._replace(text=text))
        assert len(sound) % 2 == 0
        assert (loudness(sound) > 0) == any(map(str.isalnum, text)) or "\U0001f600" in text

    def test_a_text_that_never_ends_is_refused(self):
        assert refusal(HELLO._replace(text="word " * 20_000)) == (
            "The text takes more than 5 minutes to say.",
        )

    def test_a_text_is_heard_to_its_end_in_a_shorter_time(self):
        words = HELLO._replace(text="For sales, press 1. For support, press 2.")
        ms = len(speak(words)) // 16 * 8 // 10
        sound = speak_within(words, ms)
        assert len(sound) == ms * 16
        assert not any(sound[-160:])
