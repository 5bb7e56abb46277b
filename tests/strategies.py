"""Hypothesis strategies that several parts share: valid flow bodies, the same flow in other
words, and changes that a caller hears."""

import copy

from hypothesis import settings
from hypothesis import strategies as st

MANY = max(40, settings().max_examples)
"""Examples of a law whose cases are rare; `make test-all` draws as many of these as of others."""

AWKWARD = [
    "",
    " ",
    "yes",
    "0612",
    "1e3",
    "~",
    "# no comment",
    'a "quoted" text',
    "it's",
    "two\nlines\n",
    "tab\there",
    "${name}",
    "$${name}",
    "a $",
    "::error::boom",
    "##[error]boom",
    "```",
    "<b>bold</b>",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "naïve café",
    "e\u0301",
    "日本語のテキスト",
    "😀",
]
texts = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text("press for sales one two. ", max_size=90),
)
some_text = texts.filter(bool)
names = st.text("abcdefgh-", min_size=1, max_size=6)
urls = st.sampled_from([f"https://calls.example.com/{name}.wav" for name in "abc"])
languages = st.sampled_from(["en-GB", "nl-NL", "de", "zh-Hans-CN", "en-gb"])
whole = st.integers(0, 30)
milliseconds = st.one_of(st.just(0), st.integers(400, 10_000))
ends = st.sampled_from(["continue", "delay", "hangup", ""])
conditions = st.fixed_dictionaries(
    {"variable": names, "operator": st.just("=="), "value": st.one_of(names, st.sampled_from("1"))}
)

OPTIONS = {
    "transfer": (
        {"destination": st.sampled_from(["31201234567", "sip:desk@example.com", "client:anna"])},
        {
            "record": st.sampled_from(["in", "out", "both", ""]),
            "mask": st.booleans(),
            "ifMachine": ends,
            "machineTimeout": milliseconds,
            "source": texts,
        },
    ),
    "say": (
        {
            "payload": texts,
            "language": languages,
            "voice": st.sampled_from(["male", "female"]),
        },
        {
            "repeat": st.integers(0, 10),
            "ifMachine": ends,
            "machineTimeout": milliseconds,
            "loop": st.booleans(),
            "length": whole,
        },
    ),
    "play": ({"media": st.one_of(urls, st.lists(urls, min_size=1, max_size=3))}, {}),
    "pause": ({"length": whole}, {}),
    "record": (
        {},
        {
            "maxLength": whole,
            "timeout": whole,
            "finishOnKey": st.sampled_from(["any", "#", "*", "none", ""]),
            "transcribe": st.booleans(),
            "transcribeLanguage": st.one_of(languages, st.just("")),
            "onFinish": st.one_of(urls, st.just("")),
        },
    ),
    "fetchCallFlow": ({"url": urls}, {}),
    "sendKeys": (
        {"keys": st.text("0123456789#*", min_size=1, max_size=5)},
        {"duration": whole, "interval": whole},
    ),
    "hangup": ({}, {}),
}
"""Action to its required and its optional options."""


def options_of(action):
    required, optional = OPTIONS[action]
    return st.fixed_dictionaries(required, optional=optional).map(_with_language)


def _with_language(options):
    """What is transcribed has a language."""
    if options.get("transcribe") and not options.get("transcribeLanguage"):
        return options | {"transcribeLanguage": "en-UK"}
    return options


@st.composite
def steps(draw, name=None, targets=()):
    """One valid step with the id `name` and perhaps a goto to one of `targets`."""
    action = draw(st.sampled_from(sorted(OPTIONS)))
    step = {"action": action}
    if name is not None:
        step["id"] = name
    options = draw(options_of(action))
    if options or draw(st.booleans()):
        step["options"] = options
    if targets and draw(st.booleans()):
        step["onKeypressGoto"] = draw(st.sampled_from(targets))
    extras = {
        "conditions": st.lists(conditions, max_size=2),
        "onKeypressVar": names,
        "endKey": st.sampled_from(["", "#", "*", "1"]),
        "maxNumKeys": st.integers(0, 20),
    }
    for key in draw(st.lists(st.sampled_from(sorted(extras)), unique=True, max_size=2)):
        step[key] = draw(extras[key])
    return step


