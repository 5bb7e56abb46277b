"""What the README and the docs show is so: commands, files, tables, links.

Every console command is run, in order, and prints what is shown. A line that begins with `> ` goes
on with the command above it, as in a shell. A shown line may hold `…` for any text; a line that is
nothing but `…` stands for any lines. A block whose first line is a comment with a path is that
file, and is there before the first command.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest
from processes import server_folder
from test_layers import ROOMS

from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.cli.main import VERBS, main
from mbflow.emulator.app import Emulator
from mbflow.flow.vocabulary import ACTIONS
from mbflow.model.project import LOCAL
from mbflow.plan.model import HazardKind
from mbflow.rules import RULES

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BY = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
OF_CI = ("MBFLOW", "GITHUB_", "GITLAB_")
"""How variables begin that tell a command where it runs."""
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^```\w+\n# ([\w/.-]+\.(?:yaml|py))\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IN_GIT = ("ci.md", "reviewing.md")
"""Pages that begin in a repository with one commit."""
EMPTY = ("start.md", "emulator.md", "migrating.md")
"""Pages that begin in an empty folder; the others in the worked example."""


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
    for name in ("calendars", "flows", "schemas", "docs/patterns"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(".mbflow"))
    shutil.copy(ROOT / "mbflow.yaml", tmp_path)
    return tmp_path


def make_account(folder):
    """A project without files, and an account with flows and a number that somebody else made."""
    (folder / ".mbflow" / "local").mkdir(parents=True)
    (folder / "mbflow.yaml").write_text("project: acme\n")
    emulator = Emulator(folder / ".mbflow" / "local" / "emulator.sqlite3", account=LOCAL)
    with httpx.Client(base_url="http://emulator", transport=EmulatorTransport(emulator)) as api:
        for title in ("Closed", "Support line"):
            text = {"payload": f"This is {title}.", "language": "en-GB", "voice": "female"}
            steps = [{"action": "say", "options": text}, {"action": "hangup"}]
            made = api.post("/call-flows", json={"title": title, "steps": steps}).json()
        numbers = {"numbers": ["442079460120"]}
        api.post(f"/call-flows/{made['data'][0]['id']}/numbers", json=numbers).raise_for_status()
    emulator.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_shows(page, project, tmp_path_factory):
    if page.name in EMPTY:
        project = tmp_path_factory.mktemp("phone")
    if page.name == "migrating.md":
        make_account(project)
    if page.name in IN_GIT:
        for words in (["init", "-q", "-b", "main"], ["add", "."], [*BY, "commit", "-q", "-m", "x"]):
            subprocess.run(["git", *words], cwd=project, check=True)
    for name, text in FILE.findall(page.read_text()):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    programs = [str(server_folder()), str(Path(sys.executable).parent), os.environ["PATH"]]
    path = os.pathsep.join(programs)
    keep = {key: value for key, value in os.environ.items() if not key.startswith(OF_CI)}
    for command, shown in commands(page):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project,
            env={**keep, "PATH": path, "NO_COLOR": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert pattern(shown).fullmatch(done.stdout.rstrip("\n")), f"{command}:\n{done.stdout}"


BESIDE = [ROOT / "CHANGELOG.md", ROOT / ".github" / "CONTRIBUTING.md"]


def anchors(page):
    """The anchors of a page as GitHub makes them, and those that it sets itself."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    kept = (re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads)
    return {*kept, *re.findall(r'<a id="([\w-]+)">', text)}


@pytest.mark.parametrize("page", [*PAGES, *BESIDE], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
        if "://" in target:
            continue
        to = (page.parent / target).resolve() if target else page
        assert to.exists(), target
        assert not anchor or anchor in anchors(to), f"{target}#{anchor}"


def test_every_page_is_one_click_from_the_readme():
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)\)", PAGES[0].read_text()))
    assert linked == {page.name for page in PAGES[1:]}


def options_of(command):
    return {"-h", "--help"}.union(*(param.opts for param in command.params))


def unknown_words(line):
    """What of a command line that a page names is no verb and no option of mbflow."""
    words = re.split(r"[\s|=]+", line)
    command, known = main, options_of(main)
    while words[0] in ("-C", "-e"):
        del words[:2]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command = command.get_command(click.Context(command), words.pop(0))
        if command is None:
            return line
        known |= options_of(command)
    return [word for word in words if re.match(r"--?[a-zA-Z]", word) and word not in known]


def other_lines(page):
    """The commands that are not run: those within the text, and those of files and scripts."""
    text = BLOCK.sub("", page.read_text())
    fences = "\n".join(re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL))
    within = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL).replace("\n", " ")
    lines = re.findall(r"\bmbflow ([a-z][^\n|<>&;#`\"]*)", fences)
    return [
        *re.findall(r"`mbflow ([^`|<>&]+)`", within),
        *(line for line in lines if line.split()[0] in VERBS),
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_not_run_are_commands(page):
    for line in other_lines(page):
        assert not unknown_words(line), line


def rows(page, beginning):
    """The cells of each line of a table whose first cell is a name in backticks."""
    text = (ROOT / "docs" / page).read_text()
    table = text[text.index(beginning) :].partition("\n\n")[0]
    found = [line.strip("| ").split(" | ") for line in table.splitlines()]
    return {cells[0].strip("`"): cells for cells in found if cells[0].startswith("`")}


def test_the_page_on_flows_tells_each_action_with_its_options():
    told = rows("writing-flows.md", "| action |")
    assert told.keys() == ACTIONS.keys()
    for action, (_, _, options, *keys) in told.items():
        known = ACTIONS[action].options
        assert set(re.findall(r"`(\w+)`", options)) == known.keys()
        needed = {name for name, option in known.items() if option.required}
        assert set(re.findall(r"\*\*`(\w+)`\*\*", options)) == needed
        assert (keys == ["yes"]) == ACTIONS[action].takes_keys


def test_the_page_on_rules_has_a_line_of_each():
    page = (ROOT / "docs" / "rules.md").read_text()
    lines = [line for line in page.splitlines() if line.startswith("| <a")]
    assert sorted(lines) == sorted(
        f'| <a id="{rule.id}"></a>`{rule.id}` | {rule.severity.value} | {rule.summary} |'
        for rule in RULES.values()
    )


def test_the_page_on_safety_tells_each_hazard():
    assert rows("safety.md", "| hazard |").keys() == {kind.value for kind in HazardKind}


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
