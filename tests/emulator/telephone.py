"""Flows, and calls made with them, for the tests of calls."""

HANGUP = {"action": "hangup"}
NOBODY = "00000000-0000-4000-8000-000000000000"


def say(text, **keys):
    options = {"payload": text, "language": "en-GB", "voice": "female"}
    return {"action": "say", "options": options, **keys}


def record(**options):
    return {"action": "record", "options": options}


def transfer(destination, **options):
    return {"action": "transfer", "options": {"destination": destination, **options}}


def pause(seconds):
    return {"action": "pause", "options": {"length": seconds}}


def start(api, *steps, to="31612345678", **keys):
    """Start a call with these steps; gives its path."""
    flow = {"steps": list(steps) or [HANGUP], **keys.pop("flow", {})}
    body = {"source": "31201234567", "destination": to, "callFlow": flow, **keys}
    answer = api.post("/calls", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["_links"]["self"]


def one(api, path):
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["data"]
    return item


def items(api, path):
    answer = api.get(path, params={"perPage": 100})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def legs(api, call):
    """Oldest first."""
    return items(api, f"{call}/legs")[::-1]


def recordings(api, call, leg=0):
    """Those of one leg, oldest first."""
    return items(api, f"{call}/legs/{legs(api, call)[leg]['id']}/recordings")[::-1]


def behave(api, number, **behaviour):
    answer = api.put(f"/_emulator/destinations/{number}", json=behaviour)
    assert answer.status_code == 200, answer.text


class Time:
    """A clock that only moves when it is told to."""

    def __init__(self, now=1_000_000_000.0):
        self.began = self.now = now

    def __call__(self):
        return self.now

    def at(self, seconds):
        self.now = self.began + seconds
