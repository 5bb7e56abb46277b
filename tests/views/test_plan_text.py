"""A plan as people read it in a terminal: the whole text, word for word."""

import re
from dataclasses import replace

import pytest
from builders import (
    entry,
    flow,
    hangup,
    known,
    live,
    pause,
    plan_of,
    play,
    say,
    transfer,
    wanted,
    when,
)

from mbflow.model.problem import Problem, Severity
from mbflow.plan.diff import diff
from mbflow.plan.hazards import with_numbers
from mbflow.plan.match import match
from mbflow.plan.model import ChangeKind, Summary
from mbflow.views.plan import change_head, counts_line, plan_text
from mbflow.views.text import Style

LONG = (
    "Thank you for calling Acme, the home of anvils, rockets and giant rubber bands.\n"
    "For sales, press 1.\n"
    "For support, press 2.\n"
)
MENU = flow(say(LONG, onKeypressGoto="sales"), hangup(), transfer("31201234567", id="sales"))
EDITED = flow(
    say(LONG.replace("2", "3"), onKeypressGoto="sales"),
    pause(2, conditions=[when("choice", "9")]),
    hangup(),
    transfer("31207654321", id="sales"),
    record=True,
)
THEIRS = flow(say("Edited by hand."), hangup())
ALIKE = flow(say("We are closed today."), hangup())


def titled(title, body):
    return {"title": title, **body}


def made(*parts, numbers=None, **rest):
    """The plan that follows from files, live flows and the lock."""
    plan_keys = {"owned", "notes", "problems"}
    found = known(*parts, **{k: v for k, v in rest.items() if k not in plan_keys})
    matches = match(found)
    assert not matches.refusals
    changes = [
        with_numbers(c, (numbers or {}).get(c.name, [])) if c.action is ChangeKind.DELETE else c
        for c in diff(found, matches, secrets={}).changes
    ]
    return plan_of(*changes, **{k: v for k, v in rest.items() if k in plan_keys})


@pytest.fixture(scope="module")
def everything():
    """Every action and every hazard."""
    bodies = {
        "menu": titled("Main menu", MENU),
        "edited": titled("Edited", MENU),
        "both": titled("Both", MENU),
        "gone": titled("Gone", MENU),
        "closed": titled("Closed", ALIKE),
        "default": titled("Day", THEIRS),
        "old": titled("Moved", MENU),
    }
    entries = {name: entry(name, body, protect=name == "gone") for name, body in bodies.items()}
    entries["again"] = entry("again", MENU)
    return made(
        wanted("menu", titled("Main menu", EDITED)),
        live("menu", bodies["menu"], marked="menu"),
        wanted("edited", bodies["edited"]),
        live("edited", titled("Edited", THEIRS), marked="edited"),
        wanted("both", titled("Both", ALIKE)),
        live("both", titled("Both", THEIRS), marked="both"),
        wanted("again", titled("Again", MENU)),
        live("gone", bodies["gone"], marked="gone"),
        live("closed", bodies["closed"], marked="closed"),
        wanted("holidays", titled("Holidays", ALIKE)),
        wanted("default", {**bodies["default"], "default": True}),
        live("default", bodies["default"], marked="default"),
        live("night", titled("Night", {**THEIRS, "default": True})),
        wanted("moved", bodies["old"], was="old"),
        live("old", bodies["old"], marked="old"),
        wanted("twin", titled("Twin", MENU)),
        live("twin", titled("Twin", MENU)),
        entries=entries,
        numbers={"gone": ["31201234567"], "closed": None},
        owned=7,
        notes=(
            'orphan 9 "Left behind": made by mbflow from another branch, or forgotten; left alone',
        ),
        problems=(Problem("same-title", Severity.WARNING, "Two flows have one title."),),
    )


