"""Files that mean harm in every text, as in a pull request of a stranger: nothing acts."""

import io
import json
import re
from xml.etree import ElementTree

import pytest
from harmless import SOME, TEXTS, assert_harmless

SHOWING = [
    "validate",
    "validate --format json",
    "validate --format github",
    "validate --format sarif",
    "test",
    "test --format github",
    "test --format json",
    "test --format junit",
    "test --format markdown",
    "test --coverage --format markdown",
    "test flows/sound --coverage",
    "test flows/sound --format junit",
    "test flows/sound --format markdown",
    "test --suggest sound/a",
    "graph",
    "graph --format dot",
    "simulate sound/a",
    "plan",
    "plan --format json",
    "plan --format markdown",
]
ANNOTATION = re.compile(r"^::(error|warning|notice) ", re.MULTILINE)


def as_yaml(value):
    """JSON, but that YAML takes no escapes for the halves of a character."""

    def whole(pair):
        character = json.loads('"' + pair[0] + '"')
        return f"\\U{ord(character):08x}"

    return re.sub(r"\\ud[89ab]..\\ud[c-f]..", whole, json.dumps(value))


@pytest.fixture(autouse=True)
def typed(monkeypatch):
    """What somebody types while `simulate` asks, in each run anew."""
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n\x1b\n::error::x\n" * len(SHOWING)))


def said(text):
    return {"action": "say", "options": {"payload": text, "language": "en-GB", "voice": "female"}}


def sound_flow(text):
    """Valid, whatever the text is."""
    asks = {"onKeypressGoto": "g", "onKeypressVar": "v"}
    chosen = [{"variable": "v", "operator": "==", "value": text}]
    steps = [
        {**said(text), **asks},
        {"action": "pause", "options": {"length": 5}, **asks},
        {"action": "hangup"},
        {"id": "g", **said(text), "conditions": chosen},
        {"action": "transfer", "options": {"destination": "442079460111"}},
    ]
    return {"title": text, "steps": steps, "mbflow": {"description": text}}


def broken_flow(text):
    steps = [
        {"action": text, "id": text, text: text, "options": {text: text}},
        {"action": "say", "options": {"payload": 5, text: text}},
        {"id": text, "action": "hangup", "onKeypressGoto": f"{text}x"},
        {"action": "fetchCallFlow", "options": {"url": f"https://example.com/{text}"}},
    ]
    return {text: text, "steps": steps, "mbflow": {text: text, "exceptions": {text: text}}}


def sound_calls(text):
    heard = {"name": text, "hears": [text.split("${")[0].split()[0]], "ends": "hangup"}
    return {"calls": [heard, {"name": f"z{text}", "hears": [f"zz{text}"]}]}


def broken_calls(text):
    fetches = {f"https://example.com/{text}": text}
    return {"calls": [{"name": text, "world": {"fetches": fetches}, text: text}, {text: text}]}


@pytest.fixture
def hostile(project, request):
    """`hostile(text)`: the text is wherever a file can hold one."""

    def make(text):
        project.write("mbflow.yaml", as_yaml({"project": "acme", "variables": {"v": text}}))
        (project.root / "flows/menu.yaml").unlink()
        project.write("flows/sound/a.yaml", as_yaml(sound_flow(text)))
        project.write("flows/sound/a.calls.yaml", as_yaml(sound_calls(text)))
        project.write("flows/broken.yaml", as_yaml(broken_flow(text)))
        project.write("flows/broken.calls.yaml", as_yaml(broken_calls(text)))
        project.write("flows/torn.yaml", f"title: '{text}\nsteps: [\n  {text}\n")

    return make


@pytest.mark.parametrize("name", SOME)
def test_every_verb_that_shows_files(project, hostile, name):
    hostile(TEXTS[name])
    for words in SHOWING:
        ran = project.run(*words.split())
        assert ran.code in (0, 1), f"{words}: {ran.err}"
        shown = ran.out
        if words.endswith("github"):
            assert all(map(ANNOTATION.match, shown.splitlines()))
            shown = ANNOTATION.sub("", shown)
        assert_harmless(shown + ran.err, words)
        if words.endswith("junit"):
            ElementTree.fromstring(shown)
        if words.endswith(("json", "sarif")):
            json.loads(shown)


def test_all_calls_of_these_files_can_be_run(project, hostile):
    """Else nothing of the texts above would have been in a transcript."""
    hostile(TEXTS["formats"])
    ran = project.run("test", "flows/sound", "--format", "json")
    assert ran.json["summary"] == {"calls": 2, "failed": 1}, ran.out + ran.err


def test_names_of_files(project):
    project.write("mbflow.yaml", "project: acme\n")
    for number, text in enumerate(TEXTS.values()):
        name = text.replace("/", "").replace("\0", "")
        project.write(f"flows/{number}{name}.yaml", "title: A\nsteps: [{action: hangup}]\n")
        project.write(f"flows/{name}/x.yml", "")
        project.write(f"flows/{number}{name}.calls.yaml", "calls: [{name: x}]\n")
    for words in SHOWING:
        ran = project.run(*words.replace("sound/a", "menu").replace("flows/sound", "").split())
        assert ran.code in (0, 1), f"{words}: {ran.err}"
        shown = ANNOTATION.sub("", ran.out) if "github" in words else ran.out
        assert_harmless(shown + ran.err, words)


def test_a_suggested_call_is_the_same_call_when_it_is_pasted(project, hostile):
    for name in ("bidi", "hashes", "wide", "formats"):
        hostile_flow = sound_flow(f"word {TEXTS[name]}")
        project.write("flows/pasted.yaml", as_yaml(hostile_flow))
        project.write("flows/pasted.calls.yaml", project.test("--suggest", "pasted").out)
        ran = project.test("flows/pasted.yaml", "--format", "json")
        assert ran.json["summary"]["calls"] > 1, ran.out
        assert ran.json["summary"]["failed"] == 0, ran.err
        (project.root / "flows/pasted.calls.yaml").unlink()
