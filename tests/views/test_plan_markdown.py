"""A plan for a pull request: complete where it fits, and honest where it does not."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from builders import edits_of, flow, hangup, pause, plan_of, say, transfer, when
from comment_page import CommentPage, assert_is_safe
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from mbflow.flow.edits import Edit
from mbflow.model.errors import Stop
from mbflow.model.problem import Problem, Severity
from mbflow.model.text import Command
from mbflow.plan.model import (
    BranchCoverage,
    CalendarAt,
    Cause,
    Change,
    ChangeKind,
    Hazard,
    HazardKind,
    NumberChange,
    NumberFlow,
    Summary,
)
from mbflow.views.comment import Files
from mbflow.views.plan_markdown import plan_markdown
from mbflow.views.text import BUDGET, LEAST

BIG = flow(*[say(f"This is announcement {n} of very many.") for n in range(80)])
EDITED = Hazard(HazardKind.OUTSIDE_EDIT, "it was edited outside git")
PROTECTED = Hazard(HazardKind.PROTECTED, "it is protected", needs_allow=True)
WRONG = Problem("unknown-goto", Severity.ERROR, "There is no step x.", "flows/a.yaml", 3, 5)
FILES = Files("https://github.com/acme/phone/blob/0123456789abcdef0123456789abcdef01234567/")


def create(name, body=BIG, **rest):
    file = f"flows/{name}.yaml"
    return Change(name, ChangeKind.CREATE, title=f"Title of {name}", after=body, file=file, **rest)


def delete(name, body=BIG, **rest):
    file, title = f"flows/{name}.yaml", f"Title of {name}"
    return Change(name, ChangeKind.DELETE, f"id-{name}", title, before=body, file=file, **rest)


def update(name, *hazards, before=None, after=None, **rest):
    edits = tuple(edits_of(before, after)) if before and after else ()
    told = {"id": f"id-{name}", "title": f"Title of {name}", "file": f"flows/{name}.yaml", **rest}
    sides = {"before": before, "after": after, "edits": edits}
    return Change(name, ChangeKind.UPDATE, hazards=hazards, **sides, **told)


def menu(text, *keys):
    """A menu whose keys ring numbers."""
    ask = {"onKeypressGoto": "asked", "onKeypressVar": "choice"}
    steps = [say(text, **ask), pause(5, **ask), hangup()]
    rings = [transfer(f"3120123456{key}", conditions=[when("choice", key)]) for key in keys]
    rings[0]["id"] = "asked"
    return flow(*steps, *rings, say("That key has no meaning."))


BEFORE = menu("For sales, press 1. For support, press 2.", "1", "2")
AFTER = menu("For sales, press 1. For support, press 2. For orders, press 3.", "1", "2", "3")


CHANGED = update("menu", before=BEFORE, after=AFTER)
FAX = update("fax", before=flow(hangup()), after=flow(pause(1), hangup()))


# What reviewers see, word for word


def small():
    coverage = BranchCoverage("flows/menu.calls.yaml", 8, 2, ("step 2: key 3", "step 6: answered"))
    change = replace(CHANGED, coverage=coverage)
    return plan_of(change, summary=Summary(update=1, unchanged=3), commit=FILES.address[-41:-1])


def every_kind():
    to, former = NumberFlow("night", "9", "Night"), NumberFlow("day", "8", "Day")
    number = NumberChange("442079460100", to, former, calendar="office", state="closed")
    command = Command("mbflow", "import", "menu", "--show", "-e", "production")
    edited = replace(
        EDITED, text="somebody edited it outside git. To see both sides:", command=command
    )
    behind = Hazard(HazardKind.BEHIND, "main moved on: this would revert 4f2c1d0. Merge it first:")
    return plan_of(
        update(
            "menu", edited, before=BEFORE, after=AFTER, cause=Cause.DRIFT, numbers=("442079460199",)
        ),
        delete("old", flow(say("Hello."), hangup()), hazards=(PROTECTED,), cause=Cause.BRANCH),
        create("new", flow(say("Hello."), hangup()), coverage=BranchCoverage("", 0, 0, ())),
        update(
            "fax", behind, before=flow(hangup()), after=flow(pause(1), hangup()), cause=Cause.BEHIND
        ),
        Change("here", ChangeKind.MOVE, "7", "Here", was="there", file="flows/here.yaml"),
        Change("ours", ChangeKind.ADOPT, "6", "Ours", file="flows/ours.yaml"),
        numbers=(number,),
        calendars=(
            CalendarAt(
                "office", "Europe/London", "2026-11-28T10:00+00:00", "closed", "", "", "open"
            ),
        ),
        notes=("orphan 9: left alone",),
        problems=(replace(WRONG, severity=Severity.WARNING),),
        options={"base": "origin/main"},
        owned=9,
    )


def hundreds():
    updates = [update(f"menu-{n}", before=BEFORE, after=AFTER) for n in range(398)]
    return plan_of(delete("old", hazards=(PROTECTED,)), update("fax", EDITED), *updates, owned=999)


def broken():
    return plan_of(create("b", flow(hangup())), problems=(WRONG,))


REFUSAL = Stop(
    3,
    "Apply will not make these changes before more is said.",
    ("menu: it was edited outside git", "    mbflow apply plan.json --allow menu"),
)
COMMENTS = Path(__file__).parent / "comments"
GOLDEN = {
    "small": lambda: plan_markdown(small(), files=FILES),
    "every-kind": lambda: plan_markdown(every_kind(), files=FILES),
    "refused": lambda: plan_markdown(plan_of(update("menu", EDITED)), refusal=REFUSAL),
    "broken": lambda: plan_markdown(
        plan_of(create("b", flow(hangup())), problems=(WRONG,)), files=FILES
    ),
    "empty": lambda: plan_markdown(plan_of(summary=Summary(unchanged=3))),
    "400-flows": lambda: "\n".join(plan_markdown(hundreds()).splitlines()[:40]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_comment_word_for_word(name):
    text = GOLDEN[name]()
    assert f"{text}\n" == (COMMENTS / f"{name}.md").read_text(encoding="utf-8")
    if name != "400-flows":  # which ends in the middle
        CommentPage(text)


def test_what_was_acknowledged_when_planned():
    plan = plan_of(delete("a", hazards=(PROTECTED,)), delete("b", hazards=(PROTECTED,)), owned=9)
    text = plan_markdown(replace(plan, allowed=("a",)))
    assert text.partition("acknowledged:\n")[2].splitlines()[2:5] == [
        "only by the options",
        "  --allow b",
        "already, by --allow: a",
    ]


def test_many_deletes_are_told():
    many = plan_of(*(delete(f"k{n}") for n in range(3)), owned=9)
    assert (
        "**The plan deletes 3 of 9 flows of this project: apply with --allow-deletes 3, "
        "or list the names under removed: in mbflow.yaml and plan again.**"
    ) in plan_markdown(many)


def test_the_numbers_of_a_flow_that_many_lead_to():
    change = update("k", numbers=tuple(f"4420794601{n:02}" for n in range(12)))
    text = plan_markdown(plan_of(replace(change, edits=(Edit("change", "title changed"),))))
    assert "numbers that lead here: `442079460100`, " in text
    assert "`442079460109` and 2 more" in text


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        (
            BranchCoverage("f.yaml", 4, 0, ()),
            "4 changed branches, gone through by calls in `f.yaml`.",
        ),
        (
            BranchCoverage("", 1, 1, ("a",)),
            "1 changed branch, and no call file that goes through it.",
        ),
        (
            BranchCoverage("f.yaml", 30, 22, ("a", "b")),
            "30 changed branches, 8 gone through by calls in `f.yaml`; not: `a`, `b` and 20 more.",
        ),
        (BranchCoverage("f.yaml", 0, 0, ()), ""),
    ],
)
def test_which_of_the_change_is_tested(coverage, words):
    text = plan_markdown(plan_of(replace(CHANGED, coverage=BranchCoverage(*coverage))))
    assert words in text and ("changed branch" in text) is bool(words)


# The budget


def large(deletes=100, edited=100, creates=400):
    return plan_of(
        *(delete(f"gone-{n}") for n in range(deletes)),
        *(update(f"edited-{n}", EDITED) for n in range(edited)),
        *(create(f"new-{n}") for n in range(creates)),
        owned=1000,
    )


def names_in(text, title):
    """The names of the lines of a section."""
    section = re.split(r"(?m)^#### ", text.partition(f"#### {title}\n")[2])[0]
    lines = (line for line in section.splitlines() if line.startswith(("- **", "- `")))
    return [re.search(r"`(?:flows/)?(.+?)(?:\.yaml)?`", line)[1] for line in lines]


def test_every_delete_and_every_hazard_finds_room():
    text = plan_markdown(large())
    assert len(text) <= BUDGET
    assert names_in(text, "⚠ Hazards") == [f"edited-{n}" for n in range(100)]
    assert names_in(text, "Deletes") == [f"gone-{n}" for n in range(100)]
    assert "· 100 updates, 100 deletes, 400 creates · ⚠ 100 hazards\n" in text


@pytest.mark.parametrize("budget", [6_000, pytest.param(BUDGET, marks=pytest.mark.long)])
def test_four_hundred_flows_with_hostile_texts(budget):
    drawn = [
        update("k", title=text, before=menu(text, "1"), after=menu(f"{text} x", "1", "2"))
        for text in HOSTILE
    ]
    every = (drawn[n % len(drawn)] for n in range(400))
    updates = [replace(one, name=f"m{n}", file=f"flows/m{n}.yaml") for n, one in enumerate(every)]
    updates[::9] = [replace(one, hazards=(EDITED,)) for one in updates[::9]]
    plan = plan_of(*updates, delete("old", hazards=(PROTECTED,)), owned=999)
    text = plan_markdown(plan, budget)
    assert len(text) <= budget
    assert len(names_in(text, "⚠ Hazards")) == 46 and names_in(text, "Deletes") == ["old"]
    assert_is_safe(text)


def test_what_does_not_fit_is_counted():
    text = plan_markdown(large(deletes=600, edited=600, creates=600))
    assert len(text) <= BUDGET
    assert len(names_in(text, "⚠ Hazards")) == len(names_in(text, "Deletes")) == 600
    (left,) = re.findall(r"\*([\d,]+)(?: more)? changes do not fit here; the plan file", text)
    shown = len(names_in(text, "Changes")) + text.count("<details")
    shown += sum(map(int, re.findall(r"· the same in (\d+) more flows", text)))
    assert shown + int(left.replace(",", "")) == 1800


def test_what_is_dropped_first():
    """Diagrams, then diffs, then calls, then the lines of changes; hazards and deletes stay."""
    updates = [update(f"menu-{n}", before=BEFORE, after=AFTER) for n in range(6)]
    plan = plan_of(update("fax", EDITED), delete("old", flow(hangup())), *updates, owned=99)
    signs = {"diagram": "```mermaid", "diff": "! step 1 say", "calls": "a caller who"}
    sizes = range(LEAST, 20_000, 1_000)
    texts_of = [plan_markdown(plan, n) for n in sizes]
    found = [{name for name in signs if signs[name] in text} for text in texts_of]
    assert all(names_in(text, "⚠ Hazards") == ["fax"] for text in texts_of)
    grown = [one for n, one in enumerate(found) if n == 0 or one != found[n - 1]]
    assert grown == [set(), {"calls"}, {"calls", "diff"}, {"calls", "diff", "diagram"}]


def test_hazards_that_no_budget_can_hold_are_counted():
    plan = plan_of(*(update(f"edited-{n}", EDITED) for n in range(400)), delete("old"), owned=1000)
    text = plan_markdown(plan, 2_000)
    assert len(text) <= 2_000
    shown = len(names_in(text, "⚠ Hazards"))
    assert f"*{400 - shown} more hazards do not fit here; the plan file holds it all" in text
    assert names_in(text, "Deletes") == ["old"]
    assert "⚠ 400 hazards" in plan_markdown(plan, 1)


def test_one_huge_flow_is_cut_with_a_word():
    text = plan_markdown(plan_of(create("huge", flow(transfer("31"), *map(pause, range(5000))))))
    assert len(text) < 10_000
    assert re.search(r"\n    … 4,\d\d\d more lines\n```", text)
    assert re.search(r"\*1 change cut short here; the plan file holds it all \(checksum ", text)
    assert re.search(r"mermaid\n", text) and "more boxes that change are not drawn." in text


def test_one_line_without_end_is_cut_too():
    text = plan_markdown(plan_of(update("k", Hazard(HazardKind.CONFLICT, "x" * 100_000))))
    assert len(text) < 6000
    assert re.search(r"\*\*conflict\*\* `x+…`\n", text)


def test_long_deletes_leave_room_for_the_updates():
    """Each has as much as any other: deletes of long flows are cut, and it is counted."""
    body = flow(*[say(f"This is announcement {n} of very many.") for n in range(400)])
    edit = Edit("change", "step 1 say: payload changed", before="a" * 500, after="b" * 500)
    edits = (replace(edit, after=f"{n:02}{'b' * 498}") for n in range(30))
    updates = [replace(update(f"u{n}"), edits=(edit,)) for n, edit in enumerate(edits)]
    plan = plan_of(*(delete(f"gone-{n}", body) for n in range(20)), *updates, owned=1000)
    text = plan_markdown(plan)
    assert len(text) <= BUDGET
    assert text.count("step 1 say: payload changed") == 30
    assert len(re.findall(r"(?m)^    … \d+ more lines$", text)) == 20
    assert "*20 changes cut short here; the plan file holds it all (checksum " in text


def test_notes_that_are_cut_are_counted():
    text = plan_markdown(plan_of(problems=(WRONG,) * 100, notes=("z" * 300,) * 100))
    assert re.findall(r"(?m)^    … (\d+) more lines$", text) == ["91"]


@given(
    st.lists(st.sampled_from(["delete", "hazard", "update", "create"]), max_size=12),
    st.lists(texts, min_size=1, max_size=3),
    st.integers(0, 6),
    st.integers(0, 9_000),
)
def test_no_plan_grows_beyond_its_budget(kinds, drawn, wrong, budget):
    make = {
        "delete": lambda n, t: delete(f"f{n}", flow(say(t), hangup())),
        "hazard": lambda n, t: update(f"f{n}", EDITED, before=flow(say(t)), after=flow(pause(1))),
        "update": lambda n, t: update(f"f{n}", before=flow(say(t)), after=flow(say(f"{t} x"))),
        "create": lambda n, t: create(f"f{n}", flow(say(t), transfer("31201234567"))),
    }
    made = [make[kind](n, drawn[n % len(drawn)]) for n, kind in enumerate(kinds)]
    changes = [replace(one, title=drawn[0]) for one in made]
    problems = tuple(replace(WRONG, line=n + 1) for n in range(wrong))
    text = plan_markdown(plan_of(*changes, owned=10_000, problems=problems), budget)
    assert len(text) <= max(budget, LEAST)
    CommentPage(text)
    told = {"⚠ Hazards": "hazard", "Deletes": "delete"}
    if budget > 1_500 + 60 * len(changes):  # a brief line each
        for title, kind in told.items():
            names = [f"f{n}" for n, one in enumerate(kinds) if one == kind]
            assert names_in(text, title) == names
        assert len(names_in(text, "Errors in the files")) == wrong
    for kind in told.values():
        count = kinds.count(kind)
        assert not count or re.search(rf"\b{count} {kind}s?\b", text.splitlines()[2])


# Hostile text


HOSTILE = [
    "```\n</details><script>alert(1)</script>",
    "`code` **bold** [link](https://evil.example) ![x](https://evil.example/x.png)",
    "</code></summary><img src=x onerror=alert(1)>",
    "````` ends a fence",
    "@everyone #1 GH-12 acme/phone#3 \u202egnp.exe \x1b[2J :tada: $x$",
    "::error::boom ##[error]boom",
    "line one\n\n# heading\n\n- item\n+ item\n! item",
    "| a | b |",
    "&lt;b&gt; <b> &#64;all",
    "-->",
    "+ a\n- b\n@@ c",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("budget", [BUDGET, 2_500, 1_000])
def test_hostile_text_is_harmless(hostile, budget):
    body = flow(say(hostile), say("x"), title=hostile)
    gone = Change(hostile, ChangeKind.DELETE, hostile, hostile, before=body, hazards=(PROTECTED,))
    coverage = BranchCoverage(hostile, 3, 1, (hostile,))
    changed = Change(
        hostile,
        ChangeKind.UPDATE,
        hostile,
        hostile,
        before=body,
        after=menu(hostile, "1"),
        edits=tuple(edits_of(body, menu(hostile, "1"))),
        hazards=(Hazard(HazardKind.CONFLICT, hostile, command=Command("mbflow", hostile)),),
        was=hostile,
        numbers=(hostile,),
        file=hostile,
        coverage=coverage,
    )
    number = NumberChange("442079460100", NumberFlow(hostile, "9", hostile), calendar="", state="")
    plan = plan_of(gone, changed, notes=(hostile,), environment=hostile, endpoint=hostile)
    problem = Problem(hostile, Severity.ERROR, hostile, hostile, 3, 5)
    for one in (plan, replace(plan, numbers=(number,), project=hostile, problems=(problem,))):
        text = plan_markdown(one, budget, files=FILES)
        page = assert_is_safe(text)
        assert all(link.startswith(FILES.address) for link in page.links)
        assert not re.search(r"##\w*\[|(?m:^\s*::)", text)


@given(texts, texts)
def test_no_text_breaks_out_of_its_block(title, payload):
    plan = plan_of(delete("k", flow(say(payload))), create("n", flow(say(title), transfer("31"))))
    changes = tuple(replace(change, title=title) for change in plan.changes)
    page = assert_is_safe(plan_markdown(replace(plan, changes=changes)))
    assert "".join(" ".join(page.prose).split()) == (
        "mbflowplan:·1delete,1create"
        "Theplandeletes1of0flowsofthisproject:applywith--allow-deletes1,"
        "orlistthenamesunderremoved:inmbflow.yamlandplanagain."
        f"Deletes·{'·' if title else ''}liveflowChanges"
        "delete·liveflowcreateGreenisnew,yellowchanged,redanddashedgoes."
    )


@given(texts, texts)
def test_what_went_is_red_and_what_came_is_green(before, after):
    """In a fence every line has a sign that is ours, whatever the texts begin with."""
    change = update("k", before=flow(say(before)), after=flow(say(after)))
    text = plan_markdown(plan_of(change))
    for block in re.findall(r"(?ms)^(`{3,})diff\n(.*?)\n\1$", text):
        assert all(line[:1] in "+-! " for line in block[1].splitlines())


def many_alike(others=0):
    alike = [
        update(f"branch-{n}", before=menu(f"Welcome to {n}.", "1"), after=menu("Hello.", "1"))
        for n in range(50)
    ]
    alike = [replace(one, before=BEFORE, after=AFTER, edits=CHANGED.edits) for one in alike]
    alike[30] = replace(alike[30], hazards=(EDITED,), numbers=("442079460100",))
    single = [
        update(f"a-{n}", before=flow(hangup()), after=flow(pause(n + 1), hangup()))
        for n in range(others)
    ]
    return plan_of(*single, *alike, owned=999)


def test_the_same_change_in_many_flows_is_told_once():
    text = plan_markdown(many_alike())
    assert text.count("For orders, press 3.") < 5
    assert "· the same in 49 more flows · ⚠ outside-edit" in text
    lines = text.splitlines()
    first = lines.index("The same in 49 more flows:") + 3
    assert lines[first : first + 49] == [f"branch-{n}" for n in range(50) if n != 30]
    assert "numbers that lead here: `442079460100`" in text


@pytest.mark.parametrize("others", [0, 60])
def test_a_small_comment_tells_what_most_flows_come_to(others):
    text = plan_markdown(many_alike(others), 3_000)
    assert len(text) <= 3_000
    assert "the same in 49 more flows" in text
    assert 'will hear "For sales, press 1. For support, press 2. For orders' in text
    shown = len(names_in(text, "Changes")) + text.count("<details") + 49
    if others:
        assert f"*{50 + others - shown} more changes do not fit here;" in text
