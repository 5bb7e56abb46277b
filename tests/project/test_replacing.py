"""Files are replaced whole, and nothing else is."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from mbflow.project.whole_file import drop_link, new_file, replace_file


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path):
    (tmp_path / "victim").write_bytes(b"keep")
    (tmp_path / "link").symlink_to("victim")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "victim").read_bytes() == b"keep"
    assert (tmp_path / "link").read_bytes() == b"new"
    assert not (tmp_path / "link").is_symlink()


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    """As /dev/null and /dev/stdout do: root could put a file in their place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    replace_file(pipe, b"all of it")
    reader.join()
    assert read == [b"all of it"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_standard_output_by_its_name_stays_what_it_is(tmp_path):
    """`/dev/stdout` is a link to a file where a shell sent the output to one."""
    into = tmp_path / "into"
    with into.open("wb") as output:
        program = "from pathlib import Path; from mbflow.project.whole_file import *"
        calls = "drop_link(Path('/dev/fd/1')); replace_file(Path('/dev/fd/1'), b'all of it')"
        subprocess.run([sys.executable, "-c", f"{program}; {calls}"], stdout=output, check=True)
    assert into.read_bytes() == b"all of it"


def test_a_link_that_is_dropped_leaves_what_it_leads_to(tmp_path):
    (tmp_path / "victim").write_bytes(b"keep")
    (tmp_path / "link").symlink_to("victim")
    drop_link(tmp_path / "link")
    drop_link(tmp_path / "victim")
    drop_link(tmp_path / "missing")
    assert [path.name for path in tmp_path.iterdir()] == ["victim"]


@pytest.mark.parametrize("write", [replace_file, new_file])
def test_a_folder_is_never_replaced(tmp_path, write):
    (tmp_path / "here" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="here"):
        write(tmp_path / "here", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["here"], "no part is left behind"


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="this system has no such disk")
def test_memory_that_serves_as_a_disk_holds_no_devices():
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        victim, link = Path(folder, "victim"), Path(folder, "link")
        victim.write_bytes(b"keep")
        link.symlink_to("victim")
        replace_file(link, b"new")
        assert (victim.read_bytes(), link.read_bytes()) == (b"keep", b"new")
