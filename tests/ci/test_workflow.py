"""The workflow that `mbflow init --ci github` lays down, and the action, run step by step."""

import signal
import time

import pytest
from apply.world import say
from cli.conftest import KEY, LONGEST
from cli.racing import Hand

from mbflow.project.starter import Place, github_files

from .conftest import Repository, git
from .github_runner import ROOT, Run
from .test_ci_apply import refuse_pushes

TEMPLATE = ROOT / "mbflow" / "project" / "templates" / "github.yml"
SECRETS = {
    "MESSAGEBIRD_READ_KEY": KEY,
    "production": {"MESSAGEBIRD_WRITE_KEY": KEY},
    "opening-hours": {"MESSAGEBIRD_WRITE_KEY": KEY},
}


class Story:
    """A repository on GitHub: branches, pull requests, merges, and the runs that they start."""

    def __init__(self, folder, repository, github):
        self.folder, self.repository, self.github = folder, repository, github
        self.runs = []
        self.template, self.secrets = TEMPLATE, SECRETS

    def _run(self, event_name, event, **options):
        secrets = dict(self.secrets)
        run = Run(
            self.folder / f"run-{len(self.runs)}",
            self.template,
            self.github,
            self.repository,
            secrets,
        )
        self.runs.append(run)
        return run, lambda: run.start(event_name, event, **options)

    def push_branch(self, number=12, *, fork=False):
        """The files as a commit of the branch, and the run of its pull request."""
        head = self.repository.commit("topic", branch=f"topic-{number}")
        base = git(self.repository.origin, "rev-parse", "main")
        # As GitHub makes it: what main would be, had the branch been merged.
        tree = git(self.repository.folder, "rev-parse", "HEAD^{tree}")
        merge = git(
            self.repository.folder, "commit-tree", tree, "-p", base, "-p", head, "-m", "Merge"
        )
        git(self.repository.folder, "push", "-q", "origin", f"+{merge}:refs/pull/{number}/merge")
        repository = "mallory/phone" if fork else self.github.repository
        pull = {
            "number": number,
            "base": {"sha": base, "ref": "main"},
            "head": {"sha": head, "repo": {"full_name": repository}},
        }
        event = {"number": number, "pull_request": pull}
        where = {"ref_name": f"{number}/merge", "sha": merge, "in_fork": fork}
        run, start = self._run("pull_request", event, **where)
        start()
        self.merge_of = (merge, head, number)
        return run

    def merge(self):
        """What the pull request became, on main."""
        merge, head, number = self.merge_of
        before = git(self.repository.origin, "rev-parse", "main")
        git(self.repository.folder, "push", "-q", "origin", f"{merge}:refs/heads/main")
        self.github.merges[merge] = (number, head)
        return self._run("push", {"before": before}, ref_name="main", sha=merge)

    def merged(self):
        run, start = self.merge()
        start()
        return run

    def started(self, event_name, *, ref_name="main", **event):
        sha = git(self.repository.origin, "rev-parse", "main")
        run, start = self._run(event_name, event, ref_name=ref_name, sha=sha)
        start()
        return run

    def pull(self):
        git(self.repository.folder, "fetch", "-q", "origin", "main")
        git(self.repository.folder, "checkout", "-q", "-f", "-B", "main", "FETCH_HEAD")


@pytest.fixture
def story(tmp_path, repository, github):
    return Story(tmp_path, repository, github)


def starting(comments, kind):
    return [text for text in comments if text.startswith(f"<!-- mbflow {kind} ")]


def test_a_pull_request_is_planned_by_the_action(story, github):
    story.repository.write("hello", say("Welcome", "Hello"))
    run = story.push_branch()
    assert run.results == {
        "review": "success",
        "plan": "skipped",
        "apply": "skipped",
        "drift": "skipped",
        "opening-hours": "skipped",
    }, run.said
    assert len(starting(github.comments(12), "plan")) == 1
    ((name, files),) = run.artifacts.items()
    assert name.startswith("mbflow-plan-production-")
    assert {"production/plan.json", "production/plan.html"} <= files.keys()
    assert run.installed == [f"-m pip install --quiet {ROOT}"]
    assert (run.group, run.cancels) == ("call-flows-12", "true")


