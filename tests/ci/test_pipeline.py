"""The pipeline that `mbflow init --ci gitlab` lays down, run job by job; and all schemas."""

import json

import jsonschema_rs
import pytest
import yaml
from apply.world import say
from cli.conftest import KEY
from cli.racing import Hand
from public_schemas import public_schema

from .conftest import git
from .github_runner import ROOT
from .gitlab_runner import Pipeline

TEMPLATES = ROOT / "mbflow" / "project" / "templates"
FILES = {
    "github-workflow": [TEMPLATES / "github.yml", ROOT / ".github" / "workflows" / "ci.yml"],
    "github-action": [ROOT / "action.yml"],
    "ci": [TEMPLATES / "gitlab.yml"],
}

TEMPLATED = ("github-workflow", "ci")
"""What the templates become is checked where they are filled in, too."""


@pytest.mark.parametrize(
    "name", ["github-action", *(pytest.param(one, marks=pytest.mark.long) for one in TEMPLATED)]
)
def test_files_for_ci_are_what_their_schema_says(name, tmp_path):
    schema = public_schema(name, tmp_path)
    for file in FILES[name]:
        document = json.loads(json.dumps(yaml.load(file.read_text(), Loader)))
        jsonschema_rs.Draft7Validator(schema).validate(document)


class Loader(yaml.SafeLoader):
    """YAML 1.2 as GitHub reads it: `on` is a word."""


Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_nothing_of_an_event_is_read_as_a_command():
    """Expressions reach scripts through variables only, and actions are those of known makers."""
    for file in [*FILES["github-workflow"], *FILES["github-action"]]:
        document = yaml.load(file.read_text(), Loader)
        jobs = document["jobs"].values() if "jobs" in document else [document["runs"]]
        for step in (step for job in jobs for step in job["steps"]):
            assert "${{" not in step.get("run", "")
            assert step.get("uses", "actions/").startswith(("actions/", "mbflow/mbflow@"))
        assert "pull_request_target" not in file.read_text()


class Story:
    def __init__(self, folder, repository, gitlab):
        self.folder, self.repository, self.gitlab = folder, repository, gitlab
        self.runs = 0
        self.secrets = {
            "": {
                "MESSAGEBIRD_READ_KEY": KEY,
                "GITLAB_TOKEN": gitlab.token(api="write"),
            },
            "production": {
                "MESSAGEBIRD_WRITE_KEY": KEY,
                "GITLAB_TOKEN": gitlab.token(api="write"),
            },
        }

    def run(self, source, commit, **variables):
        self.runs += 1
        folder = self.folder / f"pipeline-{self.runs}"
        pipeline = Pipeline(folder, TEMPLATES / "gitlab.yml", self.repository, self.secrets)
        web = f"file://{self.repository.origin}".removesuffix(".git")
        known = {**self.gitlab.environ(""), "CI_PROJECT_URL": web, "CI_DEFAULT_BRANCH": "main"}
        del known["GITLAB_TOKEN"]
        known |= {"CI_PIPELINE_SOURCE": source, "CI_COMMIT_SHA": commit, **variables}
        pipeline.start(known, commit)
        return pipeline

    def merge_request(self):
        base = git(self.repository.origin, "rev-parse", "main")
        head = self.repository.commit("topic", branch="topic")
        pipeline = self.run(
            "merge_request_event",
            head,
            CI_MERGE_REQUEST_IID="3",
            CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
            CI_MERGE_REQUEST_PROJECT_ID="42",
            CI_MERGE_REQUEST_SOURCE_PROJECT_ID="42",
            CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
        )
        self.gitlab.keep(3, pipeline.artifacts["call-flows-plan"], head)
        return pipeline

    def on_main(self, source, commit, **variables):
        return self.run(source, commit, CI_COMMIT_BRANCH="main", **variables)


@pytest.mark.long
def test_a_merge_request_its_merge_and_drift(tmp_path, repository, gitlab, service):
    story = Story(tmp_path, repository, gitlab)
    for text in ("One", "Two"):
        repository.write("hello", say(text, "Hello"))
        pipeline = story.merge_request()
        assert pipeline.results == {"call-flows-plan": 0}, pipeline.said
    assert len(gitlab.comments(3)) == 1
    head = git(repository.folder, "rev-parse", "HEAD")
    before = git(repository.origin, "rev-parse", "main")
    git(repository.folder, "push", "-q", "origin", "HEAD:main")
    gitlab.merges[head] = (3, head)
    pipeline = story.on_main("push", head, CI_COMMIT_BEFORE_SHA=before)
    assert pipeline.results == {"call-flows-apply": 0}, pipeline.said
    assert "reviewed in merge request #3" in pipeline.said
    assert "mbflow-ci/production/results.jsonl" in pipeline.artifacts["call-flows-apply"]
    assert "hello" in repository.at_origin()
    # The push of the lock starts a pipeline, too: there is nothing to do.
    newest = git(repository.origin, "rev-parse", "main")
    pipeline = story.on_main("push", newest)
    assert pipeline.results == {"call-flows-apply": 0}, pipeline.said
    assert git(repository.origin, "rev-parse", "main") == newest
    pipeline = story.on_main("schedule", newest, CALL_FLOWS="drift")
    assert pipeline.results == {"call-flows-drift": 0}, pipeline.said
    Hand(service).edit("Menu", say("By hand", "Menu"))
    pipeline = story.on_main("schedule", newest, CALL_FLOWS="drift")
    assert pipeline.results == {"call-flows-drift": 2}, pipeline.said
    (issue,) = gitlab.issues
    assert "menu" in issue["description"]
    for known in story.secrets.values():
        assert known["GITLAB_TOKEN"] not in pipeline.said


@pytest.mark.long
def test_a_schedule_keeps_opening_hours(tmp_path, repository, gitlab):
    (repository.folder / "calendars").mkdir()
    (repository.folder / "calendars" / "office.yaml").write_text(
        'zone: Europe/London\nopen: {monday-sunday: "00:00-24:00"}\n'
    )
    route = {"calendar": "office", "open": "hello", "closed": "menu"}
    repository.save(numbers={"442079460101": route})
    head = repository.commit("hours")
    story = Story(tmp_path, repository, gitlab)
    pipeline = story.on_main("push", head)
    assert pipeline.results == {"call-flows-apply": 0}, pipeline.said
    newest = git(repository.origin, "rev-parse", "main")
    pipeline = story.on_main("schedule", newest, CALL_FLOWS="calendar")
    assert pipeline.results == {"call-flows-calendar": 0}, pipeline.said
    assert "office is open" in pipeline.said
