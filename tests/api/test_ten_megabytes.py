"""Texts of 10 MB from the service: lists, plans and messages stay short, and nothing acts.

Failures that are tried again, such as 500, are in `test_failures.py`: there no wait costs time.
"""

import pytest
from harmless import assert_harmless

from .conftest import KEY
from .service import Reply
from .test_hostile_service import FILE, ID, answering

LONG = ("word \x1b[2J\u202e::error::x | <b> " * 400_000)[: 10 * 1024 * 1024]
SHORT = [
    "flows list",
    "numbers list {id}",
    "calls list",
    "legs list {id}",
    "recordings list {id}",
    "webhooks list",
]
PLANS = ["plan", "plan --format markdown", "plan --format json", "import --all", "adopt a {id}"]
MOST = 100_000
"""Characters that are still no flood."""


def one_text(place, **known):
    """A service whose objects hold the long text in one place."""
    step = {"action": "say", "options": {"payload": "x", "language": "en-GB", "voice": "female"}}
    steps = [step, {"action": "hangup"}]
    if place == "payload":
        step["options"]["payload"] = LONG
    else:
        known[place] = LONG
    return answering("x", steps=steps, **known)


def places(first, *others):
    """The first by default, the others as the long proof."""
    return [first, *(pytest.param(place, marks=pytest.mark.long) for place in others)]


@pytest.mark.parametrize("place", places("title", "payload", "status", "source", "number", "url"))
def test_lists(against, place):
    _, run = against(one_text(place))
    for words in SHORT:
        ran = run(*words.format(id=ID).split())
        assert ran.code in (0, 1), f"{words}: {ran.err}"
        assert len(ran.out + ran.err) < MOST, words
        assert_harmless(ran.out + ran.err, words)


@pytest.mark.parametrize("place", places("payload", "title"))
def test_plans_and_imports(against, tmp_path, place):
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/a.yaml").write_text(FILE)
    _, run = against(one_text(place))
    for words in PLANS:
        ran = run(*words.format(id=ID).split())
        assert ran.code in (0, 1, 3), f"{words}: {ran.err}"
        assert len(ran.out + ran.err) < MOST, words
        assert_harmless(ran.out + ran.err, words)


@pytest.mark.parametrize("status", [404, 422])
@pytest.mark.parametrize("as_json", [True, False])
def test_messages(against, tmp_path, status, as_json):
    def refusing(asked):
        echo = f"{asked.headers.get('Authorization')} {LONG}"
        body = {"errors": [{"message": echo, "code": 1}]} if as_json else echo.encode()
        return Reply(status, body)

    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/a.yaml").write_text(FILE)
    _, run = against(refusing)
    for words in ("flows list", f"calls get {ID}", "apply --auto-approve"):
        ran = run(*words.split())
        assert ran.code in (1, 3, 4), f"{words}: {ran.err}"
        assert len(ran.out + ran.err) < MOST, words
        assert_harmless(ran.out + ran.err, words)
        assert KEY not in ran.out + ran.err
