"""A lock, a saved plan and a results file of a stranger are data: nothing in them acts.

Each text stands wherever such a file can hold one, and every verb that reads the file shows it.
"""

import json
from itertools import cycle, product

import pytest
from harmless import SOME, TEXTS, assert_harmless

from mbflow.plan.document import document_digest

from .test_hostile_service import FILE, ID, answering

LOCK = """\
format: 1
project: acme
canonical: 1
environments:
  production:
    a: {{id: {id}, sent: {digest}, live: {digest}}}
"""
SHOWING_A_PLAN = [
    "show plan.json",
    "show plan.json --format json",
    "show plan.json --format markdown",
    "graph --diff plan.json",
    "graph --diff plan.json --format dot",
    "rollback plan.json --auto-approve",
]
CODE = [
    "!!python/object/apply:os.system ['touch pwned']",
    "!!python/object/new:os.system ['touch pwned']",
    "!!python/name:os.system",
    "&a [*a, *a]",
    '{"py/reduce": [{"py/type": "os.system"}, {"py/tuple": ["touch pwned"]}]}',
]


@pytest.fixture
def project(tmp_path, against, mbflow, monkeypatch):
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows/a.yaml").write_text(FILE)
    (tmp_path / "flows/b.yaml").write_text(FILE.replace("title: A", "title: B"))
    against(answering("x", steps=[{"action": "hangup"}]))
    monkeypatch.setenv("MBFLOW_ENVIRONMENT", "production")
    return mbflow


def ran(run, words, text=""):
    done = run(*words.split())
    assert done.code not in (64, 70), f"{words} {text!r}: {done.err}"
    assert_harmless(done.out + done.err, words)
    return done


@pytest.mark.parametrize("name", SOME)
def test_a_lock(project, tmp_path, name):
    quoted = json.dumps(TEXTS[name])
    for lock in (
        LOCK.format(id=quoted, digest=quoted),
        LOCK.format(id=ID, digest=quoted),
        LOCK.format(id=ID, digest=quoted).replace("  production:", f"  {quoted}:"),
        LOCK.format(id=ID, digest=quoted).replace("    a:", f"    {quoted}:"),
        LOCK.format(id=ID, digest=quoted).replace("acme", quoted),
        LOCK.replace("canonical: 1", f"canonical: {quoted}"),
        f"{LOCK}{TEXTS[name]}".encode("utf-8", "replace").decode(),
    ):
        (tmp_path / "mbflow.lock.yaml").write_text(lock)
        for words in (
            "plan",
            "plan --format json",
            "plan --format markdown",
            "numbers list a",
            "flows list",
            "apply --auto-approve",
        ):
            ran(project, words, lock)


def with_text(value, text):
    """Every text of a JSON document replaced; its names and what says the format stay."""
    if isinstance(value, dict):
        return {name: with_text(item, text) for name, item in value.items()}
    if isinstance(value, list):
        return [with_text(item, text) for item in value]
    return text if isinstance(value, str) else value


def signed(document):
    """As a clever stranger would: with its digest made anew."""
    return {**document, "digest": document_digest(document)}


@pytest.mark.parametrize("name", SOME)
def test_a_saved_plan(project, tmp_path, name):
    assert project("plan", "--out", "plan.json").code == 0
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan["changes"]
    shown = 0
    text = TEXTS[name]
    for place in ("changes", "notes", "problems", "environment", "endpoint", "project", "id"):
        values = [with_text(plan[place], text), text, [text]]
        if place == "changes":
            values.append([{**change, "title": text, "id": text} for change in plan[place]])
        for value in values:
            (tmp_path / "plan.json").write_text(json.dumps(signed({**plan, place: value})))
            for words in SHOWING_A_PLAN:
                done = ran(project, words, value)
                shown += done.code == 0 and words.startswith("show")
    assert shown > 5, "a plan of a stranger can be looked at"


@pytest.mark.parametrize("name", SOME)
def test_a_results_file(project, tmp_path, name):
    text = TEXTS[name]
    head = {"results": 1, "project": "acme", "environment": "production"}
    body = {"title": text, "steps": [{"action": "say", "options": {"payload": text}}]}
    record = {"flow": "a", "action": "update", "status": "done", "id": ID, "before": body}
    for lines in (
        [head, record],
        [{**head, "project": text}, record],
        [{**head, "environment": text}, record],
        [head, {**record, "flow": text}],
        [head, {**record, "action": text, "before": None}],
        [head, {**record, "action": "delete", "numbers": [text], "id": text}],
        [head, {**record, "was": text}],
        [head, {**record, "status": text}],
    ):
        content = "\n".join(map(json.dumps, lines))
        (tmp_path / "results.jsonl").write_text(f"{content}\n{text!a}\n")
        ran(project, "rollback results.jsonl --auto-approve", lines)
        ran(project, "rollback results.jsonl --auto-approve --format json", lines)


FILES = [
    "mbflow.lock.yaml",
    "flows/a.yaml",
    "flows/a.calls.yaml",
    "plan.json",
    "results.jsonl",
    ".mbflow/production/journal.jsonl",
    ".mbflow/production/snapshots/20270101T000000Z-x.jsonl",
]
IN_TURN = [*zip(FILES, cycle(CODE))]
"""Each file with one code; all with all are the long proof."""


@pytest.mark.parametrize(
    ("file", "code"),
    [
        pytest.param(*both, marks=() if both in IN_TURN else pytest.mark.long)
        for both in product(FILES, CODE)
    ],
)
def test_nothing_is_ever_run(project, tmp_path, monkeypatch, file, code):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    for content in (code, f"title: {code}\n", f"calls: {code}\n", f"steps:\n  - {code}\n"):
        path.write_text(content)
        for words in ("validate", "test", "plan", "apply plan.json", "show plan.json"):
            assert project(*words.split()).code != 70
        for source in ("results.jsonl", "last"):
            assert project("rollback", source, "--auto-approve").code != 70
    assert not (tmp_path / "pwned").exists()