TEXT = """\
Plan for production (https://voice.example.com)
2 to delete, 2 to create, 4 to update, 1 to adopt, 1 to move; 0 unchanged

- delete  closed  "Closed"
    ! similar-rename: holidays is to be created and looks like this flow. If it
      is the same flow under another name, keep its id: write `was: closed` into
      the mbflow block of holidays
    ! numbers: its numbers cannot be read, so some may lead to it
    live flow closed
    1 say "We are closed today."
        language "en-GB", voice "female"
    2 hangup

- delete  gone  "Gone"
    ! protected: the flow was protected, as the lock says
    ! similar-rename: again is to be created and looks like this flow. If it is
      the same flow under another name, keep its id: write `was: gone` into the
      mbflow block of again
    ! numbers: 1 number would lead nowhere: 31201234567
    live flow gone
    1 say "Thank you for calling Acme, the home of anvils, rockets and giant
        rubber bands.\\nFor sales, press 1.\\nFor support, press 2.\\n"
        language "en-GB", voice "female"
        a key press goes to step 3
    2 hangup
    3 transfer to 31201234567

+ create  again  "Again"
    ! recreate: the live flow in the lock is gone; a new one gets a new id, and
      numbers that led to the old one lead nowhere until they are led to it, in
      mbflow.yaml or with:
        mbflow numbers assign again NUMBER
    1 say "Thank you for calling Acme, the home of anvils, rockets and giant
        rubber bands.\\nFor sales, press 1.\\nFor support, press 2.\\n"
        language "en-GB", voice "female"
        a key press goes to step 3
    2 hangup
    3 transfer to 31201234567

~ update  both  "Both"
    ! conflict: both the file and the live flow changed since they were last the
      same; the live edit would be lost. To see both sides:
        mbflow import both --show
    live flow both
    every call changes
      a caller who does nothing:
        heard "Edited by hand."
        will hear "We are closed today.", and the call will be hung up as before
    step 1 say: payload "Edited by hand." -> "We are closed today."

~ update  default  "Day"
    ! default: takes over every number that has no flow of its own; until now
      that is night "Night"
    live flow default
    its callers hear no difference; which calls come to it changes
    default set to yes

~ update  edited  "Edited"
    ! outside-edit: the live flow was edited outside git, or this branch is
      behind; applying takes the edit back. To keep it:
        mbflow import edited
    live flow edited
    all 3 kinds of calls change
      a caller who does nothing:
        heard "Edited by hand."
        will hear "Thank you for calling Acme, the home of anvils, rockets
          and…", and the call will be hung up as before
      a caller who presses 1:
        heard "Edited by hand.", and the call was hung up
        will hear "Thank you for calling Acme, the home of anvils, rockets
          and…", and will be transferred to 31201234567
      a caller who presses 1, and 31201234567 does not answer:
        heard "Edited by hand.", and the call was hung up
        will hear "Thank you for calling Acme, the home of anvils, rockets
          and…", and the flow will end
    step 1 say: a key press now leads to step 3 (transfer to 31201234567); it
      led nowhere
    step 1 say: payload changed
      - Edited by hand.
      + Thank you for calling Acme, the home of anvils, rockets and giant rubber
          bands.
      + For sales, press 1.
      + For support, press 2.
      only the new text ends with a line break
    new step 3: transfer to 31201234567

+ create  holidays  "Holidays"
    1 say "We are closed today."
        language "en-GB", voice "female"
    2 hangup

~ update  menu  "Main menu"
    live flow menu
    all 4 kinds of calls change
      a caller who does nothing:
        heard "…support, press 2."
        will hear "…support, press 3.", and the call will be hung up as before
      a caller who presses 1:
        heard "…support, press 2.", and was transferred to 31201234567
        will hear "…support, press 3.", and will be transferred to 31207654321
      a caller who presses 1, and 31201234567 does not answer:
        heard "…support, press 2.", and the flow ended
        will hear "…support, press 3.", and will be transferred to 31207654321
      and 1 more: plan --calls all
    record set to yes
    step 1 say: payload changed
        Thank you for calling Acme, the home of anvils, rockets and giant rubber
          bands.
        For sales, press 1.
      - For support, press 2.
                           ^^
      + For support, press 3.
                           ^^
    new step 2: pause 2 s
      if choice == "9"
    step 4 transfer: destination "31201234567" -> "31207654321"

> move  moved  (was old)  "Moved"
    live flow old
    callers hear no difference

= adopt  twin  "Twin"
    live flow twin
    same title, same steps: callers hear no difference

How the hazards (!) are acknowledged:
  by a yes, a reviewed plan file, or --allow FLOW: again, both, default,
    edited
  only by the options
    --allow closed --allow gone

Notes:
  orphan 9 "Left behind": made by mbflow from another branch, or forgotten;
    left alone

1 warning about the files. To see them:
    mbflow validate

2 to delete, 2 to create, 4 to update, 1 to adopt, 1 to move; 0 unchanged.
production (https://voice.example.com)"""


def test_every_action_and_every_hazard(everything):
    assert plan_text(everything) == TEXT


def test_it_keeps_to_80_columns(everything):
    assert max(map(len, plan_text(everything).splitlines())) <= 80


ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def test_colour_changes_no_word(everything):
    coloured = plan_text(everything, Style(colour=True))
    assert ESCAPE.sub("", coloured) == TEXT
    assert ESCAPE.search(coloured)
    assert not ESCAPE.search(plan_text(everything))


