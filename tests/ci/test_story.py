"""The whole story of an account, from the day somebody brings it into git.

Real git repositories, the emulator behind a port, a code host behind another. Chapter by chapter,
in the order in which it happens; what people see is what is looked at.
"""

import shutil
from datetime import UTC, datetime, timedelta

from apply.world import payloads, say, spoken
from cli.conftest import KEY
from cli.racing import Hand

from mbflow.api.client import Client

from .conftest import Repository, git, pull_request, push

MAIN, SALES = "442079460100", "442079460101"
MENU = {
    "title": "Main menu",
    "steps": [
        spoken("Welcome to Acme. For sales, press 1.", onKeypressGoto="sales"),
        spoken("Nobody is here to take your call. Goodbye."),
        {"action": "hangup"},
        {"id": "sales", "action": "transfer", "options": {"destination": "442079460111"}},
    ],
}
ACCOUNT = (
    MENU,
    say("This is sales. Please hold the line.", "Sales"),
    say("We are closed. Please call again tomorrow.", "Closed for the day"),
    say("We are on holiday until Monday.", "Holiday"),
    say("Please leave a message.", "Voicemail"),
)
PROJECT = """\
project: acme

# The desk in the front office.
variables:
  desk_number: "442079460111"

environments:
  production:
    endpoint: {url}
    settle_seconds: 0
    require_plan: true
"""
REVIEWER = {"pull_requests": "write", "actions": "read"}


class Story(Repository):
    """Somebody's clone of a repository at a code host, with a robot that runs its jobs."""

    def __init__(self, folder, service, github):
        self.service, self.github, self.hand = service, github, Hand(service)
        self.folder, self.origin = folder / "work", folder / "origin.git"
        self.pulls = iter(range(1, 100))
        git(folder, "init", "-q", "--bare", "--initial-branch", "main", str(self.origin))
        git(folder, "clone", "-q", f"file://{self.origin}", str(self.folder))
        git(self.folder, "checkout", "-q", "-B", "main")

    def mbflow(self, *words, code=0):
        """What it prints, on both streams."""
        ended, out, err = self.run(*words)
        assert ended == code, (words, out, err)
        return out + err

    def edit(self, name, old, new):
        path = self.folder / name
        text = path.read_text()
        assert text.count(old) == 1, (name, old, text)
        path.write_text(text.replace(old, new))

    def branch(self, name, start="main"):
        git(self.folder, "checkout", "-q", "-B", name, start)

    def propose(self, message, *, code=0):
        """The branch is pushed, and the job of its pull request has run: number and comment."""
        branch = git(self.folder, "rev-parse", "--abbrev-ref", "HEAD")
        self.commit(message, branch=branch)
        number = next(self.pulls)
        base = git(self.origin, "rev-parse", "main")
        environ = pull_request(self, self.github, base, number=number, **REVIEWER)
        environ["GITHUB_SHA"] = base  # no trial merge: the job has checked out the branch itself
        ended, out, err = self.ci("plan", "-e", "production", environ=environ)
        assert ended == code, out + err
        comments = self.github.comments(number)
        assert len(comments) == 1 and comments[0].startswith("<!-- mbflow plan acme/production -->")
        return number, comments[0]

    def merge(self, number, *, code=0):
        """The pull request is merged, and the job of `main` has applied its plan."""
        head, before = git(self.folder, "rev-parse", "HEAD"), git(self.origin, "rev-parse", "main")
        plan = self.file("plan.json").read_text()
        self.github.keep(
            f"mbflow-plan-production-{self.tree()}", {"production/plan.json": plan}, head
        )
        git(self.folder, "checkout", "-q", "main")
        git(self.folder, "merge", "-q", "--no-ff", "-m", f"Merge pull request #{number}", head)
        git(self.folder, "push", "-q", "origin", "main")
        shutil.rmtree(self.folder / "mbflow-ci")
        self.github.merges[git(self.folder, "rev-parse", "HEAD")] = (number, head)
        environ = push(self, self.github, before, number=number, **REVIEWER)
        ended, out, err = self.ci("apply", "-e", "production", environ=environ)
        assert ended == code, out + err
        git(self.folder, "fetch", "-q", "origin", "main")
        git(self.folder, "reset", "-q", "--hard", "origin/main")
        return out + err

    def drift(self, *, code):
        """The nightly job has looked."""
        environ = push(self, self.github, "", "schedule", issues="write")
        ended, out, err = self.ci("drift", "-e", "production", environ=environ)
        assert ended == code, out + err
        return [one["body"] for one in self.github.issues if one["state"] == "open"]

    def heard(self, title):
        """What the live flow of this title says."""
        return payloads(self.service.live()[self.hand.id_of(title)])

    def answers(self, number):
        """The title of the live flow that the number leads to."""
        with Client(self.service.url, KEY, can_write=False) as client:
            (found,) = [
                flow.raw["title"]
                for flow in client.list_call_flows()
                if number in {one.number for one in client.list_numbers(flow.id)}
            ]
        return found


