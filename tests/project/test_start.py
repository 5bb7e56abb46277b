"""`init` beside what is there already: nothing is overwritten, what is written is right."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from public_schemas import public_schema

from mbflow import __version__
from mbflow.model.errors import Error, ProblemsError, RefusedError, UsageError
from mbflow.project.format_files import format_files
from mbflow.project.git import default_branch
from mbflow.project.init import start_project
from mbflow.project.starter import Place, github_files, gitlab_files, schema_globs
from mbflow.testing.runner import run_calls
from mbflow.testing.selection import Selection
from mbflow.testing.validate import check

ENVIRONMENTS = """\
project: acme
flows: {flows}
environments:
  staging: {{endpoint: embedded}}
  live: {{endpoint: "https://voice.messagebird.com", access_key_env: ACME_LIVE_KEY}}
"""
WORKFLOW = ".github/workflows/call-flows.yml"


def git(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)


def texts(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def names(folder):
    return [path.name for path in folder.iterdir()]


def todo(start):
    return ["\n".join([head, *map(str, lines)]) for head, lines in start.todo]


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "config", "merge.mbflow.driver", "mbflow merge-lock %O %A %B")
    return tmp_path


@pytest.fixture(scope="module")
def checkers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schemas")
    names = {"github": "github-workflow", "gitlab": "ci", "catalog": "schema-catalog"}
    return {
        kind: jsonschema_rs.validator_for(public_schema(name, folder))
        for kind, name in names.items()
    }


@pytest.mark.parametrize("environment", ["production", "1.0", "on", "2026", "eu-west.live"])
@pytest.mark.parametrize(
    "folder", ["", "shop", "a/my shop's", "2026", "a: b #c", "-x", "a\\s", "a\nb"]
)
def test_what_ci_gets_is_right_for_its_schema(checkers, environment, folder):
    place = Place(folder, environment=environment, access_key_env="ACME_KEY", branch="trunk")
    (workflow,) = github_files(place).values()
    (pipeline,) = gitlab_files(place, has_pipeline=False).values()
    for kind, text in (("github", workflow.text), ("gitlab", pipeline.text)):
        document = yaml.safe_load(text)
        if True in document:
            document["on"] = document.pop(True)  # as YAML 1.2 has it
        checkers[kind].validate(document)
        assert "MESSAGEBIRD" not in text and not re.search(r"main[]']", text)
        assert environment == "production" or "production" not in text
    jobs = yaml.safe_load(workflow.text)["jobs"].values()
    steps = [step for job in jobs for step in job["steps"] if "mbflow" in step["uses"]]
    assert {step["with"]["environment"] for step in steps} == {environment}
    assert {step["with"].get("working-directory", "") for step in steps} == {folder}
    keys = {step["env"]["ACME_KEY"] for step in steps}
    assert keys == {"${{ secrets.ACME_READ_KEY }}", "${{ secrets.ACME_WRITE_KEY }}"}
    template = yaml.safe_load(pipeline.text)[".call-flows"]
    assert template["variables"]["ACME_KEY"] == "$ACME_READ_KEY"
    assert template["artifacts"]["paths"] == [f"{folder}/mbflow-ci/" if folder else "mbflow-ci/"]
    after = yaml.safe_load(pipeline.text)["call-flows-apply"]["after_script"]
    for lines in (template["before_script"][1:], after[:-1]):
        visits = [shlex.split(line) for line in lines]
        assert visits == ([["cd", "--", folder]] if folder else [])


@pytest.mark.parametrize("ci", ["", "github", "gitlab"])
def test_a_second_run_writes_nothing(repository, ci):
    options = {"ci": ci, "editor": "vscode"}
    first = start_project(repository, **options)
    assert all(first.written.values())
    assert check(repository).problems == ()
    assert format_files(repository, [], write=False).changed == ()
    before = texts(repository)
    assert not any(start_project(repository, **options).written.values())
    assert texts(repository) == before
    assert git(repository, "check-ignore", ".mbflow/x", "plan.json").stdout
    attribute = git(repository, "check-attr", "merge", "mbflow.lock.yaml").stdout
    assert attribute == "mbflow.lock.yaml: merge: mbflow\n"


def test_what_is_there_stays_and_is_told_what_to_add(repository):
    there = {
        ".gitignore": "node_modules/\n# .mbflow is ours\n",
        ".gitattributes": "*.png binary\n",
        ".gitlab-ci.yml": "build: {script: [make]}\n",
        ".vscode/settings.json": '{\n  // ours\n  "editor.rulers": [100],\n}\n',
        ".vscode/extensions.json": '{"recommendations": []}\n',
        "mbflow.yaml": ENVIRONMENTS.format(flows="ivr"),
        "ivr/menu.yaml": "title: Menu\nsteps: [{action: hangup}]\n",
    }
    for name, text in there.items():
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(text)
    start = start_project(repository, ci="gitlab", editor="vscode")
    assert {name: (repository / name).read_text() for name in there} == there
    assert not (repository / "flows").exists()
    (ignore, attributes, include, settings, extensions) = todo(start)
    assert ignore == ".gitignore is there already. Add to it:\n    .mbflow/\n    mbflow-ci/"
    without = start_project(repository, editor="vscode")
    assert todo(without)[0] == ".gitignore is there already. Add to it:\n    .mbflow/"
    assert attributes.endswith("Add to it:\n    mbflow.lock.yaml merge=mbflow")
    assert include == (
        ".gitlab-ci.yml is there already. Add to it:\n    include:\n"
        "      - local: .gitlab/call-flows.yml"
    )
    assert '        "./schemas/call-flow.schema.json": [\n          "ivr/**/*.yaml"' in settings
    assert '"redhat.vscode-yaml"' in extensions
    part = yaml.safe_load((repository / ".gitlab/call-flows.yml").read_text())
    assert part["call-flows-plan"]["script"] == ["mbflow ci plan -e live"]
    assert part[".call-flows"]["before_script"] == [f"pip install mbflow=={__version__}"]
    assert part[".call-flows"]["variables"]["ACME_LIVE_KEY"] == "$ACME_LIVE_READ_KEY"


def test_lines_that_were_added_are_not_asked_for_again(repository):
    for name, text in (
        (".gitignore", "/.mbflow/**\nmbflow-ci\n"),
        (".gitattributes", "/mbflow.lock.yaml text merge=mbflow\n"),
        (".gitlab-ci.yml", "include: [{local: .gitlab/call-flows.yml}]\n"),
    ):
        (repository / name).write_text(text)
    start = start_project(repository, ci="gitlab")
    assert todo(start) == ["CI is for the environment production. Declare it in mbflow.yaml."]


@pytest.mark.parametrize(
    ("stages", "is_told"),
    [
        ("", False),
        ("stages: [build, test]\n", False),
        ("stages:\n  - build\n- test\n", False),
        ("stages:\n- build\ntest-it: {}\n", True),
        ("stages: [build, latest]\n", True),
    ],
)
def test_a_pipeline_without_the_stage_of_the_jobs(repository, stages, is_told):
    (repository / ".gitlab-ci.yml").write_text(f"{stages}job: {{script: [make]}}\n")
    told = "Its jobs are of the stage test: add that to stages: in .gitlab-ci.yml."
    assert (told in todo(start_project(repository, ci="gitlab"))) is is_told


def test_a_folder_of_a_repository_has_its_ci_at_the_top(repository):
    folder = repository / "services" / "phone"
    start = start_project(folder, ci="github", editor="vscode")
    assert check(folder).problems == ()
    assert {f"../../{WORKFLOW}", "../../.vscode/settings.json"} <= start.written.keys()
    settings = json.loads((repository / ".vscode/settings.json").read_text())
    assert "./services/phone/schemas/calls.schema.json" in settings["yaml.schemas"]
    for schema, globs in settings["yaml.schemas"].items():
        assert (repository / schema).exists()
        assert all(glob.removeprefix("!").startswith("services/phone/") for glob in globs)


@pytest.mark.parametrize("ci", ["github", "gitlab"])
@pytest.mark.parametrize("name", ["${{ secrets.KEY }}", "a/${{github.actor}}", "$HOME", "a$"])
def test_a_folder_that_ci_would_fill_in_is_refused(repository, ci, name):
    with pytest.raises(UsageError, match="would take the"):
        start_project(repository / name, ci=ci)
    assert names(repository) == [".git"]
    start_project(repository / name)


def test_a_project_whose_flows_are_everywhere_has_globs_too():
    globs = schema_globs(Place(flows="."))["call-flow"]
    assert globs[0] == "**/*.yaml" and "!mbflow.yaml" in globs and "!calendars/**/*.yaml" in globs


def test_flow_files_that_are_there_get_no_other(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/menu.yaml").write_text("title: Menu\nsteps: [{action: hangup}]\n")
    start = start_project(tmp_path)
    assert names(tmp_path / "flows") == ["menu.yaml"]
    assert start.written["mbflow.yaml"] and check(tmp_path).problems == ()
    assert "desk_number" not in (tmp_path / "mbflow.yaml").read_text()


@pytest.mark.parametrize("flows", ["flows", "calls/ivr"])
def test_a_project_without_its_flows_gets_a_first_one(tmp_path, flows):
    """It has no variable for the number of the desk."""
    (tmp_path / "mbflow.yaml").write_text(f"project: acme\nflows: {flows}\n")
    start = start_project(tmp_path)
    assert start.written[f"{flows}/welcome.yaml"] and not start.written["mbflow.yaml"]
    assert check(tmp_path).problems == ()
    assert not run_calls(tmp_path, None, Selection()).has_failed
    for name in ("welcome.yaml", "welcome.calls.yaml"):
        (schema,) = re.findall(r"schema=(\S+)", (tmp_path / flows / name).read_text())
        assert (tmp_path / flows / schema).exists()


def test_a_folder_below_a_project_is_refused(tmp_path):
    (tmp_path / "mbflow.yaml").write_text("project: acme\n")
    with pytest.raises(UsageError, match="belongs to the project in"):
        start_project(tmp_path / "flows")
    assert names(tmp_path) == ["mbflow.yaml"]


@pytest.mark.parametrize(("name", "text"), [("mbflow.yml", ""), ("mbflow.yaml", "projct: x\n")])
def test_a_project_file_that_is_wrong_comes_first(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(ProblemsError):
        start_project(tmp_path)
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("name", ["schemas", ".github", ".vscode", ".github/workflows"])
def test_a_file_or_link_in_the_place_of_a_folder(repository, tmp_path_factory, name):
    folder = repository / "phone"
    folder.mkdir()
    at = folder / name if name == "schemas" else repository / name
    at.parent.mkdir(exist_ok=True)
    at.write_text("mine")
    with pytest.raises(Error, match="is not a folder"):
        start_project(folder, ci="github", editor="vscode")
    at.unlink()
    outside = tmp_path_factory.mktemp("outside")
    at.symlink_to(outside)
    with pytest.raises(RefusedError, match="leads out of"):
        start_project(folder, ci="github", editor="vscode")
    assert not list(outside.iterdir())


def test_a_link_in_the_place_of_a_file_is_left_alone(tmp_path):
    (tmp_path / ".gitignore").symlink_to(tmp_path / "nowhere")
    assert start_project(tmp_path).written[".gitignore"] is False
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_a_link_can_be_a_project(repository, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (repository / "phone").symlink_to(elsewhere)
    start_project(repository / "phone", ci="github")
    assert (elsewhere / WORKFLOW).exists() and not (repository / ".github").exists()


def test_where_nothing_can_be_written_it_is_said(tmp_path):
    with pytest.raises(Error, match="cannot be written"):
        start_project(Path("/proc/mbflow"))


def test_the_branch_that_is_applied_is_that_of_the_repository(tmp_path):
    assert default_branch(tmp_path) == "main"
    git(tmp_path, "init", "--quiet", "--initial-branch", "trunk")
    assert default_branch(tmp_path) == "trunk"
    commit = ("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--allow-empty")
    git(tmp_path, *commit, "--quiet", "--message", "x")
    git(tmp_path, "branch", "master")
    git(tmp_path, "branch", "feature")
    assert default_branch(tmp_path) == "master"
    git(tmp_path, "update-ref", "refs/remotes/origin/release", "HEAD")
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release")
    assert default_branch(tmp_path) == "release"
