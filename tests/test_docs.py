"""Every console command in the README and the docs is run, in order, and prints what is shown.

A line that begins with `> ` goes on with the command above it, as in a shell. A shown line may hold
`…` for any text; a line that is nothing but `…` stands for any lines.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_layers import ROOMS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CI = ROOT / "docs" / "ci.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page):
    """The page's commands with the output that it shows for each."""
    found = []
    for block in BLOCK.findall(page.read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> ") and not found[-1][1]:
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
            else:
                found[-1][1].append(line)
    return found


def pattern(lines):
    """A pattern for the shown lines; none shown: no output at all."""
    parts = [".*" if line == "…" else re.escape(line).replace("…", ".*") for line in lines]
    return re.compile("\n".join(parts), re.DOTALL)


@pytest.fixture
def project(tmp_path):
    for name in ("calendars", "flows", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "mbflow.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_shows(page, project, tmp_path_factory):
    if page.name == "start.md":
        project = tmp_path_factory.mktemp("phone")  # it begins in an empty folder
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    keep = {key: value for key, value in os.environ.items() if not key.startswith("MBFLOW")}
    for command, shown in commands(page):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project,
            env={**keep, "PATH": path, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert pattern(shown).fullmatch(done.stdout.rstrip("\n")), f"{command}:\n{done.stdout}"


def test_links_between_the_pages_lead_somewhere():
    for page in (*PAGES, ROOT / "CHANGELOG.md", ROOT / ".github" / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def workflows():
    """The workflows of the page on CI: for pull requests, and for what is merged."""
    blocks = re.findall(r"^```yaml\n(name: .*?)^```$", CI.read_text(), re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def test_the_workflow_uploads_the_page_of_a_pull_request():
    """Also where the plan is red: that is when somebody looks."""
    planned, _ = workflows()
    plan, page, kept = planned["jobs"]["plan"]["steps"][-3:]
    assert "--out plan.json" in plan["run"]
    assert page["run"] == "mbflow page --plan plan.json -o plan.html"
    assert kept["with"]["path"] == "plan.html"
    assert all(step["if"].startswith("!cancelled()") for step in (page, kept))


def test_the_workflow_keeps_the_lock_of_half_an_apply():
    _, merged = workflows()
    steps = merged["jobs"]["apply"]["steps"]
    (keeping,) = [step for step in steps if "git add mbflow.lock.yaml" in step.get("run", "")]
    assert keeping["if"] == "always()"


def test_the_workflow_plans_and_applies_under_one_lock():
    _, merged = workflows()
    assert merged["concurrency"]["cancel-in-progress"] is False
    assert merged["jobs"].keys() == {"plan", "apply"}
    checkout = merged["jobs"]["plan"]["steps"][0]["with"]
    assert checkout == {"ref": "${{ github.ref_name }}", "fetch-depth": 0}, "the newest commit"


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:mbflow|schemas)/[^`]+)`", ARCHITECTURE)))
)
def test_the_architecture_page_names_files_that_are_there(path):
    assert list(ROOT.glob(path.replace("ROOM", "*"))), path


@pytest.mark.parametrize(
    ("function", "path"),
    re.findall(r"`(\w+)` \| `(mbflow/\S+\.py)` \|$", ARCHITECTURE, re.MULTILINE),
)
def test_the_way_of_a_flow_names_functions_that_are_there(function, path):
    assert re.search(rf"^def {function}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_the_architecture_page_draws_the_rooms_in_their_order():
    (drawing,) = re.findall(r"^```\n(.*?)^```$", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    assert [line.split()[0] for line in drawing.splitlines()] == ROOMS


def test_the_glossary_has_at_most_twenty_words():
    words = re.findall(
        r"^\| ([a-z -]+) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE
    )
    assert 10 < len(words) - 1 <= 20
