"""What the rules about calls find, where, and what they leave alone."""

import json
from pathlib import Path
from re import _parser

import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from mbflow.model.flow import Flow
from mbflow.model.problem import Severity
from mbflow.rules import RULES, costly_destination
from mbflow.testing.validate import check

CORPUS = Path(__file__).parent.parent / "schema" / "corpus"


def found(tmp_path, rule, steps, **top):
    """`line:column message` of what one rule finds in a flow with these lines as steps."""
    lines = [f"{key}: {value}" for key, value in top.items()]
    text = "\n".join([*lines, "steps:", *(f"  - {step}" for step in steps)]) + "\n"
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows" / "flow.yaml").write_text(text)
    problems = check(tmp_path, environ={}).problems
    assert all(one.severity is Severity.WARNING for one in problems), problems
    return [f"{one.line}:{one.column} {one.message}" for one in problems if one.rule == rule]


def say(text="Hello.", **keys):
    return step("say", {"payload": text, "language": "en-GB", "voice": "male"}, **keys)


def step(action, options=None, **keys):
    made = {"action": action} | ({"options": options} if options else {}) | keys
    return json.dumps(made)


def only_if(value, variable="key"):
    return {"conditions": [{"variable": variable, "operator": "==", "value": value}]}


def transfer(destination="447700900123", **options):
    return step("transfer", {"destination": destination} | options)


HANGUP = step("hangup")
PAUSE = step("pause", {"length": 5})
ASKS = {"onKeypressGoto": "menu", "onKeypressVar": "key"}


def pause(length=5, **keys):
    return step("pause", {"length": length}, **keys)


def test_only_the_first_of_several_unreachable_steps_is_told(tmp_path):
    assert found(tmp_path, "unreachable-step", [HANGUP, say(), say(), HANGUP]) == [
        "3:5 No call reaches this say step: step 1 above it (hangup) never leads on. "
        "Remove it, or let a key lead to it."
    ]


def test_what_keys_or_conditions_lead_to_is_reachable(tmp_path):
    keys = [say(**ASKS), pause(**ASKS), HANGUP, say(id="menu"), HANGUP]
    assert found(tmp_path, "unreachable-step", keys) == []
    skipped = [say(**ASKS), step("hangup", **only_if("1")), say(id="menu")]
    assert found(tmp_path, "unreachable-step", skipped) == []


def test_steps_below_a_transfer_are_for_the_unanswered(tmp_path):
    assert found(tmp_path, "unreachable-step", [transfer(), say(), HANGUP]) == []


def test_steps_below_a_fetch(tmp_path):
    fetch = step("fetchCallFlow", {"url": "https://x.example/f"})
    assert len(found(tmp_path, "step-after-fetch", [fetch, say(), HANGUP])) == 1
    assert found(tmp_path, "unreachable-step", [fetch, say(), HANGUP]) == []
    jumped = [say(**ASKS), pause(**ASKS), fetch, say(id="menu"), HANGUP]
    assert found(tmp_path, "step-after-fetch", jumped) == []


def test_endless_texts_and_recordings(tmp_path):
    loop = {"payload": "Hold.", "language": "en-GB", "voice": "male", "loop": True}
    assert found(tmp_path, "endless-loop", [step("say", loop)]) == [
        "2:5 This text repeats forever. Use repeat, or let a key lead on (onKeypressGoto)."
    ]
    assert found(tmp_path, "endless-loop", [say("Message."), step("record")]) == [
        "3:5 Nothing ends this recording: give it a maxLength, a timeout or a finishOnKey."
    ]
    assert found(tmp_path, "endless-loop", [step("say", loop, onKeypressVar="k"), HANGUP]) == []
    assert found(tmp_path, "endless-loop", [step("record", {"finishOnKey": "#"})]) == []


def test_running_into_a_branch(tmp_path):
    menu = [say(**ASKS), pause(**ASKS), say("No key."), say("Menu.", id="menu"), HANGUP]
    assert found(tmp_path, "fall-through", menu) == [
        '5:5 Callers who press nothing run into "menu" from the step above it. '
        "Put a hangup between the two."
    ]
    desk = [say(**ASKS), pause(**ASKS), transfer(), say("Menu.", id="menu"), HANGUP]
    assert len(found(tmp_path, "fall-through", desk)) == 1


