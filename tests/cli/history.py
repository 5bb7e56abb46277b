"""A commit that makes one apply do everything it can do, and what must be true once it is done."""

import json
import re
import shutil

from apply.world import say

from mbflow.api.client import Client
from mbflow.state.lock import read_lock

from .conftest import KEY, Project

BY_HAND = say("Made in the dashboard", "By hand")
NUMBER = "31201234567"
LED = "442079460101"
"""By git, from a flow that is deleted to one that is made."""
BEFORE = {
    "main": say("Welcome", "Main", default=True),
    "menu": say("Press a key", "Menu"),
    "hours": say("We are closed", "Hours"),
    "sales": say("This is sales", "Sales"),
    "plain": say("Just moved", "Plain"),
    "numbered": say("Called by number", "Numbered"),
    "gone": say("Leave me", "Gone"),
    "still": say("I stay", "Still"),
}
AFTER = {
    "main": say("Welcome back", "Main", default=False),
    "heir": say("I answer now", "Heir", default=True),
    "menu": say("Press any key", "Menu"),
    "hours": say("We are open", "Hours"),
    "berlin": say("This is sales", "Sales"),
    "service": say("This is new", "Service"),
    "plainly": say("Moved and changed", "Plain"),
    "fresh": say("I am fresh", "Fresh"),
    "still": say("I stay", "Still"),
}
"""`main` hands `default` over, two flows move, two are made, two are deleted, a number is led."""
FORMER = {"berlin": "sales", "plainly": "plain"}
STAY = ("main", "menu", "hours", "still")
EVERYTHING = ("--auto-approve", "--allow-deletes", "2", "--allow", "numbered", "--allow", "heir")
"""What this commit needs to be acknowledged."""


class History:
    """The checkout and the service before that apply; both are copied for each test."""

    def __init__(self, folder, service):
        self.project = Project(folder, service.url, settle_seconds=1)
        self.service = service
        with Client(service.url, KEY, can_write=True) as hand:
            hand.create_call_flow(BY_HAND)
            self.project.save(numbers={LED: "gone"})
            apply_all(self.project, BEFORE)
            self.ids = {name: entry.id for name, entry in locked(self.project).items()}
            hand.assign_numbers(self.ids["numbered"], [NUMBER])
        commit(self.project)
        service.close()
        (self.unmanaged,) = service.texts().keys() - self.ids.values()

    @property
    def untouched(self):
        """The texts of the flows that no apply may touch."""
        return {i: self.service.texts()[i] for i in (self.unmanaged, self.ids["still"])}


class Copy(Project):
    """A checkout as another one is, with its lock and its state, for another service."""

    def __init__(self, origin, folder, url):
        shutil.copytree(origin.folder, folder)
        self.folder = folder
        self.environment = {**origin.environment, "endpoint": url}
        self.save()


def apply_all(project, bodies):
    for name, body in bodies.items():
        project.write(name, body)
    code, _, err = project.run("apply", "--auto-approve")
    assert code == 0, err


def commit(project):
    """The files become what AFTER says."""
    for name in BEFORE.keys() - AFTER.keys():
        project.remove(name)
    for name, body in AFTER.items():
        was = {"was": FORMER[name]} if name in FORMER else {}
        project.write(name, body, **was)
    project.save(numbers={LED: "fresh"})


def done_as_asked(project, *verb):
    """An ordinary run, and one more with what it asks to be acknowledged where it does."""
    code, out, err = project.run(*verb, "--auto-approve")
    if code == 3:
        code, out, err = project.run(*verb, *acknowledged(err))
    assert code == 0, out + err


def acknowledged(err):
    """Every flag that a refusal names, as it is written."""
    asked = re.findall(r"^ *(--allow|--allow-deletes) (\S+)$", err, re.MULTILINE)
    assert asked, err
    return ["--auto-approve", *(word for pair in dict.fromkeys(asked) for word in pair)]


def locked(project):
    return dict(read_lock(project.folder / "mbflow.lock.yaml").of("production"))


def check_is_done(history, service, project):
    """Live is what the files say, nothing else was touched, and nothing is left to do."""
    texts = service.texts()
    entries = locked(project)
    assert entries.keys() == AFTER.keys()
    kept = {
        name: history.ids[FORMER.get(name, name)]
        for name in AFTER
        if FORMER.get(name, name) in BEFORE
    }
    assert {name: entries[name].id for name in kept} == kept, "flows that stay keep their ids"
    assert all(entry.sent and entry.live for entry in entries.values())
    owned = {entry.id for entry in entries.values()}
    assert len(owned) == len(AFTER)
    assert texts.keys() == {*owned, history.unmanaged}, "no twin, nothing lost"
    assert {i: texts[i] for i in history.untouched} == history.untouched
    for name, body in AFTER.items():
        assert heard(json.loads(texts[entries[name].id])) == heard(body)
    with Client(service.url, KEY, can_write=False) as reading:
        leads = {id for id in texts for one in reading.list_numbers(id) if one.number == LED}
    assert leads == {entries["fresh"].id}
    code, out, err = project.run("plan", "--detailed-exitcode")
    assert code == 0, out + err
    assert not project.journal.exists()


def heard(body):
    steps = [(step["action"], step.get("options") or {}) for step in body["steps"]]
    return body["title"], body.get("default") is True, steps
