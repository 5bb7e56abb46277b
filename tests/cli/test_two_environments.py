"""Several environments in one run: `plan -e staging -e production`."""

import json

import pytest
from apply.world import say

from .conftest import run_here


class Both:
    """A checkout with two accounts: staging is built in, production behind a port."""

    def __init__(self, folder, url):
        self.folder = folder
        (folder / "flows").mkdir(parents=True)
        self.url = url
        self.declare()

    def declare(self, **settings):
        production = {"endpoint": self.url, "access_key_env": "LIVE_KEY", "settle_seconds": 2}
        staging = {"endpoint": "embedded", "variables": {"desk": "31201111111"}}
        environments = {
            "staging": {**staging, **settings.pop("staging", {})},
            "production": {
                **production,
                "variables": {"desk": "31202222222"},
                **settings.pop("production", {}),
            },
        }
        document = {"project": "acme", "environments": environments, **settings}
        (self.folder / "mbflow.yaml").write_text(json.dumps(document))

    def write(self, name, body, **settings):
        text = json.dumps({**body, **({"mbflow": settings} if settings else {})})
        (self.folder / "flows" / f"{name}.yaml").write_text(text)

    def run(self, *words, key="the-key-of-production", environ=()):
        known = {"LIVE_KEY": key, "HOME": str(self.folder), "PATH": "/usr/bin:/bin"}
        return run_here(words, self.folder, {**known, **dict(environ)})


@pytest.fixture
def both(tmp_path, service):
    both = Both(tmp_path / "checkout", service.url)
    both.write("menu", say("Hello", "Menu"))
    assert both.run("apply", "-e", "staging", "--auto-approve")[0] == 0
    return both


TWO = ("-e", "staging", "-e", "production")


def test_one_run_plans_both(both):
    code, out, err = both.run("plan", *TWO)
    assert code == 0, err
    staging, _, production = out.partition("Plan for production")
    assert staging.startswith("Plan for staging (built-in emulator)\nnothing to change")
    assert "1 to create" in production


def test_the_document_holds_both(both):
    code, out, _ = both.run("plan", *TWO, "--format", "json")
    plans = json.loads(out)["plans"]
    assert (code, [one["environment"] for one in plans]) == (0, ["staging", "production"])
    _, alone, _ = both.run("plan", "-e", "production", "--format", "json")
    assert json.loads(alone)["changes"] == plans[1]["changes"]


def test_as_markdown_one_follows_the_other(both):
    _, out, _ = both.run("plan", *TWO, "--format", "markdown")
    heads = [line for line in out.splitlines() if line.startswith("### mbflow plan")]
    assert [head.split("`")[1].split(" ")[0] for head in heads] == ["staging", "production"]


def test_the_worst_code_counts(both):
    assert both.run("plan", *TWO, "--detailed-exitcode")[0] == 2
    assert both.run("plan", *TWO, "--base", "HEAD")[0] == 1, "there is no repository"


def test_what_apply_will_ask_for_names_the_environment(both):
    both.write("menu", say("Hello", "Menu"), protect=True)
    for name in ("staging", "production"):
        assert both.run("apply", "-e", name, "--auto-approve")[0] == 0
    (both.folder / "flows" / "menu.yaml").unlink()
    both.write("other", say("Other", "Other"))
    both.declare(removed=["menu"])
    code, _, err = both.run("plan", *TWO, "--require-applicable", "--detailed-exitcode")
    assert code == 3
    assert "Refused: staging (built-in emulator): Apply will not make these changes" in err
    assert "mbflow apply plan.json --allow menu -e staging\n" in err
    assert "mbflow apply plan.json --allow menu -e production\n" in err


def test_a_broken_file_is_the_worst(both):
    both.write("menu", {"title": "Menu", "steps": 7})
    assert both.run("plan", *TWO, "--fail-on", "any", "--detailed-exitcode")[0] == 1


def test_a_file_holds_the_plan_of_one(both):
    code, out, err = both.run("plan", *TWO, "--out", "plan.json")
    assert (code, out) == (64, "")
    assert err == (
        "Error: --out holds the plan of one environment. Make a file for each:\n"
        "      mbflow plan -e staging --out plan.staging.json\n"
        "      mbflow plan -e production --out plan.production.json\n"
    )


def test_a_process_variable_names_one(both):
    code, out, _ = both.run("plan", environ={"MBFLOW_ENVIRONMENT": "staging"})
    assert code == 0 and out.startswith("Plan for staging")
    code, out, _ = both.run("plan", *TWO, environ={"MBFLOW_ENVIRONMENT": "nonsense"})
    assert code == 0 and "Plan for production" in out


def test_a_plan_that_cannot_be_made_hides_no_other(both):
    both.declare(staging={"access_key_kind": "live"}, production={"access_key_kind": "live"})
    code, out, err = both.run("plan", *TWO, key="test_of_production")
    assert code == 3
    assert out.startswith("Plan for staging (built-in emulator)\n")
    assert "production: The access key for production is a test key" in " ".join(err.split())
    code, out, _ = both.run("plan", *TWO, "--format", "json", key="")
    assert (code, [one["environment"] for one in json.loads(out)["plans"]]) == (1, ["staging"])
    # Of two that fail the worst code counts, and both are told.
    both.declare(
        staging={"endpoint": both.url, "access_key_env": "NONE"},
        production={"access_key_kind": "live"},
    )
    code, out, err = both.run("plan", *TWO, key="test_of_production")
    assert (code, out) == (1, "")
    assert "staging: No access key for staging" in err
    assert "production: The access key for production is a test key" in " ".join(err.split())