@pytest.mark.long
def test_two_pull_requests_are_merged_one_after_the_other(story, github, service):
    for text in ("One", "Two", "Three"):
        story.repository.write("hello", say(text, "Hello"))
        run = story.push_branch()
        assert run.results["review"] == "success", run.said
    assert len(starting(github.comments(12), "plan")) == 1, "one comment after three pushes"
    run = story.merged()
    assert (run.results["plan"], run.results["apply"]) == ("success", "success"), run.said
    assert (run.group, run.cancels) == ("call-flows-production", "false")
    assert "This is the plan that was reviewed in pull request #12" in run.said
    assert service.titles() == ["Hello", "Menu"]
    (told,) = starting(github.comments(12), "apply")
    assert "2 done" in told
    assert {"mbflow-apply-production"} < run.artifacts.keys()
    assert "production/results.jsonl" in run.artifacts["mbflow-apply-production"]

    story.pull()
    story.repository.write("menu", say("Press any key", "Menu"))
    story.push_branch(13)
    run = story.merged()
    assert (run.results["plan"], run.results["apply"]) == ("success", "success"), run.said
    assert "reviewed in pull request #13" in run.said
    (told,) = starting(github.comments(13), "apply")
    assert "1 done" in told
    subjects = git(story.repository.origin, "log", "--first-parent", "--format=%s", "main")
    assert subjects.splitlines()[:4:2] == ["Lock call flows of production"] * 2
    story.pull()
    assert story.repository.run("plan", "--detailed-exitcode")[0] == 0


@pytest.mark.long
def test_a_stranger_gets_neither_key_nor_comment(story, github):
    story.repository.write("hello", say("Mine now", "Hello"))
    run = story.push_branch(fork=True)
    assert run.results["review"] == "success", run.said
    assert github.comments(12) == []
    assert "a fork's job has no access key" in run.said
    run = story.merged()
    assert "No plan of these very files was kept" in run.said
    assert run.results["apply"] == "success", run.said


@pytest.mark.long
def test_a_red_pull_request_says_why(story, github):
    (story.repository.folder / "flows" / "menu.yaml").write_text("title: Menu\nsteps: 3\n")
    run = story.push_branch()
    assert run.results["review"] == "failure"
    assert "::error col=" in run.said
    (comment,) = github.comments(12)
    assert "flows/menu.yaml" in comment
    run = story.merged()
    assert (run.results["plan"], run.results["apply"]) == ("failure", "skipped")
    (told,) = starting(github.comments(12), "apply")
    assert "flows/menu.yaml" in told


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_apply_keeps_results_and_lock(tmp_path, make_service, gates, github, number):
    service = make_service(sleep=gates.sleep)
    story = Story(tmp_path, Repository(tmp_path, service.url), github)
    story.push_branch()
    run, start = story.merge()
    service.faults("POST /call-flows latency=1 nth=2")

    def kill(process):
        """One flow is made, and the other is waited for."""
        if run.workspace.name == "work-apply":
            gates.wait_for(1)
            journal = run.workspace / ".mbflow" / "production" / "journal.jsonl"
            until = time.monotonic() + LONGEST
            while '"done"' not in journal.read_text() and time.monotonic() < until:
                time.sleep(0.01)
            process.send_signal(number)
            gates.open(1)

    run.signals["run"] = kill
    start()
    assert run.results["apply"] == "failure", run.said
    (kept,) = [run.artifacts[name] for name in run.artifacts if name.startswith("mbflow-apply")]
    assert "production/results.jsonl" in kept
    assert "mbflow.lock.yaml" in git(story.repository.origin, "ls-tree", "main"), run.said
    lock = story.repository.at_origin()
    assert any(flow_id in lock for flow_id in service.live()), run.said
    story.pull()
    run = story.started("workflow_dispatch")
    assert run.results["apply"] == "success", run.said
    assert service.titles() == ["Hello", "Menu"]


