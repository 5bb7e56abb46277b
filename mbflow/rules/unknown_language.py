"""Languages that the service speaks."""

from __future__ import annotations

from collections.abc import Iterator

from mbflow.flow.control_flow import facts_of
from mbflow.model.flow import Flow
from mbflow.model.text import listed, shortened
from mbflow.rules.rule import Finding

MANUAL = """\
A text is to be said in a language that the service is not known to speak.

The list grows: if the service does speak the language, add an exception that says so.

Fails:

    title: Welcome
    steps:
      - action: say
        options: {payload: "Welcome.", language: en-XX, voice: female}
      - action: hangup

Passes:

    title: Welcome
    steps:
      - action: say
        options: {payload: "Welcome.", language: en-GB, voice: female}
      - action: hangup"""

# Reference 14.1: the official list of 2020, and what a server in production uses beyond it.
_OFFICIAL = """
bg-BG cs-CZ cy-GB da-DK de-DE el-GR en-AU en-GB en-GB-WLS en-IN en-US es-ES es-MX es-US fr-CA fr-FR
hr-HR id-ID is-IS it-IT ja-JP ko-KR ms-MY nb-NO nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sv-SE
ta-IN th-TH tr-TR vi-VN zh-CN zh-HK
"""
_SEEN = """
ar-SA ca-ES en-CA en-IE fi-FI fil-PH gu-IN he-IL hi-IN hu-HU kn-IN ml-IN sl-SI te-IN uk-UA zh-TW
"""
LANGUAGES = {tag.lower(): tag for tag in (_OFFICIAL + _SEEN).split()}


def check(flow: Flow) -> Iterator[Finding]:
    for step in facts_of(flow).doing("say"):
        tag = step.raw_text("language")
        if tag.lower() not in LANGUAGES and "${" not in step.text("language"):
            shown = shortened(step.text("language"), 40)
            message = f'The service is not known to speak "{shown}".{_near(tag)}'
            yield Finding(message, step.path("options", "language"))


def _near(tag: str) -> str:
    """The tags of the same language."""
    start = tag.lower().partition("-")[0] + "-"
    near = [known for lowered, known in LANGUAGES.items() if lowered.startswith(start)]
    return f" It speaks {listed(near, last='and')}." if near else ""