def test_from_an_account_to_a_holiday(tmp_path, service, github):
    story = Story(tmp_path, service, github)
    bring_the_account_into_git(story)
    change_a_prompt_by_a_pull_request(story)
    plan_a_branch_that_is_behind(story)
    bring_an_edit_of_the_dashboard_into_git(story)
    take_a_bad_change_back(story)
    close_for_a_holiday_and_open_again(story)
    assert len(service.live()) == len(ACCOUNT), "no flow was lost, none was made twice"
    kept = git(story.folder, "log", "--all", "--patch", "--format=%B")
    assert KEY not in kept
    assert all(KEY not in body for one in github.posts.values() for body in str(one))


def bring_the_account_into_git(story):
    for body in ACCOUNT:
        story.hand.make(body)
    story.hand.assign("Main menu", MAIN)
    story.hand.assign("Sales", SALES)
    before = story.service.texts()
    (story.folder / "mbflow.yaml").write_text(PROJECT.format(url=story.service.url))
    told = story.mbflow("init", "--ci", "github")
    assert "kept   mbflow.yaml" in told and "wrote  .github/workflows/call-flows.yml" in told
    for path in (story.folder / "flows").iterdir():
        path.unlink()  # the first flow of a new project: this one has flows
    told = story.mbflow("import", "--all")
    assert f"wrote flows/main-menu.yaml: {story.hand.id_of('Main menu')}" in told
    told = story.mbflow("plan", "--detailed-exitcode")
    assert "nothing to change; 5 unchanged" in told
    assert "There is nothing to import" in story.mbflow("import", "--all")
    story.imported = story.commit("Bring the call flows into git")
    files = git(story.folder, "ls-files", "flows").splitlines()
    assert [name.removeprefix("flows/") for name in files] == [
        "closed-for-the-day.yaml",
        "holiday.yaml",
        "main-menu.yaml",
        "sales.yaml",
        "voicemail.yaml",
    ]
    assert story.service.texts() == before, "nothing was written to the account"


def change_a_prompt_by_a_pull_request(story):
    story.branch("opening-hours")
    story.edit(
        "flows/main-menu.yaml", "title: Main menu", "# Heard by everybody.\ntitle: Main menu"
    )
    story.edit("flows/main-menu.yaml", "Welcome to Acme.", "Welcome to Acme Limited.")
    story.edit("flows/main-menu.yaml", '"442079460111"', "${desk_number}")
    number, comment = story.propose("Say our full name")
    assert "· 1 update" in comment and "Welcome to Acme Limited." in comment
    assert "Welcome to Acme Limited." in story.file("plan.html").read_text()
    assert story.heard("Main menu")[0].startswith("Welcome to Acme. "), "a plan changes nothing"
    told = story.merge(number)
    assert f"the plan that was reviewed in pull request #{number}" in told
    assert story.heard("Main menu")[0].startswith("Welcome to Acme Limited.")
    assert git(story.folder, "log", "-1", "--format=%s") == "Lock call flows of production"
    assert "nothing to change; 5 unchanged" in story.mbflow("plan", "--detailed-exitcode")