@pytest.mark.long
def test_the_lock_of_a_protected_branch_is_proposed(story, github):
    story.push_branch()
    run, start = story.merge()
    refuse_pushes(story.repository)
    start()
    assert run.results["apply"] == "success", run.said
    assert [one["head"] for one in github.proposals] == ["mbflow-lock-production"]
    assert "menu" in story.repository.at_origin(branch="mbflow-lock-production")


@pytest.mark.long
def test_drift_is_looked_for_on_a_schedule(story, service, github):
    story.push_branch()
    story.merged()
    cron = "17 5 * * *"
    run = story.started("schedule", schedule=cron)
    assert run.results["drift"] == "success", run.said
    assert run.group == f"call-flows-{cron}"
    Hand(service).edit("Menu", say("By hand", "Menu"))
    run = story.started("schedule", schedule=cron)
    assert (run.results["drift"], run.code) == ("failure", 2), run.said
    (issue,) = github.issues
    Hand(service).edit("Menu", say("Press a key", "Menu"))
    story.started("schedule", schedule=cron)
    assert issue["state"] == "closed"


@pytest.mark.long
def test_what_is_pending_is_applied_by_hand(story, service, github):
    story.repository.commit("pushed without a pull request")
    run = story.started("workflow_dispatch", ref_name="topic")
    assert (run.results["plan"], run.results["apply"]) == ("skipped", "skipped"), run.said
    run = story.started("workflow_dispatch")
    assert (run.results["plan"], run.results["apply"]) == ("success", "success"), run.said
    assert service.titles() == ["Hello", "Menu"]
    story.pull()
    (story.repository.folder / "README").write_text("nothing that callers hear")
    story.repository.commit("pushed beside the flows")
    run = story.started("push")
    assert (run.results["plan"], run.results["apply"]) == ("success", "skipped"), run.said


@pytest.mark.long
def test_opening_hours_lead_numbers_on_a_schedule(story, service):
    repository = story.repository
    (repository.folder / "calendars").mkdir()
    (repository.folder / "calendars" / "office.yaml").write_text(
        'zone: Europe/London\nopen: {monday-sunday: "00:00-24:00"}\n'
    )
    route = {"calendar": "office", "open": "hello", "closed": "menu"}
    repository.save(numbers={"442079460101": route})
    story.push_branch()
    run = story.merged()
    assert run.results["apply"] == "success", run.said
    run = story.started("schedule", schedule="*/5 * * * *")
    assert run.results["opening-hours"] == "success", run.said
    assert "office is open" in run.said


@pytest.mark.long
def test_a_project_may_be_in_a_folder(story, service, tmp_path):
    """With the workflow as `mbflow init` fills it in there."""
    place = Place("phone", environment="production", access_key_env="PHONE_KEY", branch="main")
    (file,) = github_files(place).values()
    story.template = tmp_path / "call-flows.yml"
    story.template.write_text(file.text)
    story.secrets = {"PHONE_READ_KEY": KEY, "production": {"PHONE_WRITE_KEY": KEY}}
    story.repository.save(access_key_env="PHONE_KEY")
    folder = story.repository.folder
    (folder / "phone").mkdir()
    for name in ("flows", "mbflow.yaml"):
        (folder / name).rename(folder / "phone" / name)
    run = story.push_branch()
    assert run.results["review"] == "success", run.said
    run = story.merged()
    assert run.results["apply"] == "success", run.said
    assert "reviewed in pull request #12" in run.said
    assert service.titles() == ["Hello", "Menu"]
    assert "menu" in story.repository.at_origin("phone/mbflow.lock.yaml")
