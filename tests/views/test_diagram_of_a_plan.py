"""What a plan changes, drawn in colours: Mermaid and DOT."""

import re

import pytest
from builders import edits_of, flow, hangup, pause, say, transfer, when
from hypothesis import given
from hypothesis import strategies as st

from mbflow.flow.diagram import Mark
from mbflow.plan.model import Change, ChangeKind
from mbflow.views.diagram import dot, mermaid
from mbflow.views.plan_diagram import draw_change


def update(before, after):
    return Change(
        "menu", ChangeKind.UPDATE, before=before, after=after, edits=edits_of(before, after)
    )


def marks(change):
    """First line of a marked box to its mark."""
    boxes = draw_change(change, "f0").boxes
    return {box.lines[0]: box.mark.value for box in boxes if box.mark}


WELCOME = say("Welcome to Acme.")
BEFORE = flow(WELCOME, pause(2), say("Old news."), transfer("31201234567"), hangup())
AFTER = flow(
    say("Welcome to Acme, friend."), say("New words at last."), transfer("31201234567"), hangup()
)
CHANGE = update(BEFORE, AFTER)


def test_mermaid():
    assert (
        mermaid([draw_change(update(flow(WELCOME, pause(2)), flow(WELCOME, hangup())), "f0")])
        == """\
flowchart LR
  subgraph f0["update menu"]
    direction TB
    f0s0["1 say<br/>Welcome to Acme."]
    f0s1(["2 hangup"])
    f0rs1["was 2 pause<br/>2 s"]
    f0s0 --> f0s1
  end
  subgraph f1["legend"]
    direction TB
    legend_added["added"]
    legend_removed["removed"]
  end
  classDef added fill:#dafbe1,stroke:#1a7f37,color:#1f2328
  class f0s1,legend_added added
  classDef removed fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4 4
  class f0rs1,legend_removed removed"""
    )


def test_dot():
    assert (
        dot([draw_change(update(flow(WELCOME, pause(2)), flow(WELCOME, hangup())), "f0")])
        == """\
digraph mbflow {
  node [fontname="sans-serif"];
  edge [fontname="sans-serif"];
  subgraph cluster_0 {
    label="update menu";
    f0s0 [label="1 say\\nWelcome to Acme.", shape=box];
    f0s1 [label="2 hangup", shape=oval, style="filled", fillcolor="#dafbe1", color="#1a7f37", \
fontcolor="#1f2328"];
    f0rs1 [label="was 2 pause\\n2 s", shape=box, style="filled,dashed", fillcolor="#ffebe9", \
color="#cf222e", fontcolor="#1f2328"];
    f0s0 -> f0s1;
  }
  subgraph cluster_1 {
    label="legend";
    legend_added [label="added", shape=box, style="filled", fillcolor="#dafbe1", \
color="#1a7f37", fontcolor="#1f2328"];
    legend_removed [label="removed", shape=box, style="filled,dashed", fillcolor="#ffebe9", \
color="#cf222e", fontcolor="#1f2328"];
  }
}"""
    )


def test_a_changed_step_is_yellow():
    change = update(flow(WELCOME, hangup()), flow(say("Welcome to Acme, friend."), hangup()))
    assert marks(change) == {"1 say": "changed"}
    assert "\n  class f0s0,legend_changed changed" in mermaid([draw_change(change, "f0")])
    assert 'fillcolor="#fff8c5"' in dot([draw_change(change, "f0")])


def test_a_retargeted_step_is_yellow():
    def menu(target):
        return flow(
            say("Press 1.", onKeypressGoto=target), hangup(id="bye"), transfer("3120", id="sales")
        )

    assert marks(update(menu("bye"), menu("sales"))) == {"1 say": "changed"}


def test_a_moved_step_is_blue_and_says_where_it_was():
    one, two, three = say("One."), pause(2), transfer("31201234567")
    change = update(flow(one, two, three, hangup()), flow(three, one, two, hangup()))
    assert marks(change) == {"1 transfer": "moved"}
    text = mermaid([draw_change(change, "f0")])
    assert '  f0s0[["1 transfer<br/>31201234567<br/>was step 3"]]\n' in text
    assert "\n  classDef moved fill:#ddf4ff," in text
    assert 'fillcolor="#ddf4ff"' in dot([draw_change(change, "f0")])


def test_a_step_moved_and_changed_is_yellow_with_its_old_place():
    before = flow(say("One.", id="one"), say("Two.", id="two"), hangup())
    change = update(before, flow(say("Two!", id="two"), say("One!", id="one"), hangup()))
    moved = next(edit for edit in change.edits if edit.kind == "move")
    box = draw_change(change, "f0").boxes[moved.desired]
    assert box.mark is Mark.CHANGED
    assert box.lines[-1] == f"was step {moved.live + 1}"


