"""A flow that is new or goes, as a reviewer reads it: everything that a caller meets."""

from builders import flow, hangup, pause, say, transfer, when
from hypothesis import given
from strategies import bodies, strange_flows

from mbflow.model.text import printable
from mbflow.views.steps import flow_lines
from mbflow.views.text import WIDTH

LONG = "Thank you for calling. " * 20
MENU = flow(
    say(
        "For sales, press 1. To leave a message, press 2. To hear this again, press any other key.",
        onKeypressGoto="chosen",
        onKeypressVar="choice",
        maxNumKeys=1,
        endKey="#",
    ),
    hangup(),
    transfer(
        "31201234567",
        id="chosen",
        options={"mask": True, "record": "both"},
        conditions=[when("choice", "1")],
    ),
    {
        "action": "record",
        "options": {"maxLength": 60, "onFinish": f"https://calls.example.com/{'x' * 80}"},
        "conditions": [when("choice", "2"), when("open", "")],
    },
    pause(2, onKeypressVar="more"),
    {"action": "fetchCallFlow", "options": {"url": "https://calls.example.com/next"}},
    title="Menu",
    record=True,
    maxDuration=60,
    default=False,
)


def test_every_key_press_condition_and_option_is_there():
    assert "\n".join(flow_lines(MENU)) == (
        """\
record yes, maxDuration 60
1 say "For sales, press 1. To leave a message, press 2. To hear this again,
    press any other key."
    language "en-GB", voice "female", maxNumKeys 1, endKey "#"
    a key press goes to step 3 (stored as choice)
2 hangup
3 transfer to 31201234567
    if choice == "1"
    mask yes, record "both"
4 record up to 60 s
    if choice == "2" and open == ""
    onFinish
      "https://calls.example.com/%s"
5 pause 2 s
    a key press goes on to step 6 (stored as more)
6 fetchCallFlow from https://calls.example.com/next"""
        % ("x" * 80)
    )


def test_a_long_text_is_whole():
    words = " ".join(" ".join(flow_lines(flow(say(LONG)))).split())
    assert LONG.strip() in words


def test_keys_that_lead_nowhere_else():
    body = flow(say("a", onKeypressGoto="lost"), say("b", onKeypressVar="k"))
    assert [line for line in flow_lines(body) if "key" in line] == [
        "    a key press goes to no step lost",
        "    a key press goes on to the end of the flow (stored as k)",
    ]


def test_a_step_that_takes_no_keys_says_what_its_file_says():
    assert flow_lines(flow(transfer("312", onKeypressGoto="x"))) == [
        "1 transfer to 312",
        '    onKeypressGoto "x"',
    ]


@given(strange_flows)
def test_whatever_a_live_flow_holds_is_shown_harmless(body):
    assert all(printable(line) == line for line in flow_lines(body))


@given(bodies())
def test_each_step_has_its_number(body):
    heads = [line.split()[0] for line in flow_lines(body) if not line.startswith("    ")]
    assert [str(n) for n in range(1, len(body["steps"]) + 1)] == [n for n in heads if n.isdigit()]


def test_it_keeps_to_80_columns_with_the_indent_of_a_plan():
    texts = [line for line in flow_lines(MENU) if "https://" not in line]
    assert max(map(len, texts)) <= WIDTH - 4
