"""The table of numbers: its lines are written, and nothing else of the project file changes."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mbflow.model.errors import RefusedError
from mbflow.project.numbers_table import with_numbers

ONE, TWO, THREE = "442079460100", "442079460101", "442079460102"
MENU = {ONE: "support/menu"}

WRITTEN = {
    "no environments, comments at the end": (
        "project: acme # ours\n\n# environments:\n#   staging:\n\n",
        """\
project: acme # ours

# environments:
#   staging:

environments:
  production:
    numbers:
      "442079460100": support/menu

""",
    ),
    "no such environment": (
        "environments:\n    local:\n# the end",
        """\
environments:
    local:
    production:
        numbers:
            "442079460100": support/menu
# the end""",
    ),
    "an environment without lines": (
        "environments:\n  production: # live\n    # all by default\n\n  local:\n",
        """\
environments:
  production: # live
    # all by default
    numbers:
      "442079460100": support/menu

  local:
""",
    ),
    "an environment with lines, and comments of it and of the next": (
        """\
environments:
  production:
    endpoint: https://voice.messagebird.com   # Ann's
    variables: {a: "1",
      b: "2"}   # two
    # require_plan: true

  # For tests.
  staging: {endpoint: embedded}
rules: {}
""",
        """\
environments:
  production:
    endpoint: https://voice.messagebird.com   # Ann's
    variables: {a: "1",
      b: "2"}   # two
    # require_plan: true
    numbers:
      "442079460100": support/menu

  # For tests.
  staging: {endpoint: embedded}
rules: {}
""",
    ),
    "a text block as the last": (
        "environments:\n  production:\n    a:\n      b: |-\n        x\n        # y\n\nflows: f\n",
        """\
environments:
  production:
    a:
      b: |-
        x
        # y
    numbers:
      "442079460100": support/menu

flows: f
""",
    ),
    "a table with other lines": (
        """\
environments:
  production:
    numbers:
      # the shop
      '442079460101':  'sales/hunt' # Bob
    endpoint: embedded
""",
        """\
environments:
  production:
    numbers:
      # the shop
      '442079460101':  'sales/hunt' # Bob
      "442079460100": support/menu
    endpoint: embedded
""",
    ),
    "a table with its line": (
        """\
environments:
  production:
    numbers:
      '442079460100':   "é/old"  # Bob
      "442079460101": {calendar: office, open: a, closed: b}
""",
        """\
environments:
  production:
    numbers:
      '442079460100':   "support/menu"  # Bob
      "442079460101": {calendar: office, open: a, closed: b}
""",
    ),
    "an anchor that nothing repeats here, and an alias elsewhere": (
        "x: &a {b: c}\nenvironments:\n  production: &p\n    variables: *a\n",
        """\
x: &a {b: c}
environments:
  production: &p
    variables: *a
    numbers:
      "442079460100": support/menu
""",
    ),
    "a key with its question mark": (
        "environments:\n  ? production\n  : endpoint: embedded\n",
        """\
environments:
  ? production
  : endpoint: embedded
    numbers:
      "442079460100": support/menu
""",
    ),
    "a text block that keeps its blank lines": (
        "environments:\n  production:\n    a: |+\n      b\n\n",
        """\
environments:
  production:
    a: |+
      b

    numbers:
      "442079460100": support/menu
""",
    ),
    "a document between its marks": (
        "%YAML 1.2\n---\nproject: acme\n...\n",
        """\
%YAML 1.2
---
project: acme

environments:
  production:
    numbers:
      "442079460100": support/menu
...
""",
    ),
}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("case", WRITTEN)
def test_the_lines_stand_where_a_person_would_put_them(case, end, mark):
    before, after = (mark + text.replace("\n", end) for text in WRITTEN[case])
    assert with_numbers(before, "production", MENU) == after
    assert with_numbers(after, "production", MENU) == after
    assert with_numbers(before, "production", {}) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'environments:\n  x:\n    numbers:\n      "442079460100": support/menu\n'),
        ("a: 1", 'a: 1\n\nenvironments:\n  x:\n    numbers:\n      "442079460100": support/menu'),
        ("environments:\n x:", 'environments:\n x:\n  numbers:\n   "442079460100": support/menu'),
    ],
)
def test_a_file_without_a_last_end_of_line(before, after):
    assert with_numbers(before, "x", MENU) == after


@pytest.mark.parametrize("name", ["0612", "yes", "1e3", "a b", "é/ü", "x: y", "a #b", 'q"', "-"])
def test_names_that_yaml_might_misread_are_quoted(name):
    text = with_numbers(with_numbers("", name, {ONE: name}), name, {ONE: "a", TWO: name})
    assert yaml.safe_load(text) == {"environments": {name: {"numbers": {ONE: "a", TWO: name}}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "environments: {}  # none yet\n",
            "environments:  # none yet\n  production:\n    numbers:\n",
        ),
        ("environments:\n  production: {}\n", "environments:\n  production:\n    numbers:\n"),
        (
            "environments:\n  production:\n    numbers: {}\n",
            "environments:\n  production:\n    numbers:\n",
        ),
    ],
)
def test_empty_braces_are_filled(before, after):
    assert with_numbers(before, "production", {ONE: "menu"}) == f'{after}      "{ONE}": menu\n'


