"""Secret values: hidden everywhere, found again, and never told by what stands beside them."""

import pytest
from builders import flow, hangup, live, pause, say
from hypothesis import given
from hypothesis import strategies as st
from strategies import bodies, texts

from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form
from mbflow.model.flow import LiveFlow
from mbflow.plan.markers import markers_of
from mbflow.plan.secrets import (
    OLDER,
    fingerprint,
    hide,
    hide_body,
    reveal,
    same_fingerprint,
    secret_paths,
    veil,
    with_present_secrets,
)

PIN = {"pin": "12345678"}
awkward = st.sampled_from(["${", "$${", "$", "$$", "{", "}", "${pin}", "pin", "name", "_", "a"])
values = st.one_of(
    st.text("$" + "{}abpinme_", min_size=4, max_size=9),
    st.text(min_size=4, max_size=8),
    st.sampled_from(["name", "pin_", "${pin}", "abc$", "$abc", "{abc}", "abcd", "bcde", "abcde"]),
)
secrets = st.dictionaries(st.sampled_from(["pin", "name", "pin_name", "x"]), values, max_size=4)


@st.composite
def texts_with_secrets(draw):
    known = draw(secrets)
    pieces = st.one_of(texts, awkward, st.sampled_from(sorted(known.values()) or [""]))
    return "".join(draw(st.lists(pieces, max_size=6))), known


@given(texts_with_secrets())
def test_what_is_hidden_can_be_revealed(drawn):
    text, known = drawn
    assert not known or reveal(hide(text, known), known) == text


@given(texts_with_secrets(), texts_with_secrets())
def test_two_texts_are_hidden_alike_only_where_they_are_alike(one, two):
    known = one[1]
    assert (hide(one[0], known) == hide(two[0], known)) == (one[0] == two[0])


def test_a_marker_stays_a_marker_whatever_stands_in_it():
    marked = live("1", flow(say("Hello")), marked="menu")
    secret = marked.body["steps"][0]["id"][:8]
    hidden = hide_body(marked.body, {"pin": secret})
    assert list(markers_of(LiveFlow("1", hidden))) == list(markers_of(marked))


def without_references(text, known):
    for name in known:
        text = text.replace(f"${{{name}}}", "\0")
    return text.replace("${$}", "$").replace("$${", "${")


@given(texts_with_secrets())
def test_no_secret_is_left(drawn):
    text, known = drawn
    left = without_references(hide(text, known), known)
    assert not any(value in left for value in known.values())


@given(bodies(), secrets)
def test_bodies_are_hidden_whole(body, known):
    if known:
        body["title"] = "".join(known.values())
        hidden = hide_body(body, known)
        numbers = [value for value in known.values() if value.isdigit()]
        assert numbers or reveal(hidden, known) == body


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("The code is 12345678.", "The code is ${pin}."),
        ("1234567812345678", "${pin}${pin}"),
        ("a ${literal}", "a $${literal}"),
        ("$${x}", "$$${x}"),
        ("$12345678", "${$}${pin}"),
        ("$$12345678", "${$}${$}${pin}"),
        ("ends with $", "ends with $"),
        ("${pin}", "$${pin}"),
        ("1234567", "1234567"),
    ],
)
def test_the_form_of_a_hidden_text(text, hidden):
    assert hide(text, PIN) == hidden
    assert reveal(hidden, PIN) == text


def test_of_two_secrets_the_longer_is_hidden_first():
    known = {"short": "abcd", "long": "abcdefgh"}
    assert hide("abcdefgh abcd", known) == "${long} ${short}"


def test_a_secret_is_not_looked_for_in_the_name_of_another():
    known = {"pin_name": "secret-value", "x": "pin_"}
    assert hide("secret-value", known) == "${pin_name}"


def test_a_number_that_is_a_secret_is_hidden():
    assert hide({"length": 12345678, "mask": True}, PIN) == {"length": "${pin}", "mask": True}


def test_without_secrets_nothing_is_touched():
    body = flow(say("a ${literal}"))
    assert hide(body, {}) is body


def test_a_secret_that_is_not_known_is_named():
    with pytest.raises(KeyError) as caught:
        reveal(flow(say("${other}")), PIN)
    assert caught.value.args == ("other",)


def test_where_secrets_stand():
    body = flow(say("a"), say("The code is ${pin}."), title="$${pin} and ${other}")
    assert list(secret_paths(body, PIN)) == [("steps", 1, "options", "payload")]


# Older values


def veiled(live, desired, names):
    return veil(live, desired, align(Form(live), Form(desired)), names)


def payloads(body):
    return [step.get("options", {}).get("payload") for step in body["steps"]]


def test_a_text_that_may_hold_an_older_value_is_covered():
    live = flow(say("The code is old-value."), hangup())
    desired = flow(pause(1), say("The code is ${pin}."), hangup())
    assert payloads(veiled(live, desired, PIN)) == [OLDER, None]


def test_a_text_that_shows_the_present_value_is_not_covered():
    live = flow(say("Your code is ${pin}."))
    desired = flow(say("The code is ${pin}."))
    assert veiled(live, desired, PIN) == live


def test_a_text_that_shows_one_secret_of_two_is_covered():
    live = flow(say("I am ${name}, the code is old-value."))
    desired = flow(say("I am ${name}, the code is ${pin}."))
    assert payloads(veiled(live, desired, ["name", "pin"])) == [OLDER]


def test_a_literal_is_no_secret():
    live, desired = flow(say("Hello.")), flow(say("$${pin}"))
    assert veiled(live, desired, PIN) == live


def test_a_title_is_covered_too():
    live = flow(hangup(), title="old-value")
    assert veiled(live, flow(hangup(), title="${pin}"), PIN)["title"] == OLDER


def test_a_step_that_is_new_has_no_older_value():
    live = flow(hangup())
    assert veiled(live, flow(say("${pin}"), hangup()), PIN) == live


def test_only_the_secrets_are_brought_up_to_date():
    live = flow(say("The code is old-value."), pause(9))
    desired = flow(say("The code is ${pin}."), pause(1))
    alignment = align(Form(live), Form(desired))
    present = with_present_secrets(live, desired, alignment, PIN)
    assert payloads(present) == ["The code is ${pin}.", None]
    assert present["steps"][1] == pause(9)


# Fingerprints


def test_a_fingerprint_is_of_one_value_and_one_salt():
    made = fingerprint("1234", "salt")
    assert same_fingerprint("1234", "salt", made)
    assert not same_fingerprint("1235", "salt", made)
    assert not same_fingerprint("1234", "pepper", made)
    assert len(made) == 32
