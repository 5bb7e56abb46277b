"""What is wrong with a call file is told with its place, and with what to write instead."""

import pytest

CASES = [
    ("  - {name: c}\n", "2:5", "This call expects nothing, so it can never fail."),
    ("  - {name: c, heers: [x]}\n", "2:15", 'There is no key "heers" here. Did you mean "hears"?'),
    (
        "  - {name: c, ends: {transferred: 31201234567}}\n",
        "2:35",
        'transferred must be text. Put it in quotes: transferred: "31201234567".',
    ),
    (
        "  - name: c\n    ends: hangup\n    does:\n      - press: 1\n",
        "5:16",
        'press must be text. Put it in quotes: press: "1".',
    ),
    (
        "  - {name: c, ends: hangup, does: [{press: 'A'}]}\n",
        "2:44",
        'press cannot be "A". Write it like 1 or 1234#.',
    ),
    (
        "  - {name: c, ends: hangup, does: [{wait: 5 seconds}]}\n",
        "2:43",
        'wait cannot be "5 seconds". Write it like 5s.',
    ),
    (
        "  - {name: c, ends: hangup, does: [{press: '1', say: hi}]}\n",
        "2:36",
        "Each item does one thing; this one says press and say.",
    ),
    (
        "  - {name: c, ends: hangup, does: [{at: 3s}]}\n",
        "2:36",
        "Each item does one thing; this one says nothing of what to do.",
    ),
    (
        "  - {name: c, ends: hangup, does: [{say: hi, at: 3s}]}\n",
        "2:46",
        "at belongs to press and hang_up, not to say. Write a wait before it.",
    ),
    (
        "  - {name: c, ends: hangup, does: [{hang_up: false}]}\n",
        "2:46",
        "Write hang_up: true, or remove the item.",
    ),
    (
        "  - {name: c, ends: hangup, does: [{hang_up: true}, {press: '1'}]}\n",
        "2:36",
        "Nothing can follow hang_up: the call is over then.",
    ),
    (
        "  - {name: c, ends: hangup, does: [{press: '1', at: 5s}, {press: '2', at: 2s}]}\n",
        "2:75",
        "This comes at 2 s, after something at 5 s.",
    ),
    (
        "  - {name: c, ends: nowhere}\n",
        "2:21",
        "ends must be hangup, caller, end_of_flow, max_duration or fetch_failed",
    ),
    (
        "  - {name: c, ends: {transferred: '1', fetched: x}}\n",
        "2:21",
        "A call ends in one way.",
    ),
    (
        "  - {name: c, ends: hangup}\n  - {name: c, ends: caller}\n",
        "3:12",
        'Another call of this file has the name "c". Change one.',
    ),
    (
        "  - {name: c, ends: hangup, environment: stagging}\n",
        "2:42",
        'There is no environment "stagging". Did you mean "staging"?',
    ),
    (
        "  - {name: c, ends: {transferred: '${sale}'}}\n",
        "2:35",
        'There is no variable "sale". Did you mean "sales"? If not, declare it under variables '
        "in mbflow.yaml.",
    ),
    (
        "  - {name: c, ends: hangup, world: {transfers: {'${sale}': busy}}}\n",
        "2:",
        'There is no variable "sale". Did you mean "sales"? If not, declare it under variables '
        "in mbflow.yaml.",
    ),
    (
        "  - {name: c, ends: hangup, world: {transfers: {'3120': away}}}\n",
        "2:57",
        '3120 must be answered, busy, no_answer, failed or machine, not "away".',
    ),
    (
        "  - {name: c, ends: hangup, world: {transfers: {3120: busy}}}\n",
        "2:49",
        'The key 3120 is not text. Put it in quotes: "3120".',
    ),
    (
        "  - {name: c, ends: hangup, does: [{press: '${pin}'}]}\n",
        "2:",
        '"pin" is a secret, and what a caller does stands in the transcript.',
    ),
    ("  - {name: c, ends: hangup\n", "2:5", "A bracket that is opened here is never closed."),
    ("  []\n", "1:", "calls is empty. Give it a value, or remove the key."),
    ("  - just a text\n", "2:5", "Item 1 of the list must be a mapping"),
]


@pytest.mark.parametrize(("text", "place", "message"), CASES, ids=range(len(CASES)))
def test_mistakes(project, text, place, message):
    project.calls(text)
    ran = project.test("--format", "json")
    told = [f"{one['line']}:{one['column']} {one['message']}" for one in ran.json["problems"]]
    assert ran.code == 1
    assert len(told) == 1, told
    assert told[0].startswith(place), told
    assert message in told[0], told
    assert ran.json["problems"][0]["file"] == "flows/menu.calls.yaml"
    checked = project.run("-e", "local", "validate", "--format", "json")
    of_calls = [one for one in checked.json["problems"] if ".calls." in one["file"]]
    assert (checked.code, of_calls) == (1, ran.json["problems"])


def test_the_line_is_shown_with_a_caret(project):
    project.calls("  - {name: c, ends: hangup, does: [{press: 1}]}\n")
    assert (
        project.test().err
        == """\
flows/menu.calls.yaml:2:44: error: press must be text. Put it in quotes: press: "1". [call-file]
    - {name: c, ends: hangup, does: [{press: 1}]}
                                             ^
"""
    )


def test_one_bad_file_does_not_hide_the_others(project):
    project.calls("  - {name: c}\n")
    project.write("flows/bye.yaml", "steps: [{action: hangup}]\n")
    project.calls("  - {name: hangs up, ends: hangup}\n", name="bye")
    ran = project.test()
    assert (ran.code, ran.out) == (1, "bye  1 passed\n\n1 call: 1 passed; 1 file has errors.\n")


@pytest.mark.parametrize("source", ["", "[]", "calls: 1", "x: 1", "\t", "a: &a [*a]", "- " * 9000])
def test_odd_files_are_problems(project, source):
    project.write("flows/menu.calls.yaml", source)
    ran = project.test()
    assert ran.code == 1
    assert "Bug" not in ran.err and "flows/menu.calls.yaml" in ran.err


def test_a_call_file_that_cannot_be_read(project):
    (project.root / "flows/menu.calls.yaml").mkdir()
    assert project.test().code == 0
    (project.root / "flows/menu.calls.yaml").rmdir()
    (project.root / "flows/menu.calls.yaml").symlink_to("nowhere")
    ran = project.test()
    assert (ran.code, "cannot be read" in ran.err) == (1, True)