HEAD = "environments:\n  production:\n    numbers:\n      '442079460100':"
REFUSED = {
    "{project: acme}\n": "1: the file is written in braces",
    "a: 1\nenvironments: {b: {}}\n": "2: environments is written in braces",
    "a: 1\nenvironments: &a {}\n": "2: environments is written in braces",
    "environments:\n  production: {endpoint: embedded}\n": "2: production is written in braces",
    "environments:\n  production:\n    numbers: {\n      '1': a}\n": "3: numbers is written in",
    "environments:\n  production: ~\n": "2: production is not written as lines of its own",
    "environments:\n  production: null\n": "2: production is not written as lines of its own",
    "environments:\n  a: &a\n    b: c\n  production: *a\n": "4: production is not written as",
    "environments:\n  production: &a\n    b: c\n  d: *a\n": "1: the table cannot be written",
    "environments:\n  a: &a\n    b: c\n  production:\n    numbers: *a\n": "5: numbers is not",
    f"{HEAD}\n        a\n": "4: 442079460100 does not have its flow on its line",
    f"{HEAD} |-\n        a\n": "4: 442079460100 does not have its flow on its line",
    f"{HEAD} {{calendar: a}}\n": "4: 442079460100 does not have its flow on its line",
    f"x: &a b\n{HEAD} *a\n": "5: 442079460100 does not have its flow on its line",
    f"{HEAD} &a b\nx: *a\n": "1: the table cannot be written",
    "environments:\n  production:\n    a: |\n      b": "1: the table cannot be written",
    "a: [\n": "2: the table cannot be written",
    "a: 1\na: 2\n": "2: the table cannot be written",
    "- a\n": "1: the file is not written as lines of its own",
    "a\n": "1: the file is not written as lines of its own",
}


@pytest.mark.parametrize("before", REFUSED)
def test_where_it_is_not_safe_the_lines_are_told(before):
    with pytest.raises(RefusedError) as caught:
        with_numbers(before, "production", {TWO: "yes", ONE: "support/menu"})
    assert caught.value.summary.startswith(f"mbflow.yaml:{REFUSED[before]}")
    assert caught.value.details == (
        "Add these lines to it by hand:",
        "    environments:",
        "      production:",
        "        numbers:",
        '          "442079460100": support/menu',
        '          "442079460101": "yes"',
    )


# Drawn files

odd_lines = st.sampled_from(["", "", "# c", "    # c: d", "  # é", "# environments:", "   "])


@st.composite
def projects(draw):
    """The lines of a project file, and blanks by which it indents."""
    unit = draw(st.sampled_from([1, 2, 4]))
    lines = []

    def add(level, text):
        lines.extend(draw(st.lists(odd_lines, max_size=2)))
        lines.append(" " * (unit * level) + text)

    def add_some(level, texts):
        for text in draw(st.lists(st.sampled_from(texts), unique=True, max_size=2)):
            add(level, text)

    add_some(0, ["project: acme", "flows: 'f'  # é", "removed: [a,\n  b]", "x: {y: z}"])
    if draw(st.booleans()):
        add(0, draw(st.sampled_from(["environments:", "'environments':   # c"])))
        for name in draw(st.permutations(["local", "production", "eu.1"]))[
            : draw(st.integers(1, 3))
        ]:
            add(1, f"{name}:{draw(st.sampled_from(['', '  # c']))}")
            add_some(
                2, ["endpoint: embedded", 'identity: "é"', "variables: {a: b,\n            c: d}"]
            )
            if draw(st.booleans()):
                add(2, "numbers:")
                add(3, draw(st.sampled_from([f"'{ONE}': a/b  # c", f'"{TWO}":  "c"'])))
                add_some(3, [f"'{THREE}': {{calendar: o, open: a, closed: b}}"])
                add_some(2, ["settle_seconds: 3"])
    add_some(0, ["rules: {}", "project_was: [b]"])
    lines.extend(draw(st.lists(odd_lines, max_size=2)))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


@given(
    project=projects(),
    environment=st.sampled_from(["local", "production", "eu.1"]),
    numbers=st.dictionaries(st.sampled_from([ONE, TWO]), st.sampled_from(["a", "b/c", "no"])),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_all_lines_but_those_of_the_table_stay(project, environment, numbers, end, mark):
    end = end if "\n" in project else "\n"  # nothing tells of another one
    before = mark + project.replace("\n", end)
    after = with_numbers(before, environment, numbers)
    wanted = yaml.safe_load(project) or {}
    if numbers:
        inner = wanted
        for key in ("environments", environment, "numbers"):
            inner[key] = inner.get(key) or {}
            inner = inner[key]
        inner.update(numbers)
    assert (yaml.safe_load(after) or {}) == wanted
    assert after.startswith(mark)
    rest = iter(after.removeprefix(mark).split(end))
    kept = [line for line in project.split("\n") if not any(map(line.count, numbers))]
    assert all(line in rest for line in kept)
    assert after.count(end) - before.count(end) <= len(numbers) + 4
    assert after.replace("\r\n", "").count("\r") == 0
    assert after.endswith(end) == before.endswith(end) or not project
    assert re.findall(r"#[^\r\n]*", after) == re.findall(r"#[^\r\n]*", before)
