"""The fingerprints of lines are those of GitHub's upload action: its own examples."""

import pytest

from mbflow.views.problems import line_hashes

GREETINGS = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]
EXAMPLES = [
    ("", ["c129715d7a2bc9a3:1"]),
    (
        " a\nb\n  \t\tc\n d",
        ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    ),
    (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETINGS),
    (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETINGS),
    (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETINGS),
    (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETINGS),
    (
        "Lorem ipsum dolor sit amet.\n" * 10,
        [
            *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)),
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
]


@pytest.mark.parametrize(("text", "hashes"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_line_has_the_hash_that_the_action_gives_it(text, hashes):
    wanted = range(1, len(hashes) + 1)
    assert line_hashes(text.encode(), wanted) == dict(zip(wanted, hashes, strict=True))


def test_lines_that_there_are_not_have_none():
    assert line_hashes(b"a: 1\n", [0, 3, 99]) == {}


def test_bytes_that_are_no_text_do_no_harm():
    assert list(line_hashes(b"a\xff\n\xf0\x9f\x98\x80\n", [1, 2])) == [1, 2]


def test_lines_added_above_leave_the_hash_as_it_is():
    text = "payload: x\n" + "action: hangup\n" * 20
    before = line_hashes(text.encode(), [1])[1]
    assert line_hashes(b"# a remark\n\n" + text.encode(), [3]) == {3: before}
