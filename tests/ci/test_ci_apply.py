"""`mbflow ci apply`, as the job of a merge: the reviewed plan, results, lock, comment."""

import json
import signal
import subprocess
import sys

import pytest
from apply.world import say
from cli.conftest import KEY, LONGEST
from cli.racing import Hand

from mbflow.ci.lock import LockKeeper
from mbflow.model.flow import LockEntry
from mbflow.state.lock import Lock, parse_lock, write_lock

from .conftest import WRITES, git, pull_request, push
from .test_ci_plan import merge_request

MARKER = "<!-- mbflow apply acme/production -->"


def refuse_pushes(repository, branch="main"):
    """As a protected branch does."""
    hook = repository.origin / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\nwhile read old new ref; do\n"
        f'  [ "$ref" = refs/heads/{branch} ] && echo "Protected branch" >&2 && exit 1\n'
        "done\nexit 0\n"
    )
    hook.chmod(0o755)


def planned(repository, github, **options):
    """What the job of the pull request keeps, and the commit that it is merged as."""
    base = repository.commit("base")
    environ = pull_request(repository, github, base, **WRITES)
    code, out, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 0, out + err
    files = {"production/plan.json": repository.file("plan.json").read_text()}
    head = git(repository.folder, "rev-parse", "HEAD")
    github.keep(f"mbflow-plan-production-{repository.tree()}", files, head, **options)
    repository.file("plan.json").unlink()
    merge = repository.commit("Merge pull request #12")
    github.merges[merge] = (12, head)
    return base


ALL = {"actions": "read", "pull_requests": "write"}


def test_the_reviewed_plan_is_applied_and_told(repository, github, service):
    environ = push(repository, github, planned(repository, github), **ALL)
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert service.titles() == ["Hello", "Menu"]
    assert "This is the plan that was reviewed in pull request #12" in err
    assert "hello" in repository.at_origin()
    assert git(repository.origin, "log", "-1", "--format=%s", "main") == (
        "Lock call flows of production"
    )
    lines = [json.loads(line) for line in repository.file("results.jsonl").read_text().splitlines()]
    assert sorted(one["flow"] for one in lines if "flow" in one) == ["hello", "menu"]
    told = [text for text in github.comments(12) if text.startswith(MARKER)]
    assert len(told) == 1
    assert "2 done" in told[0] and "`mbflow.lock.yaml` was pushed to `main`" in told[0]


def hotfix(repository, github, service):
    """A change is reviewed; then somebody edits the live flow."""
    assert repository.ci("plan", "-e", "production")[0] == 0
    assert repository.ci("apply", "-e", "production", "--lock", "none")[0] == 0
    repository.write("menu", say("Press any key", "Menu"))
    environ = push(repository, github, planned(repository, github), **ALL)
    Hand(service).edit("Menu", say("A hotfix", "Menu"))
    return environ


def test_a_reviewed_plan_that_is_stale_is_refused(repository, github, service):
    environ = hotfix(repository, github, service)
    before = service.live()
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 3, out + err
    assert service.live() == before
    (told,) = [text for text in github.comments(12) if text.startswith(MARKER)]
    assert "1 hazard" in told and "A hotfix" in told
    assert "The plan of pull request #12 does not show what is shown now" in err


def test_a_reviewed_plan_with_a_false_base_is_not_taken(repository, github, service):
    """Whoever may push a branch names an older base, so that drift looks like the branch's own."""
    old = repository.commit("old")
    repository.write("menu", say("Press any key", "Menu"))
    repository.commit("changed")
    assert repository.ci("apply", "-e", "production")[0] == 0
    git(repository.folder, "pull", "-q", "--rebase", "origin", "main")
    Hand(service).edit("Menu", say("A hotfix", "Menu"))
    repository.write("hello", say("Good day", "Hello"))
    before = repository.commit("new")
    forged = repository.folder.parent / "forged.json"
    assert repository.run("plan", "--base", old, "--out", str(forged))[0] == 0
    assert '"needs_allow": true' not in forged.read_text()
    head = repository.commit("head")
    name = f"mbflow-plan-production-{repository.tree()}"
    github.keep(name, {"production/plan.json": forged.read_text()}, head)
    merge = repository.commit("Merge pull request #12")
    github.merges[merge] = (12, head)
    live = service.live()
    environ = push(repository, github, before, **ALL)
    for verb in ("plan", "apply"):
        code, out, err = repository.ci(verb, "-e", "production", environ=environ)
        assert code == 3, out + err
        assert "The plan of pull request #12 does not show what is shown now" in err
        assert service.live() == live
        repository.file("plan.json").unlink()


