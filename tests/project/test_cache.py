"""The cache: a second run says what a first would say, whatever happened to files and cache."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import PIPE, Process

from mbflow.project import cache, readings
from mbflow.project.load import read_checkout
from mbflow.testing.validate import check

PROJECT = """\
project: acme
flows: %s
rules: {long-text: %s}
variables:
  town: {value: %s}
  pin: {env: PIN, secret: %s}
environments:
  staging: {endpoint: "https://a.example", variables: {town: Delft}}
  production: {endpoint: "https://b.example"}
"""
ENVIRON = {"PIN": "4711"}
TEXTS = [
    "title: A\nsteps: [{action: hangup}]\n",
    "title: B\nsteps:\n- {action: say, options: {payload: '', language: en-GB, voice: male}}\n",
    "title: Shop in ${town}\nsteps: [{action: hangup}]\n",
    "title: Shop in ${twon}\nsteps: [{action: hangup}]\n",
    "title: Secret\nsteps: [{action: transfer, options: {destination: '${pin}'}}]\n",
    "title: C\nsteps: [{action: sing}]\n",
    "title: [\n",
    "title: Same\nid: x\nmbflow: {environments: [staging]}\nsteps: [{action: hangup}]\n",
]


@pytest.fixture(autouse=True)
def always(monkeypatch, tmp_path):
    monkeypatch.setattr(readings, "WORTH_KEEPING", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))


@pytest.fixture
def project(tmp_path):
    return Checkout(tmp_path / "checkout")


class Checkout:
    """A project on disk whose files can be changed."""

    def __init__(self, root):
        self.root = root
        self.caches = root / ".mbflow" / cache.FOLDER
        (root / "flows" / "below").mkdir(parents=True)
        self.describe()

    def describe(self, town="Gouda", severity="off", flows="flows", secret="true"):
        settings = PROJECT % (flows, severity, town, secret)
        (self.root / "mbflow.yaml").write_text(settings)

    def write(self, name, text):
        (self.root / "flows" / f"{name}.yaml").write_text(text)

    def fill(self):
        for number, text in enumerate(TEXTS):
            self.write(f"flow{number}", text)

    def said(self):
        """What validate finds, and the flows that a plan would be made of."""
        checkout = read_checkout(self.root, "staging", environ=ENVIRON)
        bodies = {name: (flow.raw, flow.body) for name, flow in checkout.flows.items()}
        return check(self.root, environ=ENVIRON), bodies, checkout.problems, checkout.broken

    def said_anew(self, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(readings, "WORTH_KEEPING", 1_000_000)
            return self.said()


NAMES = st.sampled_from(["a", "b", "below/a", "below/c"])
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, st.sampled_from(TEXTS)),
        st.tuples(st.just("remove"), NAMES),
        st.tuples(
            st.just("describe"),
            st.sampled_from(["Gouda", "Urk"]),
            st.sampled_from(["off", "error"]),
            st.sampled_from(["flows", "flows/below"]),
            st.sampled_from(["true", "false"]),
        ),
    ),
    max_size=4,
)


@given(rounds=st.lists(EDITS, min_size=1, max_size=4))
@settings(suppress_health_check=list(HealthCheck))
def test_whatever_is_edited_it_says_what_a_first_run_says(tmp_path_factory, rounds):
    project = Checkout(tmp_path_factory.mktemp("edits") / "checkout")
    with pytest.MonkeyPatch.context() as patch:
        for edits in rounds:
            for kind, *values in edits:
                if kind == "remove":
                    (project.root / "flows" / f"{values[0]}.yaml").unlink(missing_ok=True)
                else:
                    getattr(project, kind)(*values)
            assert project.said() == project.said_anew(patch)


def test_what_has_not_changed_is_not_read_again(project, monkeypatch):
    project.fill()
    project.write("flow4", TEXTS[0])  # the one with a secret
    first = project.said()
    monkeypatch.setattr(readings, "read_flow", lambda *_: pytest.fail("it was read again"))
    assert project.said() == first


def test_only_what_has_changed_is_read_again(project, monkeypatch):
    project.fill()
    project.write("flow4", TEXTS[0])
    project.said()
    project.write("flow0", "title: New\nsteps: [{action: hangup}]\n")
    read = []

    def read_flow(source, name, *rest, real=readings.read_flow):
        read.append(name)
        return real(source, name, *rest)

    monkeypatch.setattr(readings, "read_flow", read_flow)
    assert project.said()[1]["flow0"][0]["title"] == "New"
    assert set(read) == {"flow0"}


def test_another_program_reads_everything_again(project, monkeypatch):
    """Another version, a rule that was edited, another YAML library."""
    project.fill()
    project.said()
    monkeypatch.setattr(cache, "_program", lambda: ["another"])
    assert not cache.open_cache(project.root)
    read = []
    monkeypatch.setattr(readings, "read_flow", lambda *of: read.append(of[1]) or [])
    with pytest.raises(IndexError):
        project.said()
    assert read


@pytest.mark.parametrize("path", ["rules/long_text.py", "project/yaml/parser.py", "schema/x.py"])
def test_an_edited_module_makes_another_program(tmp_path, monkeypatch, path):
    for room in ("rules", "project/yaml", "schema"):
        (tmp_path / room).mkdir(parents=True)
    (tmp_path / path).write_text("one")
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path)
    before = [*cache._program()]
    assert [*cache._program()] == before
    os.utime(tmp_path / path, ns=(1, 1))
    assert [*cache._program()] != before


def test_every_module_that_reading_needs_is_counted():
    """What `read_flow` loads lies in the folders whose files tell one program from another."""
    words = "import sys, mbflow.project.readings; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    rooms = {name.split(".")[1] for name in done.stdout.split() if name.startswith("mbflow.")}
    assert rooms <= {*cache._ROOMS}


def test_a_secret_is_not_written_down(project):
    project.fill()
    project.said()
    kept = [path.read_bytes() for path in project.caches.iterdir()]
    assert kept and all(b"Delft" in one or b"flow0" in one for one in kept)
    assert not any(b"4711" in one or b"flow4" in one for one in kept)


def test_what_becomes_a_secret_is_forgotten(project):
    project.describe(secret="false")
    project.fill()
    project.said()
    assert any(b"4711" in path.read_bytes() for path in project.caches.iterdir())
    project.describe(secret="true")
    project.said()
    assert not any(b"4711" in path.read_bytes() for path in project.caches.iterdir())


def test_another_flows_folder_gives_other_names(project):
    project.write("below/a", TEXTS[0])
    assert [*project.said()[1]] == ["below/a"]
    project.describe(flows="flows/below")
    assert [*project.said()[1]] == ["a"]


def test_what_is_no_project_is_left_as_it_is(project):
    project.fill()
    (project.root / "mbflow.yaml").unlink()
    check(project.root, environ=ENVIRON)
    assert not (project.root / ".mbflow").exists()


def test_a_key_below_the_project_is_none(project, monkeypatch):
    """It could have come with the repository."""
    project.fill()
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.root / "home"))
    project.said()
    assert not project.caches.exists()


def test_a_key_that_was_cut_is_made_anew(project, tmp_path):
    project.fill()
    project.said()
    (tmp_path / "home" / "mbflow" / "key").write_bytes(b"")
    project.said()
    assert len((tmp_path / "home" / "mbflow" / "key").read_bytes()) == 32


def test_an_empty_gitignore_is_written_anew(project):
    project.fill()
    project.said()
    ignore = project.root / ".mbflow" / ".gitignore"
    ignore.write_text("")
    project.write("flow0", TEXTS[1])
    project.said()
    assert ignore.read_text() == "*\n"


def test_what_a_stranger_wrote_is_not_believed(project, tmp_path, monkeypatch):
    """It came with the repository, or from a job that runs what others propose."""
    project.fill()
    first = project.said()
    with monkeypatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "stranger"))
        patch.setattr(readings, "read_flow", lambda _, name, file, terms: [nothing(name, file)])
        lies = project.said()
    assert lies != first
    assert project.said() == first


def nothing(name, file):
    return readings.Reading(name, file, ("staging",))


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "long", "swap"])
def test_a_damaged_cache_is_not_believed(project, harm):
    project.fill()
    first = project.said()
    paths = sorted(project.caches.iterdir())
    contents = [path.read_bytes() for path in paths]
    for path, content, other in zip(paths, contents, reversed(contents), strict=True):
        harmed = {
            "cut": content[: len(content) // 2],
            "flip": content[:-3] + bytes([content[-3] ^ 1]) + content[-2:],
            "empty": b"",
            "long": content + b"x",
            "swap": other,
        }
        path.write_bytes(harmed[harm])
    assert project.said() == first


def test_a_link_is_not_followed(project, tmp_path):
    project.fill()
    first = project.said()
    for path in project.caches.iterdir():
        path.unlink()
        path.symlink_to("/dev/zero")
    assert project.said() == first
    assert not any(path.is_symlink() for path in project.caches.iterdir())


@pytest.mark.parametrize("link", [".mbflow", f".mbflow/{cache.FOLDER}"])
def test_nothing_is_written_through_a_link(project, tmp_path, link):
    project.fill()
    place = project.root / link
    place.parent.mkdir(exist_ok=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    place.symlink_to(outside)
    project.said()
    assert [*outside.iterdir()] == []


def test_without_a_key_of_its_own_nothing_is_kept(project, tmp_path):
    project.fill()
    first = project.said()
    (tmp_path / "home" / "mbflow" / "key").chmod(0o644)
    for path in project.caches.iterdir():
        path.unlink()
    assert project.said() == first
    assert [*project.caches.iterdir()] == []


@pytest.mark.parametrize("home", ["file/below", "relative"])
def test_a_home_that_cannot_hold_a_key_is_no_trouble(project, tmp_path, monkeypatch, home):
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative" if home == "relative" else str(tmp_path / home))
    project.fill()
    assert project.said()[0].flows == len(TEXTS)
    assert not project.caches.exists() and not Path("relative").exists()


def test_there_are_never_more_than_eight(project):
    project.fill()
    for rule in ("long-text", "empty-text", "plain-http", "same-title"):
        for severity in ("off", "error"):
            project.describe(severity=severity)
            path = project.root / "mbflow.yaml"
            path.write_text(path.read_text().replace("long-text", rule))
            project.said()
    assert len([*project.caches.iterdir()]) == cache.MOST_CACHES


def test_several_processes_at_once_say_the_same(project, tmp_path):
    words = ["-m", "mbflow", "validate"]
    for number in range(250):
        project.write(f"many{number}", TEXTS[number % len(TEXTS)])
    said = set()
    for _ in range(2):
        started = [Process(words, cwd=project.root, stdout=PIPE) for _ in range(3)]
        said |= {process.communicate()[0] for process in started}
    assert len(said) == 1
    assert [path.name for path in project.caches.iterdir()] != []
    assert not any("." in path.name for path in project.caches.iterdir())