def test_what_changes_of_the_whole_flow_is_a_note():
    change = update(flow(WELCOME, title="A"), flow(WELCOME, title="A", record=True))
    assert marks(change) == {"record set to yes": "changed"}


def test_a_created_flow_is_all_green():
    change = Change("menu", ChangeKind.CREATE, after=AFTER)
    assert set(marks(change).values()) == {"added"} and len(marks(change)) == 4
    text = mermaid([draw_change(change, "f0")])
    assert '["create menu"]' in text
    assert "\n  class f0s0,f0s1,f0s2,f0s3,legend_added added" in text


def test_a_deleted_flow_is_all_red_and_keeps_its_arrows():
    change = Change("menu", ChangeKind.DELETE, before=BEFORE)
    assert set(marks(change).values()) == {"removed"} and len(marks(change)) == 5
    text = mermaid([draw_change(change, "f0")])
    assert '["delete menu"]' in text and "\n    f0s0 --> f0s1" in text
    assert "\n  class f0s0,f0s1,f0s2,f0s3,f0s4,legend_removed removed" in text


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        (Change("menu", ChangeKind.CREATE, after={"title": "x"}), "added"),
        (Change("menu", ChangeKind.DELETE, before={"steps": []}), "removed"),
    ],
)
def test_a_flow_without_steps_is_drawn_too(change, mark):
    assert marks(change) == {"no steps": mark}


HOSTILE = '1. "a"] --> x; %% `c` #35; <b>\n| end & _i_ \\ \x1b[31m {}'


def test_hostile_texts_stay_texts_also_where_they_go():
    change = update(
        flow(WELCOME, say(HOSTILE), title=HOSTILE), flow(WELCOME, pause(1), title='x"]')
    )
    change = Change(
        'k"]', change.action, before=change.before, after=change.after, edits=change.edits
    )
    drawing = draw_change(change, "f0")
    for line in mermaid([drawing]).splitlines():
        for label in re.findall(r'"([^"]*)"', line):
            assert not re.search(r"[<>`&|\\\[\]{}]", label.replace("<br/>", "")), line
        assert line.count('"') % 2 == 0 and "\x1b" not in line
    assert 'label="update k\\"]";' in dot([drawing])


WORDS = st.sampled_from(["One.", "Two words.", "Three more words.", "Four."])
STEPS = st.lists(st.one_of(WORDS.map(say), st.integers(1, 3).map(pause), st.just(hangup())))


@given(STEPS, STEPS)
def test_every_edit_is_to_be_seen_and_nothing_else(before, after):
    change = update(flow(*before), flow(*after))
    boxes = draw_change(change, "f0").boxes
    assert len({box.id for box in boxes}) == len(boxes)
    seen = {(box.id, box.mark) for box in boxes if box.mark}
    places = {mark: {box_id for box_id, found in seen if found is mark} for mark in Mark}
    told = {"insert": set(), "remove": set(), "move": set(), "change": set()}
    for edit in change.edits:
        gone = edit.kind == "remove"
        told[edit.kind].add(f"f0rs{edit.live}" if gone else f"f0s{edit.desired}")
    assert places[Mark.ADDED] == told["insert"]
    assert places[Mark.REMOVED] == told["remove"]
    assert places[Mark.CHANGED] == told["change"]
    assert places[Mark.MOVED] == told["move"] - told["change"]


OPTIONS = {"repeat": 2, "ifMachine": "continue"}


@pytest.mark.parametrize("action", ["insert", "remove", "create", "delete"])
def test_a_step_that_comes_or_goes_shows_its_options(action):
    """As the plan does in text; one that stays shows what changes of it in colour alone."""
    asked = say("Which one?", language="nl-NL", voice="male", options=OPTIONS)
    asked["conditions"] = [when("choice", "1")]
    few, more = flow(hangup()), flow(asked, hangup())
    changes = {
        "insert": update(few, more),
        "remove": update(more, few),
        "create": Change("menu", ChangeKind.CREATE, after=more),
        "delete": Change("menu", ChangeKind.DELETE, before=more),
    }
    drawn = draw_change(changes[action], "f0")
    (box,) = [box for box in drawn.boxes if "Which one?" in box.lines]
    assert box.mark is (Mark.REMOVED if action in ("remove", "delete") else Mark.ADDED)
    assert " ".join(box.lines).removeprefix("was ") == (
        '1 say if choice == 1 Which one? language "nl-NL", voice "male", repeat 2, '
        'ifMachine "continue"'
    )
    assert all(len(line) <= 48 for line in box.lines)
