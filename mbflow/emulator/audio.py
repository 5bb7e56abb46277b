"""Recordings as WAV files: 8 kHz, 16 bit, mono, made as they are read and never held whole."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from mbflow.emulator.speech import BYTES_A_MS, RATE, Words, speak_within

_WIDTH = 2
_HEADER = 44
_LOUDNESS = 6000
_PIECE = 64 * 1024
_LONGEST = 0xFFFFFFFF - _HEADER


@dataclass(frozen=True, slots=True)
class Sound:
    """Somebody speaks, from one time of the recording to another, in milliseconds."""

    start: int
    end: int
    pitch: int
    """Of the hum that stands for a voice where nothing on this machine speaks the words."""
    words: Words | None = None
    lasts: int = 0
    """How long all the words take: what comes after `end` is cut off."""

    def samples(self, first: int, last: int) -> bytes:
        """From one byte of the recording to another, both within the sound."""
        voice = speak_within(self.words, self.lasts) if self.words else None
        if voice is None:
            return _hum(self.pitch, first, last - first)
        begin = self.start * BYTES_A_MS
        return voice[first - begin : last - begin]


@dataclass(frozen=True, slots=True)
class Audio:
    """A WAV file, or a part of one: it has a length, it can be sliced, and it gives its bytes.

    Silence but for `sounds`: what somebody says, or a hum at the pitch of who it is.
    """

    ms: int
    sounds: Sequence[Sound] = ()
    start: int = 0
    stop: int | None = None
    """The part of the file, in bytes."""

    def __len__(self) -> int:
        whole = _HEADER + self._data_length()
        return (whole if self.stop is None else min(self.stop, whole)) - self.start

    def __getitem__(self, part: slice) -> Audio:
        start, stop, _ = part.indices(len(self))
        return replace(self, start=self.start + start, stop=self.start + max(start, stop))

    def __iter__(self) -> Iterator[bytes]:
        place, end = self.start, self.start + len(self)
        if place < min(end, _HEADER):
            yield self._header()[place:end]
            place = min(end, _HEADER)
        while place < end:
            length = min(_PIECE, end - place)
            yield self._data(place - _HEADER, length)
            place += length

    def _data_length(self) -> int:
        return min(self.ms * BYTES_A_MS, _LONGEST)

    def _header(self) -> bytes:
        length = self._data_length()
        return struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            _HEADER - 8 + length,
            b"WAVE",
            b"fmt ",
            16,
            1,
            1,
            RATE,
            RATE * _WIDTH,
            _WIDTH,
            8 * _WIDTH,
            b"data",
            length,
        )

    def _data(self, start: int, length: int) -> bytes:
        piece = bytearray(length)
        for sound in self.sounds:
            first = max(sound.start * BYTES_A_MS, start)
            last = min(sound.end * BYTES_A_MS, start + length)
            if first < last:
                piece[first - start : last - start] = sound.samples(first, last)
        return bytes(piece)


def _hum(pitch: int, start: int, length: int) -> bytes:
    """A second of a tone holds whole waves, so that it can be repeated without a click."""
    second = _second(pitch)
    skipped = start % len(second)
    return (second * (length // len(second) + 2))[skipped : skipped + length]


@cache
def _second(pitch: int) -> bytes:
    turn = 2 * math.pi * pitch / RATE
    samples = [round(_LOUDNESS * math.sin(turn * number)) for number in range(RATE)]
    return struct.pack(f"<{RATE}h", *samples)
