"""Types of sound files."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.flow.steps import urls_of
from mbflow.model.flow import Flow
from mbflow.rules.rule import Finding

MANUAL = """\
A sound file is of a type that the service does not play.

The URL must end in .wav or .mp3, or the value of its last query parameter must. Where a step plays
several files, all of them must be .wav.

Fails:

    title: Welcome
    steps:
      - action: play
        options: {media: "https://media.example.com/welcome.ogg"}
      - action: hangup

Passes:

    title: Welcome
    steps:
      - action: play
        options: {media: "https://media.example.com/welcome.wav"}
      - action: hangup"""


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).doing("play"):
        urls = list(urls_of(step))
        for path, url in urls:
            ending = url.partition("#")[0].lower()
            if ending.endswith(("}", ".wav")):  # "}" ends a reference to a variable
                continue
            if len(urls) > 1:
                message = "Several files in one step must all be .wav files (8 kHz, 16 bit)."
                yield Finding(message, path)
            elif not ending.endswith(".mp3"):
                message = "The service plays .wav and .mp3 files: the URL must end in one of these."
                yield Finding(message, path)