@pytest.mark.long
def test_a_plan_made_after_the_review_is_seen_or_refused(repository, github, service):
    hotfix(repository, github, service)
    before = service.live()
    environ = push(repository, github, "", "workflow_dispatch", **ALL)
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 3
    assert "$ mbflow plan -e production --require-applicable" in out
    assert "nobody has looked at" in err and "update menu" in err
    assert service.live() == before
    # In a job before, the same; unless somebody has to approve the environment, who sees it there.
    repository.file("plan.json").unlink()
    assert repository.ci("plan", "-e", "production", environ=environ)[0] == 3
    github.reviewed.add("production")
    assert repository.ci("plan", "-e", "production", environ=environ)[0] == 0
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert service.live() != before


OTHERS = ("allowed", "no base", "damaged", "other head", "none", "no permission")
FORGERIES = ["fork", *(pytest.param(name, marks=pytest.mark.long) for name in OTHERS)]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_plan_that_nobody_reviewed_is_not_taken(repository, github, service, forgery):
    base = planned(repository, github, from_fork=forgery == "fork")
    (kept,) = github.artifacts
    if forgery == "allowed":
        plan = {"allowed": ["menu"], "options": {}}
        github.artifacts.clear()
        files = {"production/plan.json": json.dumps(plan)}
        github.keep(kept["name"], files, kept["workflow_run"]["head_sha"])
    elif forgery == "no base":
        plan = json.loads(github.read(kept, "production/plan.json"))
        plan["options"] |= {"base": None, "branch": None}
        github.artifacts.clear()
        files = {"production/plan.json": json.dumps(plan)}
        github.keep(kept["name"], files, kept["workflow_run"]["head_sha"])
    elif forgery == "damaged":
        github.damage(kept)
    elif forgery == "other head":
        kept["workflow_run"]["head_sha"] = "0" * 40
    elif forgery == "none":
        github.artifacts.clear()
    permissions = WRITES if forgery == "no permission" else ALL
    environ = push(repository, github, base, **permissions)
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert "This is the plan that was reviewed" not in err
    assert "$ mbflow plan -e production --base" in out
    assert service.titles() == ["Hello", "Menu"]


@pytest.mark.long
def test_the_lock_is_pushed_while_main_moves_on(repository, github, service):
    environ = push(repository, github, planned(repository, github), **ALL)
    code, out, err = repository.ci("plan", "-e", "production", environ=environ)
    assert code == 0, out + err
    other = repository.folder.parent / "other"
    git(repository.folder.parent, "clone", "-q", str(repository.origin), str(other))
    (other / "README").write_text("moved on")
    git(other, "add", "--all")
    git(other, "commit", "-q", "-m", "moved on")
    git(other, "push", "-q", "origin", "HEAD:main")
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    subjects = git(repository.origin, "log", "--format=%s", "main").splitlines()
    assert subjects[:2] == ["Lock call flows of production", "moved on"]
    # The next merge finds the lock, and has nothing to do.
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert len(service.writes()) == 2
    assert git(repository.origin, "log", "--format=%s", "main").splitlines() == subjects