@st.composite
def bodies(draw, min_steps=1, max_steps=6):
    """A valid call flow: all actions, ids on some steps, gotos to them, optional keys or none."""
    count = draw(st.integers(min_steps, max_steps))
    ids = draw(st.lists(st.none() | names, min_size=count, max_size=count, unique_by=_identity))
    targets = [name for name in ids if name]
    body = {"steps": [draw(steps(name, targets)) for name in ids]}
    optional = {
        "title": texts,
        "record": st.booleans(),
        "maxDuration": st.integers(0, 3600),
        "default": st.booleans(),
    }
    body |= draw(st.fixed_dictionaries({}, optional=optional))
    return body


def _identity(name):
    """Ids are unique; steps without one are all different from each other."""
    return name or object()


@st.composite
def dressed(draw, body):
    """The same call flow as a service, or another author, might have written it."""
    body = copy.deepcopy(body)
    chosen = draw(st.sets(st.sampled_from(range(len(DRESSES)))))
    for number in sorted(chosen):
        DRESSES[number](draw, body)
    return body


def _defaults_written_out(draw, body):
    for step in body["steps"]:
        options = step.setdefault("options", {})
        for name, value in _DEFAULTS.get(step["action"], {}).items():
            if not options.get(name):
                options[name] = value
    body.setdefault("record", False)


_DEFAULTS = {
    "say": {"repeat": 1, "ifMachine": "delay", "machineTimeout": 7000},
    "record": {"maxLength": 0, "finishOnKey": "none", "transcribe": False},
    "transfer": {"mask": False},
}


def _empty_values(draw, body):
    empty = st.sampled_from([None, "", 0, False])
    for step in body["steps"]:
        options = step.setdefault("options", {})
        for name in OPTIONS[step["action"]][1]:
            if not options.get(name):
                options[name] = draw(empty)
        options["destinations"] = draw(empty)
        for key, value in {"conditions": [], "onKeypressGoto": "", "endKey": None}.items():
            step.setdefault(key, value)
        if not step.get("maxNumKeys"):
            step["maxNumKeys"] = draw(st.sampled_from([None, 0]))
    for key in ("title", "record", "maxDuration"):
        if not body.get(key):
            body[key] = draw(empty)


def _other_labels(draw, body):
    names = {}
    for number, step in enumerate(body["steps"]):
        old, new = step.get("id"), f"label-{number}"
        if old:
            names[old] = new
        step["id"] = new
    for step in body["steps"]:
        if step.get("onKeypressGoto"):
            step["onKeypressGoto"] = names[step["onKeypressGoto"]]


def _other_key_case(draw, body):
    for step in body["steps"]:
        options = step.get("options") or {}
        for name in [name for name in options if draw(st.booleans())]:
            options[name[0].upper() + name[1:]] = options.pop(name)
    if "title" in body:
        body["Title"] = body.pop("title")


def _other_language_case(draw, body):
    for step in body["steps"]:
        options = step.get("options") or {}
        for name in ("language", "transcribeLanguage"):
            if isinstance(options.get(name), str):
                options[name] = options[name].upper()


def _service_fields(draw, body):
    body["id"] = "d31f7cf7-8c66-4ba5-a8a5-5b8a9f4d3f10"
    body["createdAt"] = body["updatedAt"] = "2026-01-02T03:04:05Z"
    body["_links"] = {"self": "/call-flows/d31f7cf7-8c66-4ba5-a8a5-5b8a9f4d3f10"}


def _unknown_keys(draw, body):
    body["region"] = draw(st.sampled_from(["eu", 1, None]))
    for step in body["steps"]:
        step["hint"] = {"colour": "blue"}
        for condition in step.get("conditions") or []:
            condition["id"] = 7
        step.setdefault("options", {})["speed"] = 2


def _floats(draw, body):
    for step in body["steps"]:
        options = step.get("options") or {}
        for name, value in options.items():
            if isinstance(value, int) and not isinstance(value, bool):
                options[name] = float(value)


def _other_order(draw, body):
    turned = {key: body[key] for key in reversed(list(body))}
    turned["steps"] = [
        {key: step[key] for key in draw(st.permutations(list(step)))} for step in body["steps"]
    ]
    body.clear()
    body.update(turned)


