"""Markers: the exact form, and that nothing else is taken for one."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.plan.markers import Marker, account_bits, name_bits, read_marker

PRODUCTION = "babf8f9e-5ec0-86bf-9a87-bd4fde7c0000"
parts = st.builds(
    Marker,
    st.integers(0, (1 << 48) - 1),
    st.integers(0, (1 << 46) - 1),
    st.integers(0, (1 << 16) - 1),
)


def marker(project="acme", identity="production", name="billing/menu", number=0):
    return str(Marker(account_bits(project, identity), name_bits(name), number))


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (marker(), PRODUCTION),
        (marker(number=1), "babf8f9e-5ec0-86bf-9a87-bd4fde7c0001"),
        (marker(number=65535), "babf8f9e-5ec0-86bf-9a87-bd4fde7cffff"),
        (marker(identity="staging"), "dda1ec40-d581-86bf-9a87-bd4fde7c0000"),
    ],
)
def test_vectors(made, text):
    assert made == text


@given(parts)
def test_what_is_written_is_read_back(made):
    assert read_marker(str(made)) == made


@given(parts)
def test_it_is_a_uuid_of_version_8(made):
    read = uuid.UUID(str(made))
    assert (read.version, read.variant) == (8, uuid.RFC_4122)


def test_project_and_identity_are_not_run_together():
    assert account_bits("ab", "c") != account_bits("a", "bc")


def test_accents_may_be_written_either_way():
    assert marker(project="caf\u00e9", name="caf\u00e9") == marker(
        project="cafe\u0301", name="cafe\u0301"
    )


@pytest.mark.parametrize(
    "step_id",
    [
        None,
        0,
        ["x"],
        "",
        "sales",
        PRODUCTION.upper(),
        PRODUCTION + "\n",
        PRODUCTION[:-1],
        PRODUCTION.replace("-", ""),
        "babf8f9e-5ec0-46bf-9a87-bd4fde7c0000",
        "babf8f9e-5ec0-86be-9a87-bd4fde7c0000",
        "babf8f9e-5ec0-86bf-7a87-bd4fde7c0000",
        "gabf8f9e-5ec0-86bf-9a87-bd4fde7c0000",
    ],
)
def test_what_is_no_marker(step_id):
    assert read_marker(step_id) is None


@given(st.uuids(version=4) | st.uuids(version=1))
def test_no_other_uuid_is_a_marker(other):
    assert read_marker(str(other)) is None


@given(st.text())
def test_any_text_can_be_looked_at(text):
    assert read_marker(text) is None
