"""Languages of transcriptions."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.model.text import did_you_mean, listed
from mbflow.rules.rule import Finding

MANUAL = """\
A recording is to be transcribed, and its language is one that the service does not know.

Transcriptions have language codes of their own: `en-UK` for British English, `es-LA` for Latin
America.

Fails:

    title: Voicemail
    steps:
      - action: say
        options: {payload: "Your message is recorded.", language: en-GB, voice: female}
      - action: record
        options: {maxLength: 60, transcribe: true, transcribeLanguage: en-GB}
      - action: hangup

Passes:

    title: Voicemail
    steps:
      - action: say
        options: {payload: "Your message is recorded.", language: en-GB, voice: female}
      - action: record
        options: {maxLength: 60, transcribe: true, transcribeLanguage: en-UK}
      - action: hangup"""

LANGUAGES = (
    *("de-DE", "en-AU", "en-UK", "en-US", "es-ES"),
    *("es-LA", "fr-FR", "it-IT", "nl-NL", "pt-BR"),
)
"""Reference 14.2."""
_LOWERED = frozenset(tag.lower() for tag in LANGUAGES)


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).doing("record"):
        if step.raw.get("transcribe") is not True:
            continue
        tag = step.raw_text("transcribeLanguage")
        if tag.lower() not in _LOWERED and "${" not in tag:
            guess = did_you_mean(tag, LANGUAGES) or f" Use {listed(LANGUAGES)}."
            message = f"Recordings in this language cannot be transcribed.{guess}"
            yield Finding(message, step.path("options", "transcribeLanguage"))
