"""`mbflow fmt`: files in one style, and nothing else of them changes."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from mbflow.project import format_files
from mbflow.project.format import formatted

from .conftest import Project

ROOT = Path(__file__).parents[2]

ROUGH = """\
steps:   # in the order of the call

- options: {payload: 'Hello, ${name}.', voice: female, language: en-GB}
  # who is called
  action: say # one blank is kept


- {
    action: hangup  # bye
  }
  # the end of the call
title: "A greeting"
mbflow: {protect: true}
"""
FINE = """\
title: A greeting
steps:  # in the order of the call
  # who is called
  - action: say # one blank is kept
    options: {payload: "Hello, ${name}.", language: en-GB, voice: female}

  - action: hangup  # bye
  # the end of the call

mbflow: {protect: true}
"""


@pytest.fixture
def mbflow(tmp_path, in_process):
    """`mbflow fmt` in a project, and its folder."""
    project = Project(tmp_path / "checkout", "http://127.0.0.1:9")
    run = in_process(project)
    for path in project.folder.glob("flows/*"):
        path.unlink()
    (project.folder / "mbflow.yaml").write_text("project: acme\n")
    return lambda *words: run("fmt", *words), project.folder


def test_a_file_is_rewritten_once(mbflow):
    run, folder = mbflow
    path = folder / "flows" / "a.yaml"
    path.write_text(ROUGH)
    path.chmod(0o640)
    ran = run("--check")
    assert (ran.code, ran.out, ran.err) == (
        1,
        "flows/a.yaml\n",
        "1 of 2 files would be rewritten.\nTo rewrite them:\n    mbflow fmt\n",
    )
    assert path.read_text() == ROUGH
    ran = run()
    assert (ran.code, ran.out, ran.err) == (0, "flows/a.yaml\n", "1 of 2 files was rewritten.\n")
    assert path.read_text() == FINE
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    ran = run("--check", "--format", "json")
    assert ran.code == 0
    assert json.loads(ran.out) == {"files": 2, "changed": [], "written": False, "problems": []}


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (b"\xef\xbb\xbftitle:  A\r\nsteps: [ ]", b"\xef\xbb\xbftitle: A\r\nsteps: []\r\n"),
        (b"title: A\n\n\n\nsteps: []\n\n\n", b"title: A\n\nsteps: []\n"),
        (b"--- # x\n{title: A, steps: []}\n...\n", b"# x\ntitle: A\nsteps: []\n"),
        (b'{"steps": [],\n "title": "A"}\n', b"title: A\nsteps: []\n"),
        # An alias must not come to stand before what it repeats: the order stays.
        (b"title: &a  B\nmbflow: {was: *a}\n", b"title: &a B\nmbflow: {was: *a}\n"),
        (b"title: A\t# c\nsteps: []\n", b"title: A # c\nsteps: []\n"),
        (b"? title\n: A\nsteps: []\n", b"title: A\nsteps: []\n"),
        (b"a: >\n    x\n    y", b"a: >-\n  x\n  y\n"),
        (b"a: |4-\n      x\n\n    y\n", b"a: |2-\n    x\n\n  y\n"),
        (b"a: |+\n x\n\n\nb: c\n", b'a: "x\\n\\n\\n"\nb: c\n'),
        (b"a:\n- b\n  # c\n# d\ne: f\n", b"a:\n  - b\n  # c\n# d\ne: f\n"),
        *((text, text) for text in (b"---", b"--- # c", b"---\n", b"%YAML 1.2\n---", b"~\n")),
        (b"title: A #1\nsteps: []\n", b"title: A #1\nsteps: []\n"),
        (
            b"# only\n\n# head\ntitle: A\nsteps: []\n# foot\n",
            b"# only\n\n# head\ntitle: A\nsteps: []\n# foot\n",
        ),
    ],
)
def test_forms_of_a_file(source, wanted):
    assert formatted(source, is_flow=True)[0] == wanted
    assert formatted(wanted, is_flow=True) == (wanted, ())


def test_a_broken_file_stays_and_is_told(mbflow):
    run, folder = mbflow
    (folder / "flows" / "a.yaml").write_text("title: [\n")
    (folder / "flows" / "b.yaml").write_text("title:  B\nsteps: []\n")
    ran = run()
    assert (ran.code, ran.out) == (1, "flows/b.yaml\n")
    assert "flows/a.yaml" in ran.err
    assert ran.err.endswith("1 of 3 files was rewritten; 1 file left as it is.\n")
    assert (folder / "flows" / "a.yaml").read_text() == "title: [\n"
    assert (folder / "flows" / "b.yaml").read_text() == "title: B\nsteps: []\n"


def test_a_link_stays_and_leads_to_the_new_text(mbflow):
    run, folder = mbflow
    (folder / "shared.txt").write_text("title:  A\nsteps: []\n")
    (folder / "flows" / "a.yaml").symlink_to("../shared.txt")
    assert run().code == 0
    assert (folder / "flows" / "a.yaml").readlink() == Path("../shared.txt")
    assert (folder / "shared.txt").read_text() == "title: A\nsteps: []\n"


def test_what_an_editor_saves_meanwhile_stays(mbflow, monkeypatch):
    run, folder = mbflow
    path = folder / "flows" / "a.yaml"
    path.write_text("title:  A\n")

    def formatted_slowly(source, *, is_flow):
        path.write_text("title:  Saved\n")
        return formatted(source, is_flow=is_flow)

    monkeypatch.setattr(format_files, "formatted", formatted_slowly)
    ran = run("flows/a.yaml")
    assert (ran.code, ran.out) == (1, "")
    assert "The file was changed meanwhile; it is left as it is." in ran.err
    assert path.read_text() == "title:  Saved\n"


def test_only_what_is_named_is_rewritten(mbflow):
    run, folder = mbflow
    for name in ("a.yaml", "b.yaml", "b.calls.yaml"):
        (folder / "flows" / name).write_text("title:  A\n")
    (folder / "else.yaml").write_text("title:  A\n")
    (folder / "mbflow.lock.yaml").write_text("{}")
    assert run("a", "else.yaml").out == "else.yaml\nflows/a.yaml\n"
    assert run("flows").out == "flows/b.calls.yaml\nflows/b.yaml\n"
    (folder / ".github").mkdir()
    (folder / ".github" / "ci.yaml").write_text("steps:  []\non: push\n")
    assert run(".").out == ""
    assert run(".github/ci.yaml").out == ".github/ci.yaml\n"
    assert (folder / ".github" / "ci.yaml").read_text() == "steps: []\non: push\n"
    for name in ("nothere.yaml", "mbflow.lock.yaml", ".github"):
        assert run(name).code == 64


def test_what_init_writes_is_in_the_style(tmp_path, in_process):
    project = Project(tmp_path / "checkout", "http://127.0.0.1:9")
    run = in_process(project)
    shutil.rmtree(project.folder / "flows")
    (project.folder / "mbflow.yaml").unlink()
    assert run("init").code == 0
    assert run("fmt", "--check").out == ""


def test_the_worked_example_is_in_the_style(monkeypatch, in_process, tmp_path):
    project = Project(tmp_path / "checkout", "http://127.0.0.1:9")
    ran = in_process(project)("-C", str(ROOT), "fmt", "--check")
    assert (ran.code, ran.out) == (0, ""), ran.err