@pytest.mark.parametrize(
    "steps",
    [
        [say(**ASKS), pause(**ASKS), HANGUP, say("Menu.", id="menu")],
        [say("A long text.", onKeypressGoto="skip"), say("And on.", id="skip"), HANGUP],
        [say("Hi."), say("Again?", id="menu", **ASKS), pause(**ASKS), HANGUP],
        [say(**ASKS), pause(**ASKS), say("No."), say("1.", id="menu", **only_if("1"))],
    ],
    ids=["hangup-above", "skipping-a-text", "jumping-back", "conditions-let-pass"],
)
def test_no_running_into_a_branch(tmp_path, steps):
    assert found(tmp_path, "fall-through", steps) == []


def test_time_to_answer(tmp_path):
    assert found(tmp_path, "no-time-to-answer", [say(**ASKS), say(id="menu"), HANGUP]) == []
    below = [HANGUP, say(id="menu"), HANGUP]
    assert found(tmp_path, "no-time-to-answer", [say(**ASKS), *below]) == [
        "2:5 Keys count only while this step runs. Put a pause below it, with the same "
        "onKeypressGoto and onKeypressVar."
    ]
    assert found(tmp_path, "no-time-to-answer", [say(**ASKS), pause(**ASKS), *below]) == []
    assert found(tmp_path, "no-time-to-answer", [say(**ASKS), pause(0, **ASKS), *below]) == [
        "3:47 This pause is over at once: nobody can press a key in it. Give it a few seconds."
    ]
    other = pause(onKeypressVar="other")
    assert len(found(tmp_path, "no-time-to-answer", [say(**ASKS), other, *below])) == 1


def test_variables_that_nothing_reads(tmp_path):
    keys = [say(onKeypressVar="kay"), pause(onKeypressVar="kay"), say(**only_if("1")), HANGUP]
    assert found(tmp_path, "unread-variable", keys) == [
        '2:112 Nothing reads the variable "kay". Did you mean "key"?'
    ]
    fetch = step("fetchCallFlow", {"url": "https://x.example/f"})
    assert found(tmp_path, "unread-variable", [*keys[:2], fetch]) == []
    record = step("record", {"timeout": 3, "onFinish": "https://x.example/f"})
    assert found(tmp_path, "unread-variable", [*keys[:2], record]) == []


@pytest.mark.parametrize(
    ("value", "asks", "message"),
    [
        ("one", {}, "No caller can press that: a telephone has the keys 0 to 9, * and #."),
        ("12", {}, "No step collects that many keys: at most 1. Raise its maxNumKeys."),
        ("12", {"maxNumKeys": 2}, None),
        ("123", {"maxNumKeys": 2}, "No step collects that many keys: at most 2."),
        ("1234567", {"endKey": "#"}, None),
        ("", {}, None),
        ("*", {}, None),
    ],
)
def test_conditions_that_can_never_hold(tmp_path, value, asks, message):
    ask = {"onKeypressVar": "key", **asks}
    steps = [say(**ask), pause(**ask), say("Yes.", **only_if(value)), HANGUP]
    told = found(tmp_path, "impossible-condition", steps)
    assert [message in one for one in told] == ([True] if message else [])


def test_conditions_on_variables_that_nothing_sets(tmp_path):
    ask = {"onKeypressVar": "key"}
    steps = [say(**ask), pause(**ask), say("Yes.", **only_if("1", "kex")), HANGUP]
    (told,) = found(tmp_path, "impossible-condition", steps)
    assert told.endswith('No step sets the variable "kex". Did you mean "key"?')


def test_conditions_that_exclude_each_other(tmp_path):
    both = {"conditions": [only_if("1")["conditions"][0], only_if("2")["conditions"][0]]}
    ask = {"onKeypressVar": "key"}
    (told,) = found(tmp_path, "impossible-condition", [say(**ask), pause(**ask), say(**both)])
    assert told.endswith(
        "This excludes another condition of the step; all must be true. Remove one."
    )


