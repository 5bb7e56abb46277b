"""The judge of numbers sees what it is there for: mbflow is broken on purpose, and it says so."""

import pytest
from apply.world import spoken

from mbflow.api.client import Client
from mbflow.api.http import ApiRequest, json_bytes
from mbflow.apply import delete
from mbflow.plan import build, numbers

from .ending import end
from .story import Consent, Story, Violation


@pytest.fixture
def story(tmp_path):
    """Two flows with a number each; a third number leads to the flow of nobody."""
    story = Story(tmp_path)
    story.people.make("Reception", "Please wait.")
    for place, name in enumerate("ab"):
        story.history.add(story.main, name, [spoken(f"I am {name}.")])
        story.history.lead(story.main, place, name)
    story.people.lead(story.digits(story.main)[2], story.people.known()[0])
    story.apply(story.main, Consent())
    yield story
    story.close()


def sending(method, *more):
    """A client that leads numbers by that method, and these too."""

    def assign(client, flow_id, digits):
        content = json_bytes({"numbers": [*digits, *more]})
        client.sender.send(ApiRequest(method, f"/call-flows/{flow_id}/numbers", content=content))

    return assign


def test_a_takeover_that_nobody_allowed(story, monkeypatch):
    monkeypatch.setattr(numbers, "number_hazards", lambda *found, **is_there: ())
    story.history.lead(story.main, 2, "a")
    with pytest.raises(Violation, match="and nobody allowed it"):
        story.apply(story.main, Consent())


def test_a_number_that_leads_to_nothing(story, monkeypatch):
    monkeypatch.setattr(build, "with_numbers", lambda change, found: change)
    monkeypatch.setattr(delete, "_new_numbers", lambda writer, change: "")
    story.history.take_out(story.main, 0)
    story.history.remove(story.main, "a")
    with pytest.raises(Violation, match="and does not any more"):
        story.apply(story.main, Consent(allow_deletes=1))


def test_a_number_that_no_table_names(story, monkeypatch):
    monkeypatch.setattr(Client, "assign_numbers", sending("POST", story.digits(story.main)[2]))
    story.history.lead(story.main, 0, "b")
    with pytest.raises(Violation, match="and no plan said so"):
        story.apply(story.main, Consent())


def test_a_put_of_numbers(story, monkeypatch):
    monkeypatch.setattr(Client, "assign_numbers", sending("PUT"))
    story.history.lead(story.main, 3, "b")
    with pytest.raises(Violation, match="otherwise than by POST"):
        end(story)


def test_a_number_that_somebody_moved(story, monkeypatch):
    monkeypatch.setattr(numbers, "number_hazards", lambda *found, **is_there: ())
    own = story.entries(story.main)["b"].id
    story.people.lead(story.digits(story.main)[0], own)
    with pytest.raises(Violation, match="silently led back"):
        story.apply(story.main, Consent(reviewed=False))


def test_a_number_that_is_not_led(story, monkeypatch):
    monkeypatch.setattr(build, "find_numbers", lambda *asked: numbers.NumberFindings())
    story.history.lead(story.main, 0, "b")
    with pytest.raises(Violation, match=r"leads to .* not to"):
        end(story)
