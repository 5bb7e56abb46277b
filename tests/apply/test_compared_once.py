"""The canonical form, the costly part of comparing, is made once a body and handed on."""

import pytest

from mbflow.flow import canonical as form

from .world import say


@pytest.fixture
def made(monkeypatch):
    """Every body whose canonical form was made."""
    bodies, plain = [], form.canonical

    def counted(body):
        bodies.append(body)
        return plain(body)

    monkeypatch.setattr(form, "canonical", counted)
    return bodies


@pytest.fixture
def edited(repo):
    for name in "ab":
        repo.write(name, say(f"I am {name}", name.upper()))
    repo.apply()
    repo.write("a", say("Good day", "A"))
    return repo


def test_a_plan_of_one_update_makes_one_form_a_side(edited, made):
    assert edited.pending() == ["update a"]
    assert len(made) == 2


def test_an_apply_of_one_update_makes_one_form_a_reading(edited, made):
    """Two for the plan, then the file, what is read before, and what is read after; and two for
    the lock's line of the flow that is unchanged.
    """
    edited.apply()
    assert len(made) == 7