def test_endings(tmp_path):
    (told,) = found(tmp_path, "no-ending", [say(), say()])
    assert told == "3:5 Calls can run past this last step. Put a hangup below it."
    assert found(tmp_path, "no-ending", [say(), transfer()]) == []
    assert (
        len(
            found(tmp_path, "no-ending", [say(onKeypressVar="key"), step("hangup", **only_if("1"))])
        )
        == 1
    )
    assert found(tmp_path, "no-ending", [HANGUP, say()]) == []  # nobody comes there


RECORD = step("record", {"maxLength": 60})


@pytest.mark.parametrize(
    "steps",
    [
        [say("This call is Recorded."), RECORD, HANGUP],
        [say("Sprechen Sie uns eine Nachricht auf Band."), RECORD, HANGUP],
        [step("play", {"media": "https://x.example/notice.wav"}), RECORD, HANGUP],
        [say("Recorded."), transfer(record="both"), HANGUP],
        [transfer(record=""), HANGUP],
    ],
)
def test_recordings_that_are_announced(tmp_path, steps):
    assert found(tmp_path, "unannounced-recording", steps) == []


def test_a_way_on_which_nobody_tells_of_the_recording(tmp_path):
    steps = [
        say("Press 1.", **ASKS),
        pause(**ASKS),
        say("Your message is recorded."),
        step("record", {"maxLength": 60}, id="menu"),
        HANGUP,
    ]
    assert found(tmp_path, "unannounced-recording", steps) == [
        "5:5 Callers can reach this recording without being told about it. Say so before."
    ]
    steps[2] = say("Your message is recorded.", **only_if("1"))
    assert len(found(tmp_path, "unannounced-recording", steps)) == 1


def test_a_whole_call_that_is_recorded(tmp_path):
    (told,) = found(tmp_path, "unannounced-recording", [say("Hi."), HANGUP], record="true")
    assert (
        told == "1:9 The whole call is recorded, and the first text does not say so. Say so there."
    )
    told = found(tmp_path, "unannounced-recording", [say("Recorded."), HANGUP], record="true")
    assert told == []


def test_a_crowded_menu(tmp_path):
    ask = {"onKeypressVar": "key"}
    choices = [say(f"{n}.", **only_if(str(n))) for n in range(8)]
    (told,) = found(tmp_path, "crowded-menu", [say(**ask), pause(**ask), *choices, HANGUP])
    assert told.startswith("2:5 This menu has 8 choices; callers can remember up to 7.")
    few = [say(**ask), pause(**ask), *choices[:7], HANGUP]
    assert found(tmp_path, "crowded-menu", few) == []


@pytest.mark.parametrize(
    ("destination", "message"),
    [
        ("447700900123", None),
        ("31612345678", None),
        ("sip:desk@example.com", None),
        ("client:ada", None),
        ("+447700900123", "Write the number without the plus, digits only."),
        ("00447700900123", "Write the number without the zeros before the country code."),
        ("07700900123", "This is a national number. Write the country code in place of"),
        ("44 7700 900123", "Write the number in digits only, without spaces or punctuation."),
        ("1234567890123456", "An international number has 7 to 15 digits"),
        ("sip:desk", "This is not a telephone number in digits, a sip: address"),
        ("my desk", "This is not a telephone number in digits, a sip: address"),
    ],
)
def test_forms_of_destinations(tmp_path, destination, message):
    told = found(tmp_path, "destination-form", [transfer(destination)])
    assert [message in one for one in told] == ([True] if message else [])


@pytest.mark.parametrize(
    ("destination", "kind"),
    [
        ("112", "an emergency"),
        ("911", "an emergency"),
        ("449098790000", "a premium-rate"),
        ("+19002345678", "a premium-rate"),
        ("31906123456", "a premium-rate"),
        ("447700900123", None),
        ("31612345678", None),
        ("12025550123", None),
        ("2", None),
        ("0000000000", None),
        ("sip:desk@example.com", None),
    ],
)
def test_destinations_that_cost(tmp_path, destination, kind):
    told = found(tmp_path, "costly-destination", [transfer(destination)])
    assert [f"This is {kind} number." in one for one in told] == ([True] if kind else [])


