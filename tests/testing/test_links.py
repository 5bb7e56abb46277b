"""Links and pipes beside the flows: nothing outside of the project is read, shown or written."""

import os

import pytest

OUTSIDE = "root:x:hidden: words\n"
CALLS = "  - {name: hangs up, hears: [For sales], ends: hangup}\n"


@pytest.fixture
def outside(tmp_path_factory):
    path = tmp_path_factory.mktemp("outside") / "victim"
    path.write_text(OUTSIDE)
    return path


@pytest.mark.parametrize("verb", [("test",), ("validate",), ("-e", "local", "test", "--update")])
def test_a_call_file_that_leads_out_is_not_read(project, outside, verb):
    (project.root / "flows/menu.calls.yaml").symlink_to(outside)
    ran = project.run(*verb)
    assert ran.code == 1
    assert (
        "flows/menu.calls.yaml: error: This link points outside the project." in ran.out + ran.err
    )
    assert "hidden" not in ran.out + ran.err
    assert outside.read_text() == OUTSIDE


def test_a_snapshot_that_leads_out_is_neither_shown_nor_written(project, outside):
    project.calls(CALLS)
    snapshot = project.root / "flows/menu.calls.txt"
    snapshot.symlink_to(outside)
    ran = project.test()
    assert "hidden" not in ran.out + ran.err
    project.test("--update")
    assert outside.read_text() == OUTSIDE
    assert not snapshot.is_symlink()
    assert "For sales" in snapshot.read_text()


@pytest.mark.parametrize("name", ["../../victim.json", "loop.json", "hole\\0.json", "pipe.json"])
def test_a_fetched_flow_is_a_file_of_the_project(project, outside, name):
    outside.rename(project.root.parent / "victim.json")
    (project.root / "flows/loop.json").symlink_to("loop.json")
    os.mkfifo(project.root / "flows/pipe.json")
    project.calls(
        "  - name: c\n    ends: hangup\n"
        f'    world: {{fetches: {{"https://example.com/f": "{name}"}}}}\n'
    )
    ran = project.test()
    assert ran.code == 1
    assert "flows/menu.calls.yaml:4" in ran.err
    assert "hidden" not in ran.err and "Bug" not in ran.err


def test_a_pipe_is_not_waited_for(project):
    os.mkfifo(project.root / "flows/menu.calls.yaml")
    ran = project.test()
    assert (ran.code, "This is not a regular file. Put one here, or remove it." in ran.err) == (
        1,
        True,
    )