def test_no_colour_runs_over_the_end_of_its_line(everything):
    for line in plan_text(everything, Style(colour=True)).splitlines():
        codes = ESCAPE.findall(line)
        assert codes[1::2] == ["\x1b[0m"] * (len(codes) // 2)


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("Plan for", "1"),
        ("- delete", "31"),
        ("+ create", "32"),
        ("~ update", "33"),
        ("= adopt", "36"),
        ("> move", "36"),
        ("    ! protected", "31;1"),
        ("      - For support, press 2.", "31"),
        ("      + For support, press 3.", "32"),
        ("    live flow", "2"),
    ],
)
def test_what_is_coloured_how(everything, start, code):
    lines = plan_text(everything, Style(colour=True)).splitlines()
    coloured = next(line for line in lines if ESCAPE.sub("", line).startswith(start))
    assert f"\x1b[{code}m" in coloured


# Small plans


def test_nothing_to_change():
    assert plan_text(plan_of(summary=Summary(unchanged=3, unmanaged=2, orphaned=1))) == (
        "Plan for production (https://voice.example.com)\n"
        "nothing to change; 3 unchanged, 2 unmanaged, 1 orphaned"
    )
    assert plan_text(plan_of(summary=Summary(unchanged=3), notes=("an orphan",))) == (
        "Plan for production (https://voice.example.com)\n"
        "nothing to change; 3 unchanged\n"
        "\n"
        "Notes:\n"
        "  an orphan\n"
        "\n"
        "Nothing to change; 3 unchanged. production (https://voice.example.com)"
    )


def test_the_counts_in_one_line():
    plan = replace(made(wanted("menu", ALIKE)), summary=Summary(1, 2, 3, 4, 5, 6, 7, 8))
    assert counts_line(plan) == (
        "3 to delete, 1 to create, 2 to update, 4 to adopt, 5 to move; "
        "6 unchanged, 7 unmanaged, 8 orphaned"
    )


def test_an_update_whose_base_is_not_known():
    plan = made(wanted("menu", ALIKE), live("1", THEIRS, marked="menu"))
    assert "the lock does not say what was sent last: an outside edit would not show" in plan_text(
        plan
    )


def test_what_was_acknowledged_is_not_asked_for_again(everything):
    text = plan_text(replace(everything, allowed=("closed",)))
    assert text == TEXT.replace(
        "    --allow closed --allow gone\n",
        "    --allow gone\n  already, by --allow: closed\n",
    )


def test_hazards_of_many_flows_are_named_up_to_a_number():
    text = plan_text(deletes(22, 100, numbers=["31201234567"]))
    assert "    --allow k0 --allow k1 " in text
    assert text.count("--allow k") == 20
    assert " and 2 more\n" in text


def test_a_plan_of_broken_files_asks_for_no_acknowledgement(everything):
    assert "acknowledged" not in plan_text(replace(everything, problems=(WRONG,)))


def deletes(count, owned, numbers=()):
    parts = [live(f"{n}", titled(f"T{n}", MENU), marked=f"k{n}") for n in range(count)]
    entries = {f"k{n}": entry(f"{n}", titled(f"T{n}", MENU)) for n in range(count)}
    return made(*parts, entries=entries, owned=owned, numbers=dict.fromkeys(entries, numbers))


def test_many_deletes_are_announced():
    assert plan_text(deletes(3, 100)).endswith(
        "\n\n"
        "The plan deletes 3 of 100 flows of this project: apply with --allow-deletes 3,\n"
        "or list the names under removed: in mbflow.yaml and plan again.\n"
        "3 to delete; 0 unchanged. production (https://voice.example.com)"
    )
    assert "--allow-deletes" not in plan_text(deletes(2, 100))


WRONG = Problem("unknown-goto", Severity.ERROR, "There is no step x.", "flows/a.yaml", 3, 5)
MORE = Problem("unknown-goto", Severity.ERROR, "There is no step y.", "flows/a.yaml", 4, 5)
OTHER = Problem("unknown-goto", Severity.ERROR, "There is no step z.", "flows/b.yaml", 1, 1)


def test_files_with_errors_make_no_plan():
    assert plan_text(plan_of(summary=Summary(unchanged=1), problems=(WRONG, MORE))) == (
        "Plan for production (https://voice.example.com)\n"
        "No plan: 1 file has errors\n"
        "\n"
        "flows/a.yaml:3:5: error: There is no step x. [unknown-goto]\n"
        "flows/a.yaml:4:5: error: There is no step y. [unknown-goto]\n"
        "\n"
        "No plan: 1 file has errors. production (https://voice.example.com)"
    )


def test_what_the_other_files_want_is_told_below_that():
    plan = made(wanted("new", ALIKE), problems=(WRONG, OTHER))
    assert plan_text(plan) == (
        "Plan for production (https://voice.example.com)\n"
        "No plan: 2 files have errors\n"
        "The other files: 1 to create; 0 unchanged\n"
        "\n"
        "+ create  new\n"
        '    1 say "We are closed today."\n'
        '        language "en-GB", voice "female"\n'
        "    2 hangup\n"
        "\n"
        "flows/a.yaml:3:5: error: There is no step x. [unknown-goto]\n"
        "\n"
        "flows/b.yaml:1:1: error: There is no step z. [unknown-goto]\n"
        "\n"
        "No plan: 2 files have errors. production (https://voice.example.com)"
    )


