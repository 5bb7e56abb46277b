"""A byte order mark means the same in every file that mbflow reads, and so does a line end."""

import codecs

import pytest
from click.testing import CliRunner

from mbflow.cli.main import main
from mbflow.model.errors import Error, RefusedError
from mbflow.plan.planfile import read_plan_file
from mbflow.project.source import NotText, lines_of, text_of
from mbflow.state.journal import Intent, Journal, read_journal
from mbflow.state.lock import Lock, lock_text, read_lock
from mbflow.state.records import read_lines
from mbflow.testing.validate import check, source_lines

WIDE = [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
WIDE += [(codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")]


def mbflow(folder, *words):
    return CliRunner().invoke(main, ["-C", str(folder), *words])


@pytest.fixture
def project(tmp_path):
    assert mbflow(tmp_path, "init", str(tmp_path)).exit_code == 0
    assert mbflow(tmp_path, "plan", "--out", str(tmp_path / "plan.json")).exit_code == 0
    assert mbflow(tmp_path, "apply", str(tmp_path / "plan.json")).exit_code == 0
    assert mbflow(tmp_path, "test", "--update").exit_code == 0
    return tmp_path


def texts(project):
    local = project / ".mbflow" / "local"
    found = [project / "mbflow.yaml", *project.glob("flows/*"), *local.glob("*.yaml")]
    return [*found, *local.glob("snapshots/*"), project / "plan.json"]


def test_every_file_may_begin_with_a_byte_order_mark(project):
    files = texts(project)
    assert len(files) == 7
    for file in files:
        file.write_bytes(codecs.BOM_UTF8 + file.read_bytes().replace(b"\n", b"\r\n"))
    for words in (["validate"], ["test"], ["plan"], ["show", str(project / "plan.json")]):
        done = mbflow(project, *words)
        assert done.exit_code == 0, done.output
        assert "byte order" not in done.output
    assert "- delete  welcome" in mbflow(project, "rollback", "last").output


def test_a_mark_does_not_hide_what_is_wrong(project):
    flow = project / "flows" / "welcome.yaml"
    flow.write_bytes(codecs.BOM_UTF8 + b"titel: Menu\nsteps: [{action: hangup}]\n")
    (problem,) = check(project, [flow]).problems
    assert (problem.rule, problem.line, problem.column) == ("schema", 1, 1)
    assert source_lines(project, [problem])["flows/welcome.yaml", 1] == "titel: Menu"


@pytest.mark.parametrize(("mark", "encoding"), WIDE)
def test_other_encodings_are_refused_by_every_reader(tmp_path, mark, encoding):
    path = tmp_path / "file"
    path.write_bytes(mark + lock_text(Lock("acme")).encode(encoding))
    with pytest.raises(NotText, match="UTF-16 or UTF-32"):
        text_of(path.read_bytes())
    for read in (read_lock, read_plan_file):
        with pytest.raises(RefusedError, match="not UTF-8 text"):
            read(path)
    for read in (read_journal, read_lines):
        with pytest.raises(Error) as raised:
            read(path)
        assert raised.value.details == ("The file is UTF-16 or UTF-32. Save it as UTF-8.",)


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_lines_of_a_journal_may_have_other_ends(tmp_path, end):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    intents = [Intent(name, "d", "t", 1.0) for name in ("a", "b")]
    journal.begin(intents, [])
    journal.close()
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes().replace(b"\n", end))
    assert [intent.name for intent in read_journal(path).open] == ["a", "b"]


def test_a_lock_with_other_line_ends_names_editors_lines(tmp_path):
    path = tmp_path / "mbflow.lock.yaml"
    lines = lock_text(Lock("acme")).replace("\n", "\r")
    path.write_bytes(lines.encode())
    assert read_lock(path).project == "acme"
    path.write_bytes(lines.encode() + b"nonsense\r")
    with pytest.raises(RefusedError, match=r"mbflow\.lock\.yaml:6: "):
        read_lock(path)


def test_only_line_feeds_and_returns_end_a_line():
    text = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g\rh\r\ni\nj"
    assert lines_of(text) == ["a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g", "h", "i", "j"]
    assert lines_of(codecs.BOM_UTF8 + b"a\nb\xff") == ["a", "b\ufffd"]
    with pytest.raises(NotText) as raised:
        text_of("a\r\nü".encode() + b"\xff")
    assert (raised.value.line, raised.value.column) == (2, 2)
