"""What mbflow writes: read alike by every YAML reader, and with the rights that the umask gives."""

import os
import stat

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import texts

from mbflow.cli.main import main
from mbflow.model.flow import LockEntry
from mbflow.project.init import start_project
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.scalar import scalar_text
from mbflow.state.lock import Lock, lock_text, parse_lock
from mbflow.testing.validate import check

FOLDERS = ["2026", "null", "true", "1e3", "0x10", "~", "0o17", "no", "y", "on", "1_000", "12:30"]
FOLDERS += ["it's", 'a "b"', "a: b", "# x", "ünï", "😀", "-", "2026-01-01", "1.5", "0b1", ".inf"]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_any_name_can_be_a_project(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    start_project(folder)
    assert check(folder).problems == ()
    source = (folder / "mbflow.yaml").read_bytes()
    assert isinstance(yaml.safe_load(source)["project"], str)
    assert yaml.safe_load(source) == read_yaml(source).data


words = st.sampled_from([*FOLDERS, "<<", "=", "0.", "1:1", "e", "1e5", "nan", "1234567890123456"])


@given(words | texts)
@example("a, b")
@example("- a")
@example("\x85\u2028\ufeff\x7f")
def test_a_text_is_text_to_every_reader(text):
    written = f"text: {scalar_text(text)}\n"
    assert read_yaml(written.encode()).data == yaml.safe_load(written) == {"text": text}


ids = words | st.text("0123456789abcdefx-_.:", min_size=1, max_size=16)


@given(ids, ids, ids)
def test_a_lock_is_the_same_to_every_reader(project, environment, flow_id):
    entry = LockEntry(flow_id, "1234567890123456", "12345678901e3456", secrets=("no", "1e3"))
    written = lock_text(Lock(project).having(environment, {"menu": entry, "on": entry}, project))
    data = read_yaml(written.encode()).data
    assert data == yaml.safe_load(written)
    assert data["project"] == project
    assert data["environments"][environment]["on"]["secrets"] == ["no", "1e3"]
    if environment and project:
        alone = Lock(project).having(environment, {"menu": entry}, project)
        assert parse_lock(lock_text(alone)) == alone


@pytest.mark.parametrize("umask", [0o077, 0o002])
def test_files_follow_the_umask(tmp_path, umask):
    former = os.umask(umask)
    try:
        for words in (
            ["init", str(tmp_path)],
            ["apply", "--auto-approve", "--results", str(tmp_path / "results.jsonl")],
            ["plan", "--out", str(tmp_path / "plan.json")],
            ["test", "--update"],
        ):
            done = CliRunner().invoke(main, ["-C", str(tmp_path), *words])
            assert done.exit_code == 0, done.output
    finally:
        os.umask(former)
    modes = {
        path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in tmp_path.rglob("*")
    }
    assert ".mbflow/local/mbflow.lock.yaml" in modes and "flows/welcome.calls.txt" in modes
    for name, mode in modes.items():
        full = 0o777 if (tmp_path / name).is_dir() else 0o666
        assert mode == full & ~umask, name
