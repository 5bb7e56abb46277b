"""The noise stops: every side applies with what it is asked for, and then all must be well.

Where mbflow refuses by design, the way out that it names is taken.
"""

import re
import shlex

from apply.world import say

from mbflow.apply.result import NumberResult, Status
from mbflow.cli.next_command import render
from mbflow.emulator.quirks import Quirk
from mbflow.flow.canonical import Form, is_alike
from mbflow.model.errors import Error
from mbflow.plan.model import ChangeKind

from .bodies import heard
from .story import Consent

REFUSED = re.compile(r"\((409|422)\)")
FORGOTTEN = "a key was forgotten"
"""An excuse: its flow stays, and is nobody's."""
STUBBORN = {Quirk.LINKED_NUMBER_409, Quirk.LINKED_NUMBER_ADDED}
"""Where a number does not leave its former flow."""
ROUNDS = 12
"""Applies that a side may need, refusals and the service's own moods included."""


def end(story):
    story.tell("the noise stops")
    story.world.faults()
    story.world.clock.sleep(60)
    sides = [side for side in story.sides if side.repo.names()]
    for side in sides:
        if not side.files():
            story.tell(f"{side.name}: add a file, for without any nothing is ever deleted")
            side.repo.write("only", say("Only me.", story.history.title(side, "only")))
    for side in sides:
        settle(story, side)
    for side in sides:
        _check_side(story, side)
    _check_rest(story)
    writes = [line for line in story.world.writes() if line.endswith("/numbers")]
    others = [line for line in writes if not line.startswith("POST")]
    story.check(not others, f"numbers were written otherwise than by POST: {others}")


def settle(story, side, targets=()):
    """Apply until all is done, with what each refusal asks for."""
    consent = Consent(reviewed=False)
    for _ in range(ROUNDS):
        result = story.apply(side, consent, targets=targets)
        if isinstance(result, Error) and "Take `numbers:` out" in str(result.details):
            story.history.take_all_out(side)
        elif isinstance(result, Error):
            consent = _way_out(story, side, result, consent)
        elif all(status == "done" for status in result.statuses.values()):
            return
        else:
            _help(story, side, result)
            consent = Consent(reviewed=False)
        story.world.clock.sleep(60)
    story.fail(f"{side.name} does not come to rest")


def _way_out(story, side, error, consent):
    """Do what the refusal says. Returns the consent for the next try."""
    allow, deletes, adopted = set(consent.allow), consent.allow_deletes, set()
    lines = render(error.details, {})
    commands = [shlex.split(line) for line in lines if line.startswith("    ")]
    for words in commands:
        match words:
            case ["--allow", name]:
                story.check(name not in consent.allow, f"--allow {name} is asked for again")
                allow.add(name)
            case ["--allow-deletes", number]:
                deletes = int(number)
            case ["mbflow", "adopt", name, flow_id]:
                if not adopted & {name, flow_id}:
                    _adopt(story, side, name, flow_id)
                    adopted |= {name, flow_id}
            case ["mbflow", "forget", *names]:
                _forget(story, side, names)
            case ["mbflow", "apply", "--target", name]:
                settle(story, side, [name])
            case ["git", "checkout", "HEAD", "--", _] | ["project_was:", _]:
                story.history.take_lock_from_git(side)
            case _:
                is_other = words[:2] in (["mbflow", "import"], ["mbflow", "plan"])
                story.check(is_other, f"{side.name}: a way that leads nowhere: {' '.join(words)}")
    if not commands and "could not be read completely" not in error.summary:
        story.fail(f"{side.name}: refused without a way out: {error} {error.details}")
    return Consent(reviewed=False, allow=frozenset(allow), allow_deletes=deletes)


def _forget(story, side, names):
    story.tell(f"{side.name}: mbflow forget {' '.join(names)}")
    for name in names:
        side.repo.forget(name, side.environment)
    story.excuses.add(FORGOTTEN)


