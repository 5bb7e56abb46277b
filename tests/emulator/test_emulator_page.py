"""The pages on the emulator: their requests are sent, every control is named with its body."""

import json
import re
from pathlib import Path

from mbflow.emulator.control import CONTROLS
from mbflow.project.project_file import read_project

from .telephone import HANGUP, Time, items, legs, record, recordings, start

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "emulator-calls.md").read_text()
REQUESTS = re.findall(r"^```http\n([A-Z]+) (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_control_is_shown_with_its_body():
    shown = {}
    for method, path, body in REQUESTS:
        name = re.sub("destinations/.*", "destinations/NUMBER", path.removeprefix("/_emulator/"))
        shown.setdefault(name, (method, set()))[1].update(json.loads(body or "{}"))
    shown.pop("/call-flows")
    for name, (method, keys) in CONTROLS.items():
        assert shown[name][0] == method
        for key in set(keys) - shown[name][1]:
            assert f"| `{key}` |" in PAGE, f"{name}: {key}"
    assert shown.keys() == CONTROLS.keys()


def test_the_requests_of_the_page_do_what_it_says(in_process):
    time = Time()
    api = in_process(clock=time)
    for method, path, body in REQUESTS:
        answer = api.request(method, path, content=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
    (heard,) = items(api, "/calls")
    api.put("/_emulator/faults", json={"faults": []})
    assert (heard["source"], heard["destination"]) == ("31612345678", "31201111111")
    assert written(api, time, start(api, record(timeout=3), HANGUP)) == "I would like a pizza"


def test_a_callee_is_silent_until_told(in_process):
    time = Time()
    api = in_process(clock=time)
    assert written(api, time, start(api, record(timeout=3), HANGUP)) == ""


def written(api, time, call):
    """The text of the call's only recording."""
    time.now += 30
    (leg,) = legs(api, call)
    assert leg["status"] == "hangup"
    (recording,) = recordings(api, call)
    made = api.post(f"/recordings/{recording['id']}/transcriptions").json()
    time.now += 30
    return api.get(made["_links"]["file"]).text


def test_the_environment_of_the_page_is_one(tmp_path):
    page = (DOCS / "emulator.md").read_text()
    (block,) = re.findall(r"^```yaml\n(environments:.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "mbflow.yaml").write_text(f"project: acme\n{block}")
    stated = read_project(tmp_path, {})
    assert stated.problems == ()
    assert stated.project.environments["ci"].endpoint == "http://emulator:8080"