def plan_a_branch_that_is_behind(story):
    story.branch("voicemail", story.imported)
    story.edit("flows/voicemail.yaml", "Please leave a message.", "Leave a message after the tone.")
    number, comment = story.propose("Say when to speak", code=3)
    assert "origin/main moved on: this would revert" in comment and "Say our full name" in comment
    assert "moved on" in story.mbflow("apply", str(story.file("plan.json")), code=3)
    assert story.heard("Voicemail") == ["Please leave a message."]
    git(story.folder, "merge", "-q", "--no-edit", "origin/main")
    number, comment = story.propose("Merge main")
    assert "main-menu" not in comment and "· 1 update" in comment
    story.merge(number)
    assert story.heard("Voicemail") == ["Leave a message after the tone."]
    assert story.heard("Main menu")[0].startswith("Welcome to Acme Limited.")


def bring_an_edit_of_the_dashboard_into_git(story):
    assert story.drift(code=0) == []
    menu = story.service.live()[story.hand.id_of("Main menu")]
    menu["steps"][1]["options"]["payload"] = "Nobody is here to take your call. Call 101 instead."
    story.hand.edit("Main menu", menu)
    (issue,) = story.drift(code=2)
    assert "Call 101 instead." in issue
    story.branch("hotfix")
    story.mbflow("import", "main-menu")
    changed = git(story.folder, "diff", "--unified=0", "--", "flows")
    lines = [
        line for line in changed.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")
    ]
    assert len(lines) == 2 and "Call 101 instead." in lines[1], "comments and ${desk_number} stay"
    number, comment = story.propose("Keep what the night shift said")
    assert "nothing to change" in comment, comment
    story.merge(number)
    assert story.drift(code=0) == []


def take_a_bad_change_back(story):
    before = story.service.live()
    story.branch("shorter")
    story.edit("flows/main-menu.yaml", "For sales, press 1.", "For sales, press 2.")
    number, _ = story.propose("A menu that nobody can follow")
    story.merge(number)
    assert "press 2" in story.heard("Main menu")[0]
    told = story.mbflow("rollback", "--auto-approve")
    assert "1 done" in told
    assert bodies(story.service.live()) == bodies(before)
    git(story.folder, "revert", "--no-edit", "HEAD~1", "-m", "1")
    story.commit("Lock what was rolled back")
    assert "nothing to change; 5 unchanged" in story.mbflow("plan", "--detailed-exitcode")


def close_for_a_holiday_and_open_again(story):
    story.branch("calendar")
    calendars = story.folder / "calendars"
    calendars.mkdir()
    always = 'zone: Europe/London\nopen: {monday-sunday: ["00:00-24:00"]}\n'
    (calendars / "office.yaml").write_text(always)
    story.edit(
        "mbflow.yaml",
        f'"{MAIN}": main-menu',
        f'"{MAIN}": {{calendar: office, open: main-menu, closed: closed-for-the-day, '
        "holiday: holiday}",
    )
    story.merge(story.propose("The main line follows the office's hours")[0])
    assert story.answers(MAIN) == "Main menu"
    story.branch("bank-holiday")
    today = datetime.now(UTC).date()
    first, last = today - timedelta(1), today + timedelta(1)
    days = f"{{from: {first}, to: {last}, closed: true, reason: Easter}}"
    (calendars / "office.yaml").write_text(f"{always}exceptions:\n  - {days}\n")
    number, comment = story.propose("Closed for Easter")
    assert "will lead to Closed for the day" in comment
    story.merge(number)
    assert story.answers(MAIN) == "Closed for the day"
    (calendars / "office.yaml").write_text(always)
    story.commit("Easter is over")
    told = story.mbflow("apply", "--calendar")
    assert f"{MAIN} leads to main-menu" in told
    assert story.answers(MAIN) == "Main menu"
    assert story.answers(SALES) == "Sales", "no calendar's"


def bodies(live):
    """Without what the service itself writes into them."""
    return {flow_id: {**body, "updatedAt": ""} for flow_id, body in live.items()}
