"""Short ways to say call flows, live flows and lock entries in tests."""

from mbflow.compare.canonical import alike, digest
from mbflow.model import Flow, LiveFlow, LockEntry, Settings
from mbflow.plan.marker import Marker, account_bits, key_bits

PROJECT = "acme"
IDENTITY = "production"


def flow(*steps, **top):
    """`flow(say("Hello."), hangup(), title="Support")`."""
    return {**top, "steps": list(steps)}


def say(payload, *, language="en-GB", voice="female", options=None, **keys):
    return _step("say", keys, payload=payload, language=language, voice=voice, **(options or {}))


def pause(length, **keys):
    return _step("pause", keys, length=length)


def transfer(destination, *, options=None, **keys):
    return _step("transfer", keys, destination=destination, **(options or {}))


def play(media, **keys):
    return _step("play", keys, media=media)


def hangup(**keys):
    return _step("hangup", keys)


def when(variable, value):
    """`say("…", conditions=[when("choice", "1")])`."""
    return {"variable": variable, "operator": "==", "value": value}


def _step(action, rest, /, **options):
    step = {"action": action, **rest}
    return {**step, "options": options} if options else step


def wanted(key, body, *, shown=None, **settings):
    """A flow file."""
    return Flow(key, f"flows/{key}.yaml", body, shown or body, Settings(**settings))


def live(flow_id, body, *, marked=None, project=PROJECT, identity=IDENTITY):
    """A live flow; `marked` is the key whose markers its steps carry."""
    if marked is not None:
        body = with_markers(body, marked, project=project, identity=identity)
    return LiveFlow(flow_id, {**body, "id": flow_id, "updatedAt": "2026-01-02T03:04:05Z"})


def with_markers(body, key, *, project=PROJECT, identity=IDENTITY):
    account = account_bits(project, identity)
    steps = [
        step if step.get("id") else {**step, "id": str(Marker(account, key_bits(key), number))}
        for number, step in enumerate(body["steps"])
    ]
    return {**body, "steps": steps}


def entry(flow_id, sent, answered=None, *, protect=False):
    """The lock entry of a flow that was sent as `sent` and that the service made `answered` of."""
    desired, found = alike(sent, answered or sent)
    return LockEntry(flow_id, digest(desired), digest(found), protect)
