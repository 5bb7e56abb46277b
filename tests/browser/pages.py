"""Write the pages that the tests in a browser open: `python tests/browser/pages.py FOLDER`.

`example` is the worked example, `failing` the same with flows that do not do what calls expect,
`plan` a plan, `hostile` and `hostile-plan` have a text that means harm in the place of every text,
`many` is 300 flows of 20 steps, `long` one flow of 500 steps.
"""

import contextlib
import itertools
import json
import shutil
import sys
from pathlib import Path

HOME = Path(__file__).parent.parent.parent
sys.path[:0] = [str(HOME / "tests"), str(HOME)]

from harmless import TEXTS  # noqa: E402

from mbflow.cli.main import exit_code_of  # noqa: E402
from mbflow.plan.planfile import read_plan_file  # noqa: E402
from mbflow.testing.page_document import page_document  # noqa: E402
from mbflow.views.page import page_html  # noqa: E402
from mbflow.views.page.plan_document import plan_document  # noqa: E402

HOSTILE = [
    *TEXTS.values(),
    "</script><script>window.harm = 1</script>",
    "<!--<script>window.harm = 1",
    '"><img src=x onerror="window.harm = 1">',
    "<svg onload='window.harm = 1'><a href='javascript:window.harm=1'>x</a></svg>",
    "javascript:window.harm=1",
    "{{script}} ${window.harm=1} <iframe srcdoc='<script>parent.harm=1</script>'>",
    "<style>*{background:url(https://harm.example/)}</style>",
    "https://harm.example/?query",
    "__proto__",
    "constructor",
]
FIXED = {"id", "from", "to", "kind", "severity", "action", "change"}
"""Names of texts that are mbflow's own."""
DIALLED = {"text", "heard", "written", "to", "url", "variable", "shown", "why"}
"""Names of texts in the table that is dialled; the others there are its own."""


def hostile(value, texts, name="", *, is_dialled=False):
    """The document with hostile texts in the place of all others."""
    if name == "rules":
        return value
    if isinstance(value, dict):
        is_dialled = is_dialled or name == "dial"
        return {key: hostile(of, texts, key, is_dialled=is_dialled) for key, of in value.items()}
    if isinstance(value, list):
        return [hostile(of, texts, name, is_dialled=is_dialled) for of in value]
    if not isinstance(value, str):
        return value
    return next(texts) if (name in DIALLED if is_dialled else name not in FIXED) else value


def project_of(folder, flows, calls=None):
    """A project with these flows, by name; JSON is YAML."""
    folder.mkdir(parents=True)
    (folder / "mbflow.yaml").write_text("project: large\n")
    for name, flow in flows.items():
        file = folder / "flows" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(flow))
        if calls:
            file.with_suffix(".calls.yaml").write_text(json.dumps({"calls": calls}))
    return folder


def say(text, **fields):
    options = {"payload": text, "language": "de-DE", "voice": "female"}
    return {"action": "say", "options": options, **fields}


def menu(steps, *, is_said=True):
    """A menu with nine branches; their texts are in three alphabets, or they are but pauses."""
    made = [
        say("Für den Vertrieb drücken Sie die 1.", onKeypressGoto="chosen", onKeypressVar="key")
    ]
    made.append({"action": "hangup"})
    texts = ["Einen Augenblick bitte.", "Καλώς ήρθατε στην εταιρεία μας.", "أهلا وسهلا بكم"]
    for number in range(steps - 3):
        key = str(number % 9 + 1)
        condition = {"variable": "key", "operator": "==", "value": key}
        step = say(texts[number % 3]) if is_said else {"action": "pause", "options": {"length": 1}}
        made.append({**step, "conditions": [condition]} if number < 200 else step)
    made[2]["id"] = "chosen"
    return {"title": "Menü", "steps": [*made, {"action": "hangup"}]}


def broken_example(folder):
    """The worked example where sales is never rung, and one flow cannot be read."""
    for part in ("flows", "calendars", "mbflow.yaml"):
        copy = shutil.copytree if (HOME / part).is_dir() else shutil.copy
        folder.mkdir(parents=True, exist_ok=True)
        copy(HOME / part, folder / part)
    flow = folder / "flows/support/menu.yaml"
    flow.write_text(flow.read_text().replace("To leave a message, press 2.", "Press 2."))
    with (folder / "flows/sales/hunt.yaml").open("a") as file:
        file.write(f"  - {json.dumps(say('Never heard.'))}\n")
    (folder / "flows/broken.yaml").write_text("steps: [{action: dance}]\n")
    return folder


def plan_of(folder):
    """A plan that changes a menu and a text, deletes a flow and leads a number elsewhere."""
    with contextlib.chdir(broken_example(folder)):
        shutil.copytree(HOME / "flows", folder / "flows", dirs_exist_ok=True)
        (folder / "flows/broken.yaml").unlink()
        assert exit_code_of(["apply", "--auto-approve"]) == 0
        menu = folder / "flows/support/menu.yaml"
        menu.write_text(menu.read_text().replace('value: "1"', 'value: "4"', 1))
        for file in (folder / "flows/survey").iterdir():
            file.unlink()
        project = folder / "mbflow.yaml"
        project.write_text(
            project.read_text().replace('121": sales/hunt', '121": support/voicemail')
        )
        assert exit_code_of(["plan", "--out", "plan.json"]) == 0
        return plan_document(read_plan_file(Path("plan.json")))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    example = page_document(HOME, None)
    texts = map("{1}{0}".format, itertools.count(), itertools.cycle(HOSTILE))
    many = {f"folder{n % 12}/flow{n}": menu(20) for n in range(300)}
    calls = [{"name": "nobody presses", "hears": ["Vertrieb"], "ends": "hangup"}]
    documents = {
        "example": example,
        "hostile": hostile(example, texts),
        "failing": page_document(broken_example(folder / "broken"), None),
        "many": page_document(project_of(folder / "many", many, calls), None),
        "plan": plan_of(folder / "planned"),
        "long": page_document(
            project_of(folder / "long", {"long": menu(500, is_said=False)}), None
        ),
    }
    documents["hostile-plan"] = hostile(documents["plan"], texts)
    for name, document in documents.items():
        (folder / f"{name}.html").write_text(page_html(document))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
