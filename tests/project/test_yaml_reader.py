"""YAML as mbflow reads it: the scalars of YAML 1.2, places, bounds, and never an exception."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mbflow.model.problem import Severity, has_errors
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.parser import LARGEST_FILE
from mbflow.schema import validator


def only_problem(source):
    document = read_yaml(source)
    (problem,) = document.problems
    assert problem.severity is Severity.ERROR
    return document, (problem.rule, problem.line, problem.column, problem.message)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[(text, text) for text in ("yes", "no", "on", "off", "Yes", "NO", "y", "n")],
        *[(text, text) for text in ("12:30", "1:20:30", "1_000", "0b11", "2001-12-14", "=")],
        *[(text, text) for text in ("tRUE", "nULL", "+", ".", "1.2.3", "0x", "0o8", "1e")],
        *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
        *[("0612", 612), ("+31612345678", 31612345678), ("-0", 0), ("0o14", 12), ("0x1F", 31)],
        *[("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), ("-1.5E-2", -0.015), ("00", 0)],
        *[('"1"', "1"), ("'yes'", "yes"), ('"~"', "~"), ('"\\x1b"', "\x1b")],
    ],
)
def test_scalars_are_those_of_yaml_1_2(written, value):
    document = read_yaml(f"key: {written}\n".encode())
    assert document.problems == ()
    assert document.data == {"key": value}
    assert type(document.data["key"]) is type(value)


def test_keys_are_texts_even_if_they_look_like_words_of_yaml_1_1():
    assert read_yaml(b"yes: 1\non: 2\n12:30: 3\n").data == {"yes": 1, "on": 2, "12:30": 3}


SOURCE = b"""\
title: Menu
steps:
  - action: say
    options: {payload: Hello., repeat: 0612}
  - id: bye
    action: hangup
