"""Texts as sound, spoken by the program espeak-ng: 8 kHz, 16 bit, mono, as a telephone has it.

Samples without a header; `audio` makes files of them. It is not the service's own voice.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import wave
from functools import lru_cache
from io import BytesIO
from itertools import accumulate, pairwise
from tempfile import TemporaryFile
from threading import Timer
from typing import BinaryIO, NamedTuple

from mbflow.model.errors import Error
from mbflow.model.text import Command, shortened

PROGRAM = "espeak-ng"
RATE = 8000
"""Samples a second."""
BYTES_A_MS = 2 * RATE // 1000

LONGEST_SPEECH = 300
"""Seconds of one text; what is longer is refused."""
_LONGEST_RUN = 30
"""Seconds; espeak-ng speaks some hundred times faster than people."""
_RATES = range(RATE, 48_001)
_MOST_BYTES = LONGEST_SPEECH * 22_050 * 2

_SPEED, _HIGHEST_SPEED = 175, 450
"""Words a minute: what espeak-ng takes where it is told nothing, and the most that it can."""
_MARGIN = 1.05
"""A text spoken so much faster gets a little less than so much shorter."""

# Voices bear the name of their language, and these a country's as well. Where espeak-ng has to look
# for a voice itself, it forgets whether that is a man or a woman.
_VOICES = {
    "en-us": "en-us",
    "en-ca": "en-us",
    "es-mx": "es-419",
    "es-us": "es-419",
    "fr-be": "fr-be",
    "fr-ch": "fr-ch",
    "pt-br": "pt-br",
    "zh": "cmn",
    "zh-hk": "yue",
}
_TAG = "[a-z]{2,3}(-[a-z0-9]{1,8})*"


class Words(NamedTuple):
    """A text, and who says it: a language tag of the Voice API, and `male` or `female`."""

    text: str
    language: str
    voice: str


def find_program() -> str:
    """Its path. Raises `Error` where the PATH has no espeak-ng."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise Error(
            f"{PROGRAM} is not on the PATH. mbflow has texts spoken by this program.",
            "Install it with the packages of the system; on Debian and Ubuntu:",
            Command("apt", "install", PROGRAM),
        )
    return program


def speak(words: Words, *, speed: int = _SPEED) -> bytes:
    """The samples of the spoken text; silence, or none, where nothing in it can be said.

    Raises `Error` where there is no espeak-ng, where it lacks the language, where it fails, and
    where the text takes longer than `LONGEST_SPEECH`.
    """
    # The text comes by standard input: an argument could be read by everybody on the machine.
    command = [
        find_program(),
        "--stdin",
        "--stdout",
        "-b",
        "1",
        "-s",
        str(speed),
        "-v",
        _voice(words),
    ]
    with TemporaryFile() as text, TemporaryFile() as trouble:
        text.write(_plain(words.text).encode())
        text.seek(0)
        code, sound = _run(command, text, trouble)
        if len(sound) > _MOST_BYTES:
            raise Error(f"The text takes more than {LONGEST_SPEECH // 60} minutes to say.")
        if code != 0:
            trouble.seek(0)
            raise _failure(words, code, trouble.read(1000).decode("utf-8", "replace"))
    return _samples(sound) if sound else b""


@lru_cache(maxsize=8)
def _fitted(program: str | None, words: Words, ms: int) -> bytes | None:
    """`program` is there for the cache: another one speaks in another way."""
    length = ms * BYTES_A_MS
    try:
        sound = speak(words).rstrip(b"\0") if program else b""
        if len(sound) > length > 0:
            speed = min(round(_SPEED * _MARGIN * len(sound) / length), _HIGHEST_SPEED)
            sound = speak(words, speed=speed)
    except (Error, OSError):
        return None
    return sound[:length].ljust(length, b"\0") if sound else None


def speak_within(words: Words, ms: int) -> bytes | None:
    """Samples for exactly so many milliseconds: the text, said faster where it has to, and silence.

    None where the text cannot be spoken on this machine.
    """
    return _fitted(shutil.which(PROGRAM), words, ms)


def _voice(words: Words) -> str:
    """What espeak-ng calls the voice: `en-us+f3`."""
    tag = words.language.lower()
    if not re.fullmatch(_TAG, tag):
        raise _no_voice(words)
    language = tag.partition("-")[0]
    name = _VOICES.get(tag) or _VOICES.get(language, language)
    return f"{name}+{'m3' if words.voice.lower() == 'male' else 'f3'}"


def _plain(text: str) -> str:
    """The text without what espeak-ng obeys: control characters, and `[[` before phonemes."""
    return re.sub(r"\[(?=\[)", "[ ", re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", " ", text))


def _run(command: list[str], text: BinaryIO, trouble: BinaryIO) -> tuple[int, bytes]:
    """The exit code, and what was written: a little more than allowed where it is too much."""
    try:
        process = subprocess.Popen(command, stdin=text, stdout=subprocess.PIPE, stderr=trouble)
    except OSError as error:
        raise Error(f"{command[0]} cannot be run: {error.strerror}.") from error
    with process:
        end = Timer(_LONGEST_RUN, process.kill)
        end.start()
        try:
            assert process.stdout is not None
            sound = process.stdout.read(_MOST_BYTES + 1)
            if len(sound) <= _MOST_BYTES:
                process.wait()
        finally:
            end.cancel()
            process.kill()
    return process.returncode, sound


def _failure(words: Words, code: int, said: str) -> Error:
    if "voice does not exist" in said:
        return _no_voice(words)
    if code < 0:
        return Error(f"{PROGRAM} was ended by signal {-code}, or after {_LONGEST_RUN} seconds.")
    reason = shortened(said.strip().rpartition("\n")[2], 200) or f"exit code {code}"
    return Error(f"{PROGRAM} failed: {reason}")


def _no_voice(words: Words) -> Error:
    language = shortened(words.language, 40)
    return Error(
        f'{PROGRAM} has no voice for the language "{language}".',
        "To see what it has:",
        Command(PROGRAM, "--voices"),
    )


def _samples(sound: bytes) -> bytes:
    """The samples of a WAV file, which espeak-ng writes with 22,050 a second."""
    try:
        with wave.open(BytesIO(sound)) as file:
            form, rate = (file.getnchannels(), file.getsampwidth()), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise Error(f"What {PROGRAM} wrote is no WAV file.") from error
    if form != (1, 2) or rate not in _RATES:
        raise Error(f"What {PROGRAM} wrote is no speech: one channel of 16 bit was expected.")
    seconds = range(0, len(frames), 2 * rate)
    return b"".join(_telephone(frames[start : start + 2 * rate], rate) for start in seconds)


def _telephone(frames: bytes, rate: int) -> bytes:
    """At most a second of sound with `RATE` samples a second: each the mean over its time."""
    step = rate / RATE
    samples = (*struct.unpack_from(f"<{len(frames) // 2}h", frames), 0)
    sums = [0, *accumulate(samples)]

    def area(number: int) -> float:
        whole = int(number * step)
        area: float = sums[whole] + (number * step - whole) * samples[whole]
        return area

    count = (len(samples) - 1) * RATE // rate
    areas = map(area, range(count + 1))
    means = [round((end - start) / step) for start, end in pairwise(areas)]
    return struct.pack(f"<{count}h", *means)
