"""What is costly to load is loaded only where it is needed."""

import subprocess
import sys

PROGRAM = """
import sys
from mbflow.flow.alignment import align
from mbflow.flow.edits import edits
from mbflow.flow.canonical import Form
from mbflow.plan import diff, document, hazards, match, renames, request_body, secrets, staleness
step = {"action": "say", "options": {"payload": "x", "language": "en-GB", "voice": "male"}}
def edited(*steps):
    live, desired = Form({"steps": [step]}), Form({"steps": [*steps]})
    return edits(live, desired, align(live, desired))
assert edited(step, {"action": "hangup"})
early = [name for name in ("deepdiff", "httpx", "jsonschema", "yaml") if name in sys.modules]
assert edited({**step, "options": {**step["options"], "repeat": 2}})
print(early, "deepdiff" in sys.modules)
"""


def test_deepdiff_is_loaded_only_where_options_differ():
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "[] True\n"