def test_only_the_lock_is_pushed(repository, github, service):
    before = repository.commit("before")
    repository.write("bad", say("Bad", "Bad"))
    repository.commit("bad")
    repository.ci("plan", "-e", "production")
    environ = push(repository, github, before)
    other = repository.folder / "flows" / "hello.yaml"
    other.write_text(f"{other.read_text()}# left by another step\n")
    hooks = repository.folder / ".git" / "hooks"
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    git(repository.origin, "branch", "-f", "main", before)  # it is taken back meanwhile
    assert repository.ci("apply", "-e", "production", environ=environ)[0] == 0
    subjects = git(repository.origin, "log", "--format=%s", "main").splitlines()
    assert subjects == ["Lock call flows of production", "before", "first"]
    changed = git(repository.origin, "diff", "--name-only", before, "main")
    assert changed == "mbflow.lock.yaml"
    assert "bad" in repository.at_origin()


def test_a_lock_is_merged_flow_by_flow_whatever_git_is_told(repository):
    (repository.folder / ".gitattributes").write_text("*.yaml merge=union\n")
    old = repository.commit("union")
    expected = {}
    for number, name in enumerate(("staging", "production", "staging")):
        entry = LockEntry(f"{number}0000000-0000-4000-8000-000000000000", "a" * 16, "b" * 16)
        expected.setdefault(name, {})[f"flow{number}"] = entry
        git(repository.folder, "checkout", "-q", "--detach", old)
        lock = Lock("acme", environments={name: {f"flow{number}": entry}})
        write_lock(repository.folder / "mbflow.lock.yaml", lock)
        kept = LockKeeper(repository.folder, name, "main", None).keep("push")
        assert kept.code == 0, kept.text
    assert parse_lock(repository.at_origin()).environments == expected


DEEP = pytest.param("[" * 100_000, id="deep")


@pytest.mark.parametrize("text", ["", DEEP, "{}", '{"changes": 3}', "[1]", "\x00"])
def test_what_is_no_plan_is_refused(repository, service, text):
    repository.file("").mkdir(parents=True)
    repository.file("plan.json").write_text(text)
    code, out, _ = repository.ci("apply", "-e", "production")
    assert code == 3 and "is not a plan that can be applied" in out
    assert not service.writes()


def test_a_run_of_a_tag_pushes_no_branch(repository, github, service):
    environ = push(repository, github, repository.commit("base"))
    environ |= {"GITHUB_REF_NAME": "v1", "GITHUB_REF_TYPE": "tag"}
    before = git(repository.origin, "for-each-ref")
    assert repository.ci("plan", "-e", "production", environ=environ)[0] == 0
    code, _, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 4, err
    assert git(repository.origin, "for-each-ref") == before


def test_a_plan_that_is_in_git_is_not_applied(repository, service):
    assert repository.ci("plan", "-e", "production")[0] == 0
    git(repository.folder, "add", "-f", "mbflow-ci")
    repository.commit("forged")
    for verb in ("plan", "apply", "drift"):
        code, _, err = repository.ci(verb, "-e", "production")
        assert code == 3 and "git rm -r --cached mbflow-ci" in err
    assert not service.writes()


@pytest.mark.long
def test_a_protected_branch_gets_its_locks_proposed(repository, github, service):
    base = planned(repository, github)
    refuse_pushes(repository)
    environ = push(repository, github, base, **ALL)
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    (proposal,) = github.proposals
    assert (proposal["head"], proposal["base"]) == ("mbflow-lock-production", "main")
    assert "menu" in repository.at_origin(branch="mbflow-lock-production")
    (told,) = [text for text in github.comments(12) if text.startswith(MARKER)]
    assert "because `main` takes no push. A pull request proposes it" in told
    # Another apply comes before that is merged: the proposal then holds both.
    git(repository.folder, "checkout", "-q", "-f", "-B", "main", "origin/main")
    repository.write("late", say("Late", "Late"))
    (repository.origin / "hooks" / "pre-receive").unlink()
    repository.commit("late")
    refuse_pushes(repository)
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    lock = repository.at_origin(branch="mbflow-lock-production")
    assert "hello" in lock and "menu" in lock and "late" in lock
    assert len(github.proposals) == 1
    assert service.titles() == ["Hello", "Late", "Menu"]


@pytest.mark.long
def test_a_lock_that_gets_nowhere_makes_the_job_red(repository, github):
    environ = push(repository, github, planned(repository, github), **ALL)
    hook = repository.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    code, _, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 4
    assert "`mbflow.lock.yaml` is not in git" in err
    assert "menu" in repository.file("mbflow.lock.yaml").read_text()


