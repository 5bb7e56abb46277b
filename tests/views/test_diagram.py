"""Flows drawn as Mermaid and as DOT."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.flow.diagram import draw
from mbflow.flow.steps import parse_program
from mbflow.views.diagram import dot, mermaid

FLOW = {
    "steps": [
        {
            "action": "say",
            "options": {"payload": "For sales, press 1."},
            "onKeypressGoto": "sales",
            "onKeypressVar": "choice",
        },
        {"action": "pause", "options": {"length": 5}},
        {"action": "hangup"},
        {"action": "play", "options": {"media": "https://x.example/lost.wav"}},
        {
            "id": "sales",
            "action": "transfer",
            "options": {"destination": "31201234567"},
            "conditions": [{"variable": "choice", "operator": "==", "value": "1"}],
        },
    ]
}


def drawn(body, name="main"):
    return draw(parse_program(name, body), "f0")


def test_mermaid():
    assert (
        mermaid([drawn(FLOW)])
        == """\
flowchart TD
  f0s0["1 say<br/>For sales, press 1."]
  f0s1["2 pause<br/>5 s"]
  f0s2(["3 hangup"])
  f0s3["4 play<br/>lost.wav"]
  f0s4[["5 transfer<br/>if choice == 1<br/>31201234567"]]
  f0o0("end of the flow")
  f0o1("talk with 31201234567")
  f0s0 -->|"key press, stored as choice"| f0s4
  f0s0 -->|"nobody presses"| f0s1
  f0s1 --> f0s2
  f0s3 --> f0s4
  f0s4 -.->|"else"| f0o0
  f0s4 -->|"answered"| f0o1
  f0s4 -->|"not answered"| f0o0
  classDef lost stroke-dasharray: 4 4,opacity: 0.5
  class f0s3 lost"""
    )


def test_dot():
    assert (
        dot([drawn(FLOW)])
        == """\
digraph mbflow {
  node [fontname="sans-serif"];
  edge [fontname="sans-serif"];
  f0s0 [label="1 say\\nFor sales, press 1.", shape=box];
  f0s1 [label="2 pause\\n5 s", shape=box];
  f0s2 [label="3 hangup", shape=oval];
  f0s3 [label="4 play\\nlost.wav", shape=box, style=dashed, fontcolor=gray];
  f0s4 [label="5 transfer\\nif choice == 1\\n31201234567", shape=box3d];
  f0o0 [label="end of the flow", shape=plaintext];
  f0o1 [label="talk with 31201234567", shape=plaintext];
  f0s0 -> f0s4 [label="key press, stored as choice"];
  f0s0 -> f0s1 [label="nobody presses"];
  f0s1 -> f0s2;
  f0s3 -> f0s4;
  f0s4 -> f0o0 [label="else", style=dashed];
  f0s4 -> f0o1 [label="answered"];
  f0s4 -> f0o0 [label="not answered"];
}"""
    )


def test_several_flows_are_a_frame_each():
    both = [draw(parse_program(name, FLOW), f"f{n}") for n, name in enumerate(["a/b", "c"])]
    text = mermaid(both)
    assert text.startswith('flowchart LR\n  subgraph f0["a/b"]\n    direction TB\n    f0s0[')
    assert '\n  end\n  subgraph f1["c"]\n    direction TB\n    f1s0[' in text
    assert '\n  subgraph cluster_1 {\n    label="c";\n    f1s0 [' in dot(both)


def test_the_name_of_a_flow_cannot_act():
    name = 'a\x1b"\n\ud800'
    both = [draw(parse_program(name, FLOW), f"f{n}") for n in range(2)]
    assert '\n  subgraph f0["a#92;e#34;#92;n#92;ud800"]\n' in mermaid(both)
    assert '\n    label="a\\\\e\\"\\\\n\\\\ud800";\n' in dot(both)


def test_what_lies_outside():
    body = {
        "steps": [
            {"action": "say", "options": {"payload": "x"}, "onKeypressGoto": "gone"},
            {"action": "record", "options": {"timeout": 3, "onFinish": "https://x.example/n"}},
            {"action": "transfer", "options": {"destination": "1", "ifMachine": "hangup"}},
            {"action": "fetchCallFlow", "options": {"url": "https://x.example/f"}},
        ]
    }
    text = mermaid([drawn(body)])
    for label in (
        "no step gone",
        "flow of https://x.example/n",
        "talk with 1",
        "hung up on a machine",
        "4 fetchCallFlow<br/>https://x.example/f",
    ):
        assert f'"{label}"' in text
    assert '-->|"no next flow"| f0s2' in text


def test_two_ways_are_one_arrow_where_the_box_says_if():
    condition = [{"variable": "x", "operator": "==", "value": "1"}]
    steps = [{"action": "say", "options": {"payload": "x"}, "conditions": condition}]
    text = mermaid([drawn({"steps": [*steps, {"action": "hangup"}]})])
    assert text.count("-->") == 1 and "-.->" not in text


HOSTILE = '1. "a"] --> x; %% `c` #35; <b>\n| end & _i_ **b** \\ \x1b[31m {}'


def say(payload):
    return {"steps": [{"action": "say", "options": {"payload": payload}}]}


def test_hostile_texts_stay_texts():
    line = mermaid([drawn(say(HOSTILE))]).splitlines()[1]
    assert line.startswith('  f0s0["1 say<br/>1#46; #34;a#34;#93; --#62; x#59;')
    assert re.fullmatch(r'  f0s0\["[^"<>`&|\\\[\]{}]*<br/>[^"<>`&|\\\[\]{}]*"\]', line)
    label = dot([drawn(say('a "b" \\ &lt; c'))]).splitlines()[3]
    assert label == '  f0s0 [label="1 say\\na \\"b\\" \\\\ &amp;lt; c", shape=box];'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one direction TD", "one direction#32;TD"),
        ("$$x$$ and $1", "$#8204;$x$#8204;$ and $1"),
        ("fa:fa-car", "fa:#8204;fa-car"),
    ],
)
def test_what_mermaid_would_read_as_its_own_stays_text(text, shown):
    """A statement, mathematics, an icon: Mermaid finds them in labels, too."""
    assert f'<br/>{shown}"]' in mermaid([drawn(say(text))])


@given(st.text(max_size=60), st.text(max_size=20))
def test_every_line_of_a_diagram_is_one_box_or_arrow(payload, name):
    body = say(payload)
    body["steps"][0] |= {"onKeypressVar": name, "id": name}
    for line in mermaid([drawn(body)]).split("\n")[1:]:
        assert re.fullmatch(
            r'  f0[so]\d+(\["[^"]*"\]|\("[^"]*"\)| --?\.?->(\|"[^"]*"\|)? f0[so]\d+)', line
        )


def test_labels_are_cut():
    line = mermaid([drawn(say("word " * 100))]).splitlines()[1]
    assert len(line) < 80 and "…" in line