def test_several_warnings_are_counted():
    problem = Problem("x", Severity.WARNING, "y")
    text = plan_text(plan_of(problems=(problem, problem)))
    assert "2 warnings about the files. To see them:\n    mbflow validate\n" in text


# Texts that changed


def changed(before, after, option="payload"):
    plan = made(
        wanted("k", flow(say(after) if option == "payload" else play(after))),
        live("1", flow(say(before) if option == "payload" else play(before)), marked="k"),
        entries={"k": entry("1", flow(say(before) if option == "payload" else play(before)))},
    )
    lines = plan_text(plan).splitlines()
    start = next(n for n, line in enumerate(lines) if "step 1" in line)
    return [re.sub(r"\b[0-9a-f]{8}\b", "SUM", s) for s in lines[start : lines.index("", start)]]


def test_a_long_line_is_wrapped_and_marked():
    before = "Welcome to Acme, the home of anvils, rockets and giant rubber bands of all sizes."
    assert changed(before, before.replace("giant", "tiny")) == [
        "    step 1 say: payload changed",
        "      - Welcome to Acme, the home of anvils, rockets and giant rubber bands of",
        "                                                         ^^^^^",
        "          all sizes.",
        "      + Welcome to Acme, the home of anvils, rockets and tiny rubber bands of",
        "                                                         ^^^^",
        "          all sizes.",
    ]


def test_of_many_lines_only_those_around_a_change():
    before = "".join(f"This is line {n} of a text.\n" for n in range(9))
    assert changed(before, before.replace("line 4", "line four")) == [
        "    step 1 say: payload changed",
        "        This is line 3 of a text.",
        "      - This is line 4 of a text.",
        "                     ^",
        "      + This is line four of a text.",
        "                     ^^^^",
        "        This is line 5 of a text.",
        "      in all 234 -> 237 characters, checksum SUM -> SUM",
    ]


@pytest.mark.parametrize("after", [LONG.rstrip("\n"), LONG.replace("\n", " \n"), LONG + "\n"])
def test_a_change_that_cannot_be_seen_is_named(after):
    assert changed(LONG, after) == [
        "    step 1 say: payload changed",
        "      only in the blanks and breaks at the ends of lines",
        f"      in all 122 -> {len(after)} characters, checksum SUM -> SUM",
    ]


def test_a_list_is_compared_item_by_item():
    before = [f"https://media.example.com/{name}.wav" for name in ("one", "two", "three")]
    assert changed(before, before[:2], "media") == [
        "    step 1 play: media changed",
        '        "https://media.example.com/one.wav"',
        '        "https://media.example.com/two.wav"',
        '      - "https://media.example.com/three.wav"',
    ]


# Hostile text


HOSTILE = "\x1b[2J\u202egnp\n::error::boom ##[error]no ##vso[x]`</code><script>"
SHOWN = "\\e[2J\\u202egnp\\n::error::boom #\\x23[error]no #\\x23vso[x]"


def hostile_plan():
    filler = "word " * 13
    body = flow(say(HOSTILE), {"action": HOSTILE}, say(f"{filler}::error::boom"), title=HOSTILE)
    return made(
        wanted("new", titled("New", flow(say(f"{filler}\n::error::boom\n{filler}")))),
        live("1", {**body, "title": "Other"}, marked="new"),
        live(HOSTILE, body, marked="gone"),
        removed={"gone"},
        notes=(HOSTILE, f"{filler}::warning::boom"),
    )


@pytest.mark.parametrize("colour", [False, True])
def test_hostile_text_is_harmless(colour):
    text = plan_text(hostile_plan(), Style(colour))
    text = ESCAPE.sub("", text)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert SHOWN[:20] in text
    assert not re.search(r"##\w*\[", text)
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


def test_a_hostile_title_stays_within_its_line():
    delete = next(change for change in hostile_plan().changes if change.action is ChangeKind.DELETE)
    assert change_head(delete) == ('- delete  gone  "\\e[2J\\u202egnp\\n::error::boom #\\x23[err…"')


def test_a_name_that_a_shell_would_take_apart_is_quoted():
    edited, gone = "a name; rm -rf", "b name; rm -rf"
    plan = made(
        wanted(edited, ALIKE),
        live("1", THEIRS, marked=edited),
        live("2", MENU, marked=gone),
        entries={edited: entry("1", ALIKE), gone: entry("2", MENU, protect=True)},
        owned=9,
    )
    assert "\n    --allow 'b name; rm -rf'\n" in plan_text(plan)
    assert "\n        mbflow import 'a name; rm -rf'\n" in plan_text(plan)