def first_digits(pattern):
    """The digits that a match can begin with; the patterns begin with a literal or a choice."""
    found = set()
    for kind, what in pattern:
        if str(kind) == "SUBPATTERN":
            return found | first_digits(what[3])
        if str(kind) == "BRANCH":
            return found | {digit for branch in what[1] for digit in first_digits(branch)}
        members = what if str(kind) == "IN" else [(kind, what)]
        for member, code in members:
            low, high = (code, code) if str(member) == "LITERAL" else code
            found |= {chr(one) for one in range(low, high + 1)}
        return found
    raise AssertionError("an empty pattern")


def test_no_premium_number_is_passed_over():
    starts = costly_destination._PREMIUM_STARTS
    needed = set()
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            known = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            pattern = known.premium_rate and known.premium_rate.national_number_pattern
            if pattern:
                needed |= {f"{code}{digit}" for digit in first_digits(_parser.parse(pattern))}
    assert len(needed) > 100
    assert needed <= starts


@pytest.mark.parametrize(
    ("url", "rules"),
    [
        ("https://x.example/f", []),
        ("http://x.example/f", ["plain-http"]),
        ("HTTP://x.example/f", ["plain-http"]),
        ("x.example/f", ["url-scheme"]),
        ("ftp://x.example/f", ["url-scheme"]),
        ("https:///f", ["url-scheme"]),
        ("https://[2001:db8::1]:8443/f", []),
        ("https://bücher.example/f?q=ä", []),
        ("https://ada:secret@x.example/f", ["secret-in-url"]),
        ("https://x.example/f?api_key=0123456789", ["secret-in-url"]),
        ("https://x.example/f?a=1&my-token=abcdef", ["secret-in-url"]),
        ("https://x.example/live_0123456789abc", ["secret-in-url"]),
        ("https://x.example/f?key=4", []),
        ("https://x.example/f?monkey=0123456789", []),
    ],
)
def test_addresses(tmp_path, url, rules):
    asked = ("plain-http", "url-scheme", "secret-in-url")
    for made in (
        [step("fetchCallFlow", {"url": url})],
        [say("Recorded."), step("record", {"timeout": 3, "onFinish": url}), HANGUP],
        [step("play", {"media": [url]}), HANGUP],
    ):
        assert [rule for rule in asked if found(tmp_path, rule, made)] == rules


@pytest.mark.parametrize(
    ("media", "count"),
    [
        ("https://x.example/a.wav", 0),
        ("https://x.example/a.MP3", 0),
        ("https://x.example/get?file=a.mp3", 0),
        ("https://x.example/a.ogg", 1),
        ("https://x.example/a", 1),
        (["https://x.example/a.wav", "https://x.example/b.wav"], 0),
        (["https://x.example/a.wav", "https://x.example/b.mp3"], 1),
        (["https://x.example/a.mp3"], 0),
    ],
)
def test_audio_types(tmp_path, media, count):
    assert len(found(tmp_path, "audio-type", [step("play", {"media": media}), HANGUP])) == count


def test_languages(tmp_path):
    def speaks(tag):
        options = {"payload": "Hi.", "language": tag, "voice": "male"}
        return found(tmp_path, "unknown-language", [step("say", options), HANGUP])

    assert speaks("en-gb") == speaks("nl-NL") == speaks("en-GB-WLS") == []
    assert speaks("nl-BE") == ['2:65 The service is not known to speak "nl-BE". It speaks nl-NL.']
    assert speaks("xx")[0].endswith('The service is not known to speak "xx".')


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/a b",
        "x.example/a b",
        "https://x.example/f\n",
        "https://x.example:0/f",
        "https://x.example:99999/f",
        "https://x.example:port/f",
        "https://[::1/f",
        "https://[::g]/f",
        "https://x..example/f",
        "https://<host>/f",
        "https://:80/f",
    ],
)
def test_addresses_that_nobody_can_be_asked_at(tmp_path, url):
    (tmp_path / "flows").mkdir()
    steps = [step("fetchCallFlow", {"url": url})]
    (tmp_path / "flows" / "flow.yaml").write_text(f"title: F\nsteps: [{steps[0]}]\n")
    (problem,) = check(tmp_path, environ={}).problems
    assert (problem.rule, problem.severity, problem.line) == ("url-form", Severity.ERROR, 2)


