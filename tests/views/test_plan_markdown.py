"""A plan for a pull request: complete where it fits, and honest where it does not."""

import re
from dataclasses import replace

import pytest
from builders import flow, hangup, pause, plan_of, say
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from mbflow.flow.edits import Edit
from mbflow.model.problem import Problem, Severity
from mbflow.plan.model import Change, ChangeKind, Hazard, HazardKind, Summary
from mbflow.views.comment import BUDGET
from mbflow.views.plan_markdown import plan_markdown

BIG = flow(*[say(f"This is announcement {n} of very many.") for n in range(80)])
EDITED = Hazard(HazardKind.OUTSIDE_EDIT, "it was edited outside git")
PROTECTED = Hazard(HazardKind.PROTECTED, "it is protected", needs_allow=True)


def create(name, body=BIG, **rest):
    return Change(name, ChangeKind.CREATE, title=f"Title of {name}", after=body, **rest)


def delete(name, body=BIG, **rest):
    return Change(name, ChangeKind.DELETE, f"id-{name}", f"Title of {name}", before=body, **rest)


def update(name, *hazards):
    return Change(name, ChangeKind.UPDATE, f"id-{name}", f"Title of {name}", hazards=hazards)


def test_a_small_plan_word_for_word():
    body = flow(say("Hello."), hangup())
    plan = plan_of(delete("old", body, hazards=(PROTECTED,)), create("new", body), owned=9)
    assert (
        plan_markdown(plan)
        == """\
### mbflow plan: `production (https://voice.example.com)`

**1 to delete, 1 to create; 0 unchanged**

<details open><summary><code>- delete  old  &quot;Title of old&quot;</code> ⚠</summary>

```
    ! protected: it is protected
    live flow id-old
    1 say "Hello."
        language "en-GB", voice "female"
    2 hangup
```

</details>

<details><summary><code>+ create  new  &quot;Title of new&quot;</code></summary>

```
    1 say "Hello."
        language "en-GB", voice "female"
    2 hangup
```

</details>

```
How the hazards (!) are acknowledged:
  only by the options
    --allow old
```

`production (https://voice.example.com)`: 1 to delete, 1 to create; 0 unchanged
"""
    )


def test_what_was_acknowledged_when_planned():
    plan = plan_of(delete("a", hazards=(PROTECTED,)), delete("b", hazards=(PROTECTED,)), owned=9)
    text = plan_markdown(replace(plan, allowed=("a",)))
    assert text.partition("acknowledged:\n")[2].splitlines()[:3] == [
        "  only by the options",
        "    --allow b",
        "  already, by --allow: a",
    ]


def test_an_empty_plan():
    assert (
        plan_markdown(plan_of(summary=Summary(unchanged=3)))
        == """\
### mbflow plan: `production (https://voice.example.com)`

**nothing to change; 3 unchanged**
"""
    )


def test_problems_notes_and_many_deletes_are_told():
    problem = Problem("unknown-goto", Severity.ERROR, "There is no step x.", "flows/a.yaml", 3, 5)
    text = plan_markdown(plan_of(problems=(problem,), notes=("orphan 9: left alone",)))
    assert "flows/a.yaml:3:5: error: There is no step x. [unknown-goto]" in text
    assert "\n\n**No plan: 1 file has errors**\n\n```\nflows/a.yaml:3:5" in text
    assert "unchanged" not in text
    assert text.endswith("`production (https://voice.example.com)`: No plan: 1 file has errors\n")
    assert "```\norphan 9: left alone\n```" in text
    many = plan_of(*(delete(f"k{n}") for n in range(3)), owned=9)
    assert (
        "**The plan deletes 3 of 9 flows of this project: apply with --allow-deletes 3, "
        "or list the names under removed: in mbflow.yaml and plan again.**"
    ) in plan_markdown(many)


# The budget


def large(deletes=100, edited=100, creates=400):
    return plan_of(
        *(delete(f"gone-{n}") for n in range(deletes)),
        *(update(f"edited-{n}", EDITED) for n in range(edited)),
        *(create(f"new-{n}") for n in range(creates)),
        owned=1000,
    )


def test_every_delete_and_every_hazard_finds_room():
    text = plan_markdown(large())
    assert len(text) <= BUDGET
    for n in range(100):
        assert f"delete  gone-{n} " in text.replace("&quot;", '"')
        assert f"edited-{n} " in text
    assert "**100 to delete, 400 to create, 100 to update; 0 unchanged**" in text
    assert text.rstrip().endswith("100 to delete, 400 to create, 100 to update; 0 unchanged")


def test_what_does_not_fit_is_counted():
    plan = large(deletes=600, edited=600, creates=600)
    text = plan_markdown(plan)
    (left,) = re.findall(r"\*([\d,]+) more changes do not fit here; the plan file holds it", text)
    shown = len(re.findall(r"(?m)^- `+|<details", text))
    assert shown + int(left.replace(",", "")) == 1800
    assert len(text) <= BUDGET


def test_a_line_says_which_hazards_there_are():
    changes = [update(f"edited-{n}", EDITED, PROTECTED) for n in range(500)]
    assert '- `~ update  edited-499  "Title of edited-499"` ⚠ outside-edit, protected' in (
        plan_markdown(plan_of(*changes))
    )