def _adopt(story, side, name, flow_id):
    story.tell(f"{side.name}: mbflow adopt {name} {flow_id}")
    side.repo.adopt(name, flow_id, side.environment)
    story.truth.owner[flow_id] = side.name
    story.truth.kept.pop(flow_id, None)
    story.truth.written.pop(flow_id, None)


def _help(story, side, applied):
    """What only a person can do: the service itself refuses."""
    for outcome in applied.outcomes:
        if isinstance(outcome, NumberResult):
            _help_number(story, side, outcome)
        elif "which no file here gives up" in str(outcome.reason):
            story.people.give_default_up()
        elif outcome.change.action is ChangeKind.DELETE and REFUSED.search(str(outcome.reason)):
            story.people.free_numbers(outcome.change.id)


def _help_number(story, side, outcome):
    """The service does not move numbers: the plan says so again, until a person does."""
    if outcome.status not in (Status.FAILED, Status.UNKNOWN):
        return
    number, to = outcome.change.number, outcome.change.to
    why = f"{side.name}: {number}: {outcome.reason}"
    story.check("in the service's dashboard" in str(outcome.reason), f"{why}: leads nowhere")
    story.check(story.quirks & STUBBORN, f"{why}: such a service moves numbers")
    story.world.clock.sleep(60)
    plan = story.planned(side)
    again = plan is None or number in {change.number for change in plan.numbers}
    story.check(again, f"{why}: the next plan does not say it")
    story.people.lead(number, to.id or story.entries(side)[to.name].id)


def _check_side(story, side):
    plan = story.planned(side)
    story.check(plan is None or not plan.everything, f"{side.name}: the plan is not empty")
    live, files, entries = story.world.live(), side.files(), story.entries(side)
    story.check(
        set(entries) == set(files), f"{side.name}: locked {set(entries)}, files {set(files)}"
    )
    for name, flow in files.items():
        _check_flow(story, side, flow, live.get(entries[name].id))
    ids = [entry.id for entry in entries.values()]
    story.check(len(ids) == len(set(ids)), f"{side.name}: two names have one flow")
    for number, name in story.history.tables[side.repo].of(side.environment).items():
        flows, wanted = story.links.flows(number), entries[name].id
        story.check(flows == {wanted}, f"{side.name}: {number} leads to {flows}, not to {wanted}")
    journal = side.repo.journal(side.environment)
    story.check(not journal.exists(), f"{side.name}: the journal is left")


def _check_flow(story, side, flow, body):
    story.check(body is not None, f"{side.name}: {flow.name} is locked and not live")
    if Quirk.LIST_WITHOUT_TITLES in story.quirks:
        body = {**body, "title": flow.body.get("title", "")}
    story.check(
        is_alike(Form(flow.body), Form(body)),
        f"{side.name}: {flow.name} is live as {body}, and git says {flow.body}",
    )
    flow_id = body["id"]
    owner = story.truth.owner[flow_id]
    ours = owner == side.name or flow_id in story.truth.copies or story.is_blind
    story.check(ours, f"{side.name}: {flow.name} is {flow_id} of {owner}")


def _check_rest(story):
    """Flows made by hand are as they were; no other is live and nobody's, unless it was named.

    An adoption that was cut off leaves the flow nobody's where the service keeps no markers.
    """
    live = story.world.live()
    for flow_id, body in story.truth.kept.items():
        story.check(flow_id in live, f"{flow_id} was made by hand and is gone")
        same_still = heard(live[flow_id]) == heard(body)
        story.check(same_still, f"{flow_id} was made by hand and is changed")
    if story.is_blind:
        return
    locked = {entry.id for side in story.sides for entry in story.entries(side).values()}
    said = "\n".join(story.said)
    for flow_id in [one for one in live if one not in locked]:
        is_cut_off = story.is_markerless and flow_id in story.truth.handmade
        if story.truth.owner[flow_id] != "hand" and not is_cut_off:
            story.check(story.excuses, f"{flow_id} is live and nobody's, without any excuse")
            story.check(flow_id in said, f"{flow_id} is live and nobody's, and was never named")