def test_transcription_languages(tmp_path):
    def writes(**options):
        steps = [say("Recorded."), step("record", {"maxLength": 9} | options), HANGUP]
        return found(tmp_path, "transcription-language", steps)

    assert writes() == writes(transcribe=False, transcribeLanguage="xx") == []
    assert writes(transcribe=True, transcribeLanguage="en-uk") == []
    (told,) = writes(transcribe=True, transcribeLanguage="en-GB")
    assert 'Recordings in this language cannot be transcribed. Did you mean "en-' in told


def test_texts(tmp_path):
    assert found(tmp_path, "empty-text", [say(" "), HANGUP]) == [
        "2:46 There is nothing to say here. Write a text, or use a pause for silence."
    ]
    assert found(tmp_path, "long-text", [say("x" * 900), HANGUP]) == []
    assert found(tmp_path, "long-text", [say("x" * 1800), HANGUP]) == [
        "2:46 Saying these 1,800 characters takes about 120 seconds. Split the text, or shorten it."
    ]


def test_a_large_body(tmp_path):
    assert found(tmp_path, "large-body", [say("x" * 32_000), HANGUP]) == []
    (told,) = found(tmp_path, "large-body", [say("x" * 33_000), HANGUP])
    assert "bytes of JSON; an older edition of the documentation allows 32,768." in told


def test_two_default_flows(tmp_path):
    for name in "abc":
        (tmp_path / f"flows/{name}.yaml").parent.mkdir(exist_ok=True)
        text = f"title: {name}\ndefault: true\nsteps: [{{action: hangup}}]\n"
        (tmp_path / f"flows/{name}.yaml").write_text(text)
    told = [one for one in check(tmp_path, environ={}).problems if one.rule == "two-defaults"]
    assert [(one.file, one.line) for one in told] == [("flows/b.yaml", 2), ("flows/c.yaml", 2)]
    assert told[0].message.startswith("flows/a.yaml is set as the default flow too")


SECRET = """\
variables:
  link: {env: ACME_LINK, secret: true}
  code: {env: ACME_CODE, secret: true}
"""
HIDDEN = """\
steps:
  - {action: say, options: {payload: "x", language: "${code}", voice: male}, onKeypressVar: key}
  - {action: transfer, options: {destination: "${code}"}}
  - action: pause
    options: {length: 1}
    conditions: [{variable: key, operator: "==", value: "${code}"}]
  - {action: play, options: {media: "${link}"}}
  - {action: fetchCallFlow, options: {url: "${link}"}}
"""


def test_no_message_holds_a_secret(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "mbflow.yaml").write_text(SECRET)
    (tmp_path / "flows/hidden.yaml").write_text(HIDDEN)
    values = {
        "ACME_LINK": "http://topsecret.example/a?token=topsecret",
        "ACME_CODE": "xy-secr3t",
    }
    problems = check(tmp_path, environ=values).problems
    assert "plain-http" in {one.rule for one in problems}
    assert not [one for one in problems if "topsecret" in one.message or "secr3t" in one.message]


def test_an_unset_variable_raises_no_other_warning(tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "mbflow.yaml").write_text(SECRET)
    (tmp_path / "flows/hidden.yaml").write_text(HIDDEN)
    rules = {one.rule for one in check(tmp_path, environ={}).problems}
    assert rules == {"unset-variable", "no-time-to-answer"}


@pytest.mark.parametrize("path", sorted(CORPUS.glob("flow-*.json")), ids=lambda path: path.stem)
def test_no_rule_of_error_severity_speaks_of_a_real_flow(path):
    body = json.loads(path.read_text())
    if "steps" not in body:
        return
    flow = Flow("real", "real.yaml", body, body)
    errors = [
        (rule.id, problem.message)
        for rule in RULES.values()
        if rule.check is not None and rule.severity is Severity.ERROR
        for problem in rule.check(flow)
    ]
    assert errors == []