@pytest.mark.long
def test_an_apply_that_is_partly_done_pushes_its_lock(repository, github, service):
    environ = push(repository, github, planned(repository, github), **ALL)
    service.faults("POST /call-flows html=400 nth=2")
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 4, out + err
    (told,) = [text for text in github.comments(12) if text.startswith(MARKER)]
    assert "1 done, 1 failed" in told
    (flow_id,) = service.live()
    assert flow_id in repository.at_origin()


@pytest.mark.long
def test_what_a_sigkill_left_goes_into_the_lock(repository, github, service):
    environ = push(repository, github, planned(repository, github), **ALL)
    kept = {"PATH": "/usr/bin:/bin", "HOME": str(repository.folder.parent)}
    words = ["after-read-back", "2", "ci", "apply", "-e", "production"]
    done = subprocess.run(
        [sys.executable, "-m", "cli.killed_apply", *words],
        cwd=repository.folder,
        env={**kept, **environ, "MESSAGEBIRD_ACCESS_KEY": KEY, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    assert repository.file("results.jsonl").exists()
    assert not (repository.folder / "mbflow.lock.yaml").exists()
    code, out, err = repository.ci("lock", "-e", "production", environ=environ)
    assert code == 0, out + err
    live = service.live()
    assert any(flow_id in repository.at_origin() for flow_id in live)


def test_a_job_that_waited_applies_the_newest_commit(repository, github, service):
    base = repository.commit("base")
    environ = push(repository, github, base, **ALL)
    old = git(repository.folder, "rev-parse", "HEAD")
    repository.write("hello", say("Newer", "Hello"))
    repository.commit("newer")
    git(repository.folder, "checkout", "-q", "--detach", old)
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert "main has moved on: its newest commit is applied" in err
    assert any(b["steps"][0]["options"]["payload"] == "Newer" for b in service.live().values())


@pytest.mark.long
def test_gitlab_applies_the_plan_of_the_merge_request(repository, gitlab, service):
    base = repository.commit("base")
    environ = merge_request(repository, gitlab, base)
    assert repository.ci("plan", "-e", "production", environ=environ)[0] == 0
    folder = "mbflow-ci/production"
    names = ("plan.json", "tree")
    files = {f"{folder}/{name}": repository.file(name).read_bytes() for name in names}
    head = git(repository.folder, "rev-parse", "HEAD")
    gitlab.keep(3, files, head)
    gitlab.keep(3, {**files, f"{folder}/plan.json": b"{}"}, head, project=43)
    gitlab.merges[head] = (3, head)
    repository.file("plan.json").unlink()
    environ |= {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}
    environ["CI_COMMIT_BEFORE_SHA"] = base
    environ["CI_PROJECT_URL"] = f"file://{repository.origin}".removesuffix(".git")
    code, out, err = repository.ci("apply", "-e", "production", environ=environ)
    assert code == 0, out + err
    assert "reviewed in merge request #3" in err
    assert service.titles() == ["Hello", "Menu"]
    assert any(text.startswith(MARKER) for text in gitlab.comments(3))
    assert "menu" in repository.at_origin()


def test_without_a_code_host_the_lock_is_pushed(repository, service):
    git(repository.folder, "fetch", "-q", "origin")
    code, out, err = repository.ci("apply", "-e", "production")
    assert code == 0, out + err
    assert "`mbflow.lock.yaml` was pushed to `main`." in err
    assert "menu" in repository.at_origin()
    # A commit that nobody pushed does not go along.
    repository.write("late", say("Late", "Late"))
    git(repository.folder, "add", "--all")
    git(repository.folder, "commit", "-q", "-m", "late")
    code, _, err = repository.ci("apply", "-e", "production")
    assert code == 4
    assert "**`mbflow.lock.yaml` is not in git**: no branch is checked out as origin has it." in err
    assert service.titles() == ["Hello", "Late", "Menu"]
    assert "late" not in git(repository.origin, "log", "--format=%s", "main")
