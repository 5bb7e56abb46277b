"""One story with every kind of change in it, told under any quirks and faults; and which there are.

People and mbflow do the same every time. What the service makes of it is for the judge to see.
"""

import re
from contextlib import suppress

from apply.world import spoken

from mbflow.emulator.faults import KINDS, parse_fault
from mbflow.emulator.quirks import Quirk
from mbflow.model.errors import UsageError

from .ending import end, settle
from .story import Consent, Story

WRITTEN = {"5xx": "503", "latency": "latency=45", "html": "html=502"}
"""How a kind of fault is written here, where its name alone is no fault or too mild a one."""
LIES = {
    "429 after": "429 says that nothing was done: a service that did it all the same is believed",
}
"""Forms that no client could withstand, each with its reason."""
ONLY_WRITES = re.compile("twice| after")
"""To a GET these do what the form before does, or nothing."""

READINGS = (
    (),
    (Quirk.LINKED_NUMBER_409, Quirk.NUMBERS_PUT_ADDS),
    (Quirk.LINKED_NUMBER_ADDED,),
    (Quirk.LINKS_SEEN_LATE,),
    (Quirk.LINKED_NUMBER_ADDED, Quirk.LINKS_SEEN_LATE),
)
"""What a service may do with numbers."""

SPELLED = {"language": "en-gb", "voice": "female", "loop": False, "repeat": 1}


def forms():
    """Every kind of fault in each form that it can be written in."""
    for kind in KINDS:
        name = re.split(r"[\[=]", kind)[0]
        written = WRITTEN.get(name, name)
        for form in (written, f"{written} after"):
            with suppress(UsageError):
                same = parse_fault(f"* * {form}") == parse_fault(f"* * {written}")
                if form not in LIES and (form == written or not same):
                    yield form


def faults_of(form):
    """The first of each kind of write meets it, and a read now and then."""
    writes = [f"{method} * {form} nth=1" for method in ("POST", "PUT", "DELETE")]
    return (*writes, *([] if ONLY_WRITES.search(form) else [f"GET * {form} p=0.1"]))


def drawn_fault(draw):
    method = draw.choice(["POST", "PUT", "DELETE", "*"])
    when = draw.choice(["nth=1", "nth=2", "p=0.2", "p=0.5"])
    return f"{method} * {draw.choice(list(forms()))} {when}"


def tell(folder, *, quirks=(), faults=(), seed=0, crashes=(("after-post", 2), ("any", 9))):
    """The whole story up to its end, in a folder of its own. Raises `Violation`."""
    story = Story(folder, quirks=[quirk.value for quirk in quirks], seed=seed)
    try:
        with story.told():
            _begin(story, faults, crashes[0])
            _change_by_hand(story)
            _change_files(story)
            story.apply(story.main, Consent())
            story.apply(story.main, Consent(), targets=["deep/sales"], faults=faults)
            allowed = _allowed(story)
            story.apply(story.main, allowed, faults=faults, crash=crashes[1])
            if faults:
                story.apply(story.main, allowed, faults=faults)
            end(story)
    finally:
        story.close()
    return story


def _begin(story, faults, crash):
    """Flows of people and of another project are there; then the first apply, killed on its way.

    It is finished in peace, so that all flows are there when the second act begins.
    """
    for number in range(4):
        story.people.make(f"Reception {number}", "Please wait.")
    story.history.add(story.other, "menu", [_said("Another house.")])
    story.apply(story.other, Consent())
    target = {"action": "hangup", "id": "target"}
    menu = _said("Press 1.", onKeypressGoto="target", onKeypressVar="choice")
    story.history.add(story.main, "menu", [menu, _said("Goodbye."), target])
    story.history.add(story.main, "sales", [_said("Sales."), _transfer("31201234567")])
    story.history.add(story.main, "hours", [_said("We open at nine."), {"action": "hangup"}])
    story.history.add(story.main, "deep/closed", [_said("We are closed."), _pause(0)])
    story.history.add(story.main, "gone", [_said("Not for long.")])
    if not story.is_markerless:
        story.tell("main: add plain without a title")
        story.main.repo.write("plain", {"steps": [_said("I have no title.")]})
    story.history.edit(story.main, "menu", "record", "")
    story.history.set_default(story.main, "menu", True)
    for place, name in enumerate(["menu", "gone", "sales"]):
        story.history.lead(story.main, place, name)
    story.apply(story.main, Consent(), faults=faults, crash=crash)
    settle(story, story.main)


def _change_by_hand(story):
    story.people.edit(_number(story, "menu"), "unknown", "jazz")
    story.people.edit(_number(story, "deep/closed"), "text", "Closed for today.")
    story.people.assign_number(_number(story, "gone"))
    story.people.lead(story.digits(story.main)[0], story.people.known()[0])
    if Quirk.UNKNOWN_ACTIONS_ACCEPTED in story.quirks:
        _dance(story)


def _allowed(story):
    """For the flow that is to go, and for the number that somebody led to a flow of nobody's."""
    numbers = story.history.tables[story.main.repo].of("production")
    return Consent(allow=frozenset({"gone", *list(numbers)[:1]}))


def _change_files(story):
    """The key `sales` is used again, which needs an apply of its own; its new flow becomes the
    default. Numbers leave the flow that goes, and that of `sales` stays with the key.
    """
    main, git = story.main, story.history
    git.edit(main, "menu", "reorder", "")
    _forget_record(story, "menu")
    git.edit(main, "deep/closed", "insert", "We moved.")
    git.rename(main, "deep/closed", "shut", True)
    git.rename(main, "sales", "deep/sales", True)
    git.add(main, "sales", [_said("Sales and service."), _transfer("31207654321")])
    git.set_default(main, "sales", True)
    git.rename(main, "hours", "times", False)
    git.lead(main, 1, "times")
    git.lead(main, 2, "sales")
    git.lead(main, 3, "times")
    git.remove(main, "gone")
    git.edit(main, "plain", "text", "I still have no title.")


def _forget_record(story, name):
    """The file says nothing of `record` any more, where it said that it is true."""
    story.tell(f"main: leave record out of {name}")
    body = story.main.repo.read(name)
    assert body.pop("record") is True
    story.main.repo.write(name, body, **body.pop("mbflow"))


def _dance(story):
    """A step that only this service takes."""
    story.tell("by hand: hours begins with a step that mbflow does not know")
    body = story.world.live()[story.entries(story.main)["hours"].id]
    with story.ids(), story.world.client() as hand:
        hand.update_call_flow(body["id"], {**body, "steps": [{"action": "dance"}, *body["steps"]]})
    story.world.clock.sleep(1)


def _number(story, name):
    """By which people know the flow of a key."""
    return story.people.known().index(story.entries(story.main)[name].id)


def _said(text, **step):
    said = spoken(text, **step)
    return {**said, "options": {**said["options"], **SPELLED}}


def _pause(length):
    return {"action": "pause", "options": {"length": length}}


def _transfer(number):
    return {"action": "transfer", "options": {"destination": number}}