mbflow: {}
"""


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, (1, 1)),
        (("title",), False, (1, 8)),
        (("title",), True, (1, 1)),
        (("steps",), False, (2, 1)),
        (("steps", 0), False, (3, 5)),
        (("steps", 0, "action"), False, (3, 13)),
        (("steps", 0, "options"), False, (4, 14)),
        (("steps", 0, "options"), True, (4, 5)),
        (("steps", 0, "options", "repeat"), False, (4, 40)),
        (("steps", 1, "id"), False, (5, 9)),
        (("steps", 1, "nothing"), False, (5, 5)),
        (("steps", 7), False, (2, 1)),
        (("nothing", "below"), False, (1, 1)),
        (("mbflow",), False, (7, 9)),
    ],
)
def test_every_path_has_a_place(path, key, place):
    assert read_yaml(SOURCE).place(path, key=key) == place


def test_columns_count_characters():
    document = read_yaml("título: {é: 😀, b: x}\n".encode())
    assert document.place(("título", "b")) == (1, 19)


def test_a_scalar_is_known_as_it_was_written():
    document = read_yaml(SOURCE)
    assert document.source_text(("steps", 0, "options", "repeat")) == "0612"
    assert document.source_text(("steps",)) is None


def test_an_alias_repeats_a_value():
    data = read_yaml(b"a: &x {b: [1, 2]}\nc: *x\n").data
    assert data == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}


UTF_16 = ("yaml-encoding", 1, 1, "The file is UTF-16 or UTF-32. Save it as UTF-8.")
DEEP = "The file is nested deeper than 64 levels here."
BOMB = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param("a: 1".encode("utf-16"), UTF_16, id="utf-16"),
        pytest.param("a: 1".encode("utf-16-le"), UTF_16, id="utf-16-without-mark"),
        pytest.param("a: 1".encode("utf-32"), UTF_16, id="utf-32"),
        pytest.param(
            "a: é".encode("latin-1"),
            (
                *("yaml-encoding", 1, 4),
                "This is not UTF-8 (incomplete UTF-8 octet sequence). Save the file as UTF-8.",
            ),
            id="latin-1",
        ),
        pytest.param(
            b"a: b\nb: \xed\xa0\x80",
            (
                *("yaml-encoding", 2, 4),
                "This is not UTF-8 (invalid Unicode character). Save the file as UTF-8.",
            ),
            id="surrogate",
        ),
        pytest.param(
            "é: 1\ntitle: é\x00b".encode(),
            (
                *("yaml-encoding", 2, 9),
                "The file has the control character \\x00. Remove it; "
                'in double quotes it can be written as "\\x00".',
            ),
            id="nul",
        ),
        pytest.param(
            b"title: \x1b[31mred",
            (
                *("yaml-encoding", 1, 8),
                "The file has the control character \\e. Remove it; "
                'in double quotes it can be written as "\\e".',
            ),
            id="escape",
        ),
        pytest.param(
            b'title: "\\ud800"',
            (
                *("yaml-syntax", 1, 11),
                "This is not valid YAML: found invalid Unicode character escape code. "
                "Write the character itself, not an escape for half of it.",
            ),
            id="lone-surrogate",
        ),
        pytest.param(
            b"x" * (LARGEST_FILE + 1),
            ("yaml-limit", 0, 0, "The file is larger than 256 KB."),
            id="large",
        ),
        pytest.param(b"[" * 65 + b"]" * 65, ("yaml-limit", 1, 65, DEEP), id="deep"),
        pytest.param(b"[" * 200_000, ("yaml-limit", 1, 65, DEEP), id="brackets"),
        pytest.param(b"{a: " * 50_000, ("yaml-limit", 1, 257, DEEP), id="braces"),
        pytest.param(b"- " * 60_000, ("yaml-limit", 1, 129, DEEP), id="dashes"),
        pytest.param(b"? " * 60_000, ("yaml-limit", 1, 129, DEEP), id="questions"),
        pytest.param(
            b"a: &a " + b"[" * 40 + b"]" * 40 + b"\nb: " + b"[" * 40 + b"*a" + b"]" * 40,
            ("yaml-limit", 1, 30, DEEP),
            id="deep-by-alias",
        ),
        pytest.param(
            BOMB,
            (
                "yaml-limit",
                1,
                1,
                "With its aliases expanded the file has more than 100,000 values.",
            ),
            id="bomb",
        ),
        pytest.param(
            b"[" + b"1," * 110_000 + b"]",
            (
                "yaml-limit",
                1,
                1,
                "With its aliases expanded the file has more than 100,000 values.",
            ),
            id="many",
        ),
        pytest.param(
            b"&a [*a]",
            (
                *("yaml-alias", 1, 1),
                "This alias is inside the value that it repeats. Write out what is meant instead.",
            ),
            id="recursion",
        ),
        pytest.param(
            b"a: &a {b: &b {c: *a}}",
            (
                *("yaml-alias", 1, 4),
                "This alias is inside the value that it repeats. Write out what is meant instead.",
            ),
            id="far-recursion",
        ),
        pytest.param(
            b"a: &x 1\nb: &x 2",
            (
                *("yaml-syntax", 2, 4),
                "This is not valid YAML: second occurrence. An anchor can be given only once.",
            ),
            id="duplicate-anchor",
        ),
        pytest.param(
            b"%YAML 1.3\n---\na: 1",
            (
                *("yaml-syntax", 1, 1),
                "This is not valid YAML: found incompatible YAML document. "
                "mbflow reads YAML 1.1 and 1.2.",
            ),
            id="future-yaml",
        ),
        pytest.param(
            b"? [a]\n: b",
            ("yaml-key", 1, 3, "A list or a mapping cannot be a key. Keys are text."),
            id="list-as-key",
        ),
        pytest.param(
            b"a: " + b"1" * 5000,
            ("yaml-number", 1, 4, "1" * 29 + "… has more than 3000 digits."),
            id="endless-number",
        ),
        pytest.param(
            b"a: 1e999", ("yaml-number", 1, 4, "1e999 is too large for a number."), id="infinite"
        ),
        pytest.param(
            b"a: -.inf",
            ("yaml-number", 1, 4, "-.inf is not a number that JSON can hold."),
            id="minus-infinity",
        ),
        pytest.param(
            b"a: !ruby/object:Gem {}",
            (
                *("yaml-tag", 1, 4),
                "The tag !ruby/object:Gem has no meaning here. "
                "Remove it; quotes make any value text.",
            ),
            id="tag",
        ),
    ],
)
def test_hostile_files_are_problems(source, told):
    assert only_problem(source)[1] == told


def test_what_a_bad_number_leaves_behind_is_data():
    document, _ = only_problem(b"a: .nan\nb: 2")
    assert document.data == {"a": None, "b": 2}


def test_every_oddity_of_a_file_is_told():
    source = b"a: !!int 1\na: 2\n3: 4\nb: {<<: {c: .inf}}\n"
    told = [(problem.rule, problem.line, problem.column) for problem in read_yaml(source).problems]
    assert told == [
        ("yaml-tag", 1, 4),
        ("duplicate-key", 2, 1),
        ("yaml-key", 3, 1),
        ("yaml-merge-key", 4, 5),
    ]


def test_marks_of_a_merge_are_named():
    sides = ["title: A", "<<<<<<< HEAD", "steps: []", "=======", "steps: [1]", ">>>>>>> other", ""]
    for end in ("\n", "\r\n", "\r"):
        (problem,) = read_yaml(end.join(sides).encode()).problems
        assert (problem.rule, problem.line, problem.column) == ("yaml-syntax", 2, 1)
        assert problem.message == (
            "The file has a merge conflict: choose one side, "
            "and remove the lines that mark the two."
        )


def test_a_quoted_arrow_is_an_ordinary_key():
    assert read_yaml(b'"<<": 1').problems == ()


def test_a_byte_order_mark_is_read_past():
    document = read_yaml(b"\xef\xbb\xbftitle: Menu\n")
    assert document.data == {"title": "Menu"}
    assert document.problems == ()
    assert document.place(("title",)) == (1, 8)


@pytest.mark.parametrize("hidden", ["\ufeff", "\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("before", ["", "title: a\r", "# a\r\n# b\n"])
def test_hidden_characters_are_named_where_they_stand(before, hidden):
    source = f"\ufeff{before}note: über{hidden} Menu\n"
    shown = repr(hidden)[1:-1]
    line = 1 if not before else 2 if before.endswith("\r") else 3
    assert only_problem(source.encode())[1] == (
        *("yaml-encoding", line, 11),
        f"The file has the invisible character {shown}. "
        f'Remove it; in double quotes it can be written as "{shown}".',
    )
    escaped = f'title: "a {shown} b"'
    assert read_yaml(escaped.encode()).data == {"title": f"a {hidden} b"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_editors_count_them(end):
    source = end.join(["# one", "a: 1", "", "b: {c: \x0c}", ""])
    assert read_yaml(source.replace("\x0c", "x").encode()).place(("b", "c")) == (4, 8)
    assert only_problem(source.encode())[1][:3] == ("yaml-encoding", 4, 8)
    assert only_problem(source.replace("\x0c", "@").encode())[1][:3] == ("yaml-syntax", 4, 8)


def test_64_levels_are_not_too_deep():
    document = read_yaml(b"[" * 64 + b"]" * 64)
    assert document.problems == ()


yaml_pieces = st.lists(
    st.sampled_from(
        [
            *("a: ", "- ", "? ", "[", "]", "{", "}", "&a ", "*a", "\n", "\n  ", "|\n", ">-\n", "'"),
            *(
                '"',
                "#",
                "!t ",
                "<<: ",
                "---\n",
                "1e999",
                ".nan",
                "0612",
                "\t",
                "\\",
                "%Y",
                "é",
                ",",
            ),
            *("\x00", "\x1b", "\ufeff", "\u2028", "x", " ", ":", "@"),
        ]
    ),
    max_size=40,
).map("".join)


@given(st.binary(max_size=60) | yaml_pieces.map(str.encode))
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf---")
@example(b"a: \xc3")
def test_no_bytes_raise_and_every_problem_has_its_words(source):
    document = read_yaml(source)
    for problem in document.problems:
        assert problem.message and problem.rule
        assert problem.line >= 1 or problem.rule == "yaml-limit"
    if document.data is None and source.strip() not in (b"~", b"null"):
        assert has_errors(document.problems) or document.place(()) >= (1, 1)
    json.dumps(document.data, allow_nan=False)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(
        st.characters(
            exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp"), exclude_characters="\ufeff"
        )
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner),
    max_leaves=10,
)


@given(json_values)
@example(2**63)
@example([1 - 2**63, {"a": -(2**63)}])
@example([{"a": [2.0]}, 1])
def test_json_is_yaml(value):
    source = json.dumps({"value": value}, ensure_ascii=False)
    document = read_yaml(source.encode())
    assert document.data == {"value": value}
    assert document.has_odd_number is validator._has_odd_number({"value": value})
