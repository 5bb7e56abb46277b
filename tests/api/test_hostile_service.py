"""A service that means harm in every text it sends: nothing acts, whatever verb shows it.

What acts: control and bidirectional characters, and lines that CI systems take for commands.
"""

import pytest
from harmless import SOME, TEXTS, assert_harmless

from .conftest import KEY
from .service import Reply, listed

ID = "00000000-0000-4000-8000-000000000001"

READING = [
    "flows list",
    "flows list --format json",
    f"flows get {ID}",
    f"flows get {ID} --format json",
    f"flows get {ID} --format yaml",
    f"numbers list {ID}",
    f"numbers list {ID} --format json",
    "calls list",
    "calls list --format json",
    f"calls get {ID}",
    f"calls get {ID} --format json",
    f"legs list {ID}",
    f"legs get {ID} {ID}",
    f"recordings list {ID}",
    f"recordings list {ID} {ID} --format json",
    f"recordings get {ID}",
    f"transcriptions list {ID}",
    f"transcriptions get {ID}",
    f"transcriptions get {ID} --format json",
    f"transcriptions download {ID}",
    "webhooks list",
    "webhooks list --format json",
    f"webhooks get {ID}",
    "plan",
    "plan --format json",
    "plan --format markdown",
    "import --all",
    f"import {ID}",
    f"adopt a {ID}",
]
WRITING = [
    f"calls hangup {ID} --yes",
    "calls start a --from +31201234567 --to +31201234568 --yes",
    f"legs hangup {ID} --yes",
    f"legs hold {ID} --yes",
    f"recordings delete {ID} --yes",
    f"transcriptions create {ID} --language en-GB",
    f"webhooks update {ID} --url https://example.com/x --yes",
    f"webhooks delete {ID} --yes",
    "webhooks create https://example.com/x",
    "apply --auto-approve",
]
FILE = """\
title: A
steps:
  - action: say
    options: {payload: hello, language: en-GB, voice: female}
  - action: hangup
"""


def harmful(text, **known):
    """An object of any kind: every text of it is hostile."""
    options = {"payload": text, "language": "en-GB", "voice": "female", text: text}
    steps = [
        {"id": text, "action": "say", "options": options, "onKeypressGoto": text},
        {"action": text, "options": {text: [text, {text: text}]}, text: text},
        text,
        {"action": "say", "options": {**options, "payload": text}},
    ]
    names = "status state source destination direction type format url token number currency"
    return {
        **{name: text for name in names.split()},
        "title": text,
        "steps": steps,
        "createdAt": text,
        "updatedAt": text,
        "endedAt": text,
        "text": text,
        text: {text: [text]},
        "id": ID,
        **known,
    }


def answering(text, **known):
    def answer(asked):
        if asked.path.endswith((".txt", ".wav")):
            return Reply(
                body=text.encode("utf-8", "replace"), headers={"Content-Type": "text/plain"}
            )
        last = asked.path.rpartition("/")[2]
        if asked.method == "GET" and last in {
            "call-flows",
            "calls",
            "legs",
            "recordings",
            "transcriptions",
            "webhooks",
            "numbers",
        }:
            return listed([harmful(text, **known)], 1)
        return Reply(200, {"data": [harmful(text, **known)]})

    return answer


def refusing(text, status, body=None):
    def answer(asked):
        echoed = f"{text} {asked.headers.get('Authorization')}"
        if body is not None:
            return Reply(status, body(echoed), {"Content-Type": "text/plain"})
        error = {"message": echoed, "code": text, "description": echoed}
        return Reply(status, {"errors": [error, echoed], text: echoed})

    return answer


def check(ran, words):
    assert ran.code not in (64, 70), f"{words}: {ran.err}"
    assert_harmless(ran.out + ran.err, words)
    assert KEY not in ran.out + ran.err


@pytest.mark.parametrize("name", TEXTS)
def test_objects(against, tmp_path, name):
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/a.yaml").write_text(FILE)
    _, run = against(answering(TEXTS[name]))
    for words in [*READING, *WRITING]:
        check(run(*words.split()), words)


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize(
    "known", [{"id": "hostile"}, pytest.param({"id": "../../x"}, marks=pytest.mark.long)]
)
def test_ids(against, tmp_path, name, known):
    known = {"id": TEXTS[name]} if known["id"] == "hostile" else known
    _, run = against(answering(TEXTS[name], **known))
    for words in READING:
        check(run(*words.split()), words)


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize(
    "status", [422, *(pytest.param(status, marks=pytest.mark.long) for status in (401, 403, 404))]
)
def test_refusals_that_echo_the_key(against, tmp_path, name, status):
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/a.yaml").write_text(FILE)
    _, run = against(refusing(TEXTS[name], status))
    for words in [*READING, *WRITING, f"numbers assign {ID} +31201234567 --yes"]:
        ran = run(*words.split())
        check(ran, words)
        assert ran.code in (1, 3, 4), words