def test_one_huge_flow_is_cut_with_a_word():
    text = plan_markdown(plan_of(create("huge", flow(*[pause(n) for n in range(5000)]))))
    assert len(text) < 6000
    assert re.search(r"\n    … 4,\d\d\d more lines\n```", text)
    assert re.search(r"\*1 change cut short here; the plan file holds it all \(checksum ", text)


def test_one_line_without_end_is_cut_too():
    hazard = Hazard(HazardKind.CONFLICT, "x" * 100_000)
    text = plan_markdown(plan_of(update("k", hazard)))
    assert len(text) < 6000
    assert re.search(r"! conflict:\n    … 3 more lines", text)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1_000, 80_000))
def test_it_never_grows_beyond_its_budget(deletes, creates, budget):
    plan = plan_of(
        *(delete(f"gone-{n}", hazards=(PROTECTED,)) for n in range(deletes)),
        *(create(f"new-{n}") for n in range(creates)),
        owned=1000,
    )
    text = plan_markdown(plan, budget)
    assert len(text) <= budget
    assert f"{deletes} to delete" in text or not deletes


def test_many_problems_and_notes_leave_room():
    problem = Problem("x", Severity.ERROR, "y" * 300, "flows/a.yaml", 1, 1)
    plan = replace(large(), problems=(problem,) * 1000, notes=("z" * 300,) * 1000)
    text = plan_markdown(plan)
    assert len(text) <= BUDGET
    assert "gone-99" in text


def test_long_deletes_leave_room_for_the_updates():
    """Each has as much as any other: ten deletes of long flows are cut, and it is counted."""
    body = flow(*[say(f"This is announcement {n} of very many.") for n in range(400)])
    edit = Edit("change", "step 1 say: payload changed", before="a" * 500, after="b" * 500)
    updates = [replace(update(f"u{n}"), edits=(edit,)) for n in range(40)]
    plan = plan_of(*(delete(f"gone-{n}", body) for n in range(20)), *updates, owned=1000)
    text = plan_markdown(plan)
    assert len(text) <= BUDGET
    assert text.count("step 1 say: payload changed") == 40
    assert len(re.findall(r"(?m)^    … \d+ more lines$", text)) == 20
    assert "*20 changes cut short here; the plan file holds it all (checksum " in text


def test_all_blocks_that_fit_are_whole():
    text = plan_markdown(plan_of(*(create(f"new-{n}", flow(say("Hello."))) for n in range(50))))
    assert "cut short" not in text
    assert text.count("1 say") == 50


def test_notes_and_problems_that_are_cut_are_counted():
    problem = Problem("x", Severity.ERROR, "y" * 300, "flows/a.yaml", 1, 1)
    plan = plan_of(problems=(problem,) * 100, notes=("z" * 300,) * 100)
    cut = re.findall(r"(?m)^    … (\d+) more lines$", plan_markdown(plan))
    assert len(cut) == 2
    assert int(cut[1]) == 100 - 9


# Hostile text


HOSTILE = [
    "```\n</details><script>alert(1)</script>",
    "`code` **bold** [link](https://evil.example) ![x](https://evil.example/x.png)",
    "</code></summary><img src=x onerror=alert(1)>",
    "````` ends a fence",
    "@everyone #1 \u202egnp.exe \x1b[2J",
    "::error::boom ##[error]boom",
    "line one\n\n# heading\n\n- item",
    "| a | b |",
    "&lt;b&gt; <b>",
]


def outside_of_code(text):
    """What Markdown and HTML would obey: all but fenced blocks, code spans and escaped text."""
    text = re.sub(r"(?ms)^(`{3,})\n.*?^\1$", "", text)
    text = re.sub(r"(?s)<code>[^<]*</code>", "", text)
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("budget", [60_000, 900])
def test_hostile_text_is_harmless(hostile, budget):
    body = flow(say(hostile), say("x"), title=hostile)
    change = Change(hostile, ChangeKind.DELETE, hostile, hostile, before=body, hazards=(PROTECTED,))
    plan = plan_of(change, notes=(hostile,), environment=hostile, endpoint=hostile)
    obeyed = outside_of_code(plan_markdown(plan, budget))
    assert not re.findall(
        r"<(?!/?(?:details|summary)\b)|[\[\]!@\x1b\u202e]|\*\*bold|# heading", obeyed
    )
    assert obeyed.count("<details") == obeyed.count("</details>")
    assert not re.search(r"##\w*\[|(?m:^\s*::)", plan_markdown(plan, budget))


@given(texts, texts)
def test_no_text_breaks_out_of_its_block(title, payload):
    plan = plan_of(delete("k", flow(say(payload))), create("n", flow(say(title))))
    changes = tuple(replace(change, title=title) for change in plan.changes)
    text = plan_markdown(replace(plan, changes=changes))
    assert re.sub(r"\s+", "", outside_of_code(text)) == (
        "###mbflowplan:**1todelete,1tocreate;0unchanged**"
        "**Theplandeletes1of0flowsofthisproject:applywith--allow-deletes1,"
        "orlistthenamesunderremoved:inmbflow.yamlandplanagain.**"
        "<detailsopen><summary></summary></details><details><summary></summary></details>"
        ":1todelete,1tocreate;0unchanged"
    )
