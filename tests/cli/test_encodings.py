"""Streams that cannot hold a title: every verb comes to its end, and files are UTF-8."""

import contextlib
import io
import json
import sys
from xml.etree import ElementTree

import pytest

from mbflow.cli.main import exit_code_of

TITLE = "Καλημέρα 日本"
FLOW = f"""\
title: {TITLE}
steps:
  - action: say
    options: {{language: el-GR, voice: female, payload: {TITLE}}}
  - action: hangup
"""
CALLS = f"""\
calls:
  - name: {TITLE}
    hears: [nothing]
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/b.yaml").write_text(FLOW, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)

    def run(words, encoding, errors="strict"):
        out, err = (
            io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors) for _ in range(2)
        )
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = exit_code_of(words.split())
        sys.stdout.flush()
        return code, *(each.buffer.getvalue().decode(encoding) for each in (out, err))

    return run


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_every_verb_writes_what_the_stream_can_hold(run, tmp_path, encoding):
    escaped = TITLE.encode(encoding, "backslashreplace").decode(encoding)
    for words in ("plan", "plan --format markdown", "graph b", "simulate b", "validate"):
        code, out, _ = run(words, encoding)
        assert code == 0, words
        assert escaped in out or words == "validate", words
    code, _, err = run("apply --auto-approve --results r.jsonl", encoding)
    assert code == 0
    assert "done     create  b" in err
    assert json.loads((tmp_path / "r.jsonl").read_text().splitlines()[1])["title"] == TITLE
    (tmp_path / "flows/b.yaml").unlink()
    code, out, _ = run("flows list", encoding)
    assert (code, escaped in out) == (0, True)
    flow_id = out.splitlines()[-1].split()[0]
    for words in ("import b", f"flows get {flow_id}"):
        code, _, err = run(words, encoding)
        assert code == 0, err
    (written,) = (tmp_path / "flows").iterdir()
    assert TITLE in written.read_text(encoding="utf-8")


def test_errors_are_written_too(run, tmp_path):
    (tmp_path / "flows/b.calls.yaml").write_text(CALLS, encoding="utf-8")
    code, out, err = run("test", "ascii")
    assert (code, "\\u039a" in out + err) == (1, True)
    code, out, _ = run("test --format junit", "ascii")
    assert (code, ElementTree.fromstring(out)[0][0].get("name")) == (1, TITLE)
    code, _, err = run(f"graph {TITLE.split()[0]}", "ascii")
    assert (code, "There is no flow \\u039a" in err) == (64, True)


def test_what_is_wanted_in_place_of_a_sign_is_kept(run):
    code, out, _ = run("plan", "ascii", "replace")
    assert (code, "\\u" in out, '"????' in out) == (0, False, True)
