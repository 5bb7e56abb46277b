"""Steps and values in a few words."""

import pytest
from builders import hangup, pause, play, say, transfer, when

from mbflow.flow.words import conditions_words, step_words, value_words


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (say("For sales, press 1."), 'say "For sales, press 1."'),
        (transfer("31201234567"), "transfer to 31201234567"),
        (play("https://x.example/a.wav"), "play https://x.example/a.wav"),
        (play(["a.wav", "b.wav"]), 'play ["a.wav", "b.wav"]'),
        (pause(5), "pause 5 s"),
        ({"action": "record", "options": {"maxLength": 60}}, "record up to 60 s"),
        ({"action": "record"}, "record"),
        (
            {"action": "fetchCallFlow", "options": {"url": "https://x"}},
            "fetchCallFlow from https://x",
        ),
        ({"action": "sendKeys", "options": {"keys": "12#"}}, "sendKeys 12#"),
        (hangup(), "hangup"),
        ({"action": "dance", "options": {"payload": "x"}}, "dance"),
        ({"action": "\x1b[2J"}, "\\e[2J"),
        ({"action": None}, "no action: nothing"),
        ({"action": "say", "options": None}, "say"),
        (say(""), 'say ""'),
        ({"action": "record", "options": {"maxLength": 0}}, "record"),
        (pause(0), "pause 0 s"),
        ({"action": "dance", "options": {"": 0}}, "dance"),
        (say("x" * 100), f'say "{"x" * 59}…"'),
        (transfer("a\nb"), "transfer to a\\nb"),
    ],
)
def test_steps(step, words):
    assert step_words(step) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        ("", '""'),
        ("a\u202eb", '"a\\u202eb"'),
        (["é"], '["é"]'),
        ('x", voice "y', '"x\\", voice \\"y"'),
        ("y" * 61, f'"{"y" * 59}…"'),
    ],
)
def test_values(value, words):
    assert value_words(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([when("choice", "1")], 'choice == "1"'),
        ([when("a", "1"), when("b", "")], 'a == "1" and b == ""'),
        ([when("a", '1" and b == "')], 'a == "1\\" and b == \\""'),
        (
            [when('a == "1" and b', "")],
            '[{"variable": "a == \\"1\\" and b", "operator": "==", "value"…',
        ),
        (["odd"], '["odd"]'),
        ([{"variable": "x"}], '[{"variable": "x"}]'),
        ("odd", '"odd"'),
    ],
)
def test_conditions(value, words):
    assert conditions_words(value) == words