DRESSES = [
    _defaults_written_out,
    _empty_values,
    _other_labels,
    _other_language_case,
    _service_fields,
    _unknown_keys,
    _floats,
    _other_key_case,
    _other_order,
]
"""In the order in which they are put on."""


@st.composite
def changed(draw, body):
    """The body with one change that a caller hears, or that a reader of the account sees."""
    body = copy.deepcopy(body)
    possible = [change for change, is_possible in CHANGES if is_possible(body)]
    draw(st.sampled_from(possible))(draw, body)
    return body


def _title(draw, body):
    body["title"] = (body.get("title") or "") + "!"


def _record(draw, body):
    body["record"] = not body.get("record")


def _insert(draw, body):
    place = draw(st.integers(0, len(body["steps"])))
    body["steps"].insert(place, draw(steps()))


def _remove(draw, body):
    del body["steps"][draw(st.integers(0, len(body["steps"]) - 1))]


def _order(draw, body):
    """Two neighbours change places."""
    places = [n for n, (one, two) in enumerate(_neighbours(body)) if _core(one) != _core(two)]
    place = draw(st.sampled_from(places))
    steps = body["steps"]
    steps[place], steps[place + 1] = steps[place + 1], steps[place]


def _neighbours(body):
    return list(zip(body["steps"], body["steps"][1:], strict=False))


def _core(step):
    """What no default hides: the action and the required options."""
    required = OPTIONS[step["action"]][0]
    return step["action"], *(str(step["options"][name]).lower() for name in required)


def _option(draw, body):
    step = draw(st.sampled_from([step for step in body["steps"] if step["action"] in _OTHER]))
    options = step.setdefault("options", {})
    name, value = _OTHER[step["action"]]
    options[name] = value(options.get(name))


_OTHER = {
    "transfer": ("destination", lambda old: f"{old}1"),
    "say": ("payload", lambda old: f"{old}."),
    "play": ("media", lambda old: [*old, "x"] if isinstance(old, list) else f"{old}x"),
    "pause": ("length", lambda old: old + 1),
    "record": ("timeout", lambda old: (old or 0) + 1),
    "fetchCallFlow": ("url", lambda old: f"{old}x"),
    "sendKeys": ("keys", lambda old: f"{old}1"),
}


def _condition(draw, body):
    step = draw(st.sampled_from(body["steps"]))
    new = {"variable": "choice", "operator": "==", "value": "9"}
    step["conditions"] = [*step.get("conditions", []), new]


def _action(draw, body):
    place = draw(st.integers(0, len(body["steps"]) - 1))
    step = body["steps"][place]
    action = "pause" if step["action"] == "hangup" else "hangup"
    options = {"length": 3} if action == "pause" else {}
    body["steps"][place] = {**step, "action": action, "options": options}


def _key_variable(draw, body):
    step = draw(st.sampled_from(body["steps"]))
    step["onKeypressVar"] = step.get("onKeypressVar", "") + "x"


def _goto(draw, body):
    """A jump to a step that the step did not lead to before."""
    step, target = draw(
        st.sampled_from(
            [
                (step, other)
                for step in body["steps"]
                for other in body["steps"]
                if not (other.get("id") and step.get("onKeypressGoto") == other["id"])
            ]
        )
    )
    target.setdefault("id", "a-new-target")
    step["onKeypressGoto"] = target["id"]


def _always(body):
    return True


def _has_two(body):
    return len(body["steps"]) > 1


CHANGES = [
    (_title, _always),
    (_record, _always),
    (_insert, _always),
    (_condition, _always),
    (_action, _always),
    (_key_variable, _always),
    (_remove, _has_two),
    (_goto, _has_two),
    (_option, lambda body: any(step["action"] in _OTHER for step in body["steps"])),
    (_order, lambda body: any(_core(one) != _core(two) for one, two in _neighbours(body))),
]
"""Each change, and whether a body allows it."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
strange_steps = st.dictionaries(
    st.sampled_from(["id", "action", "options", "onKeypressGoto", "conditions", "Action", "x"]),
    json_values | st.sampled_from(["say", "hangup", "a"]),
    max_size=5,
)
strange_flows = st.dictionaries(
    st.sampled_from(["title", "steps", "default", "Record", "x"]),
    json_values | st.lists(strange_steps | json_values, max_size=4),
)
"""What a service might answer that nobody expects."""
