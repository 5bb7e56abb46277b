"""A dashboard edit comes into its file: comments, names, anchors and line ends stay."""

import pytest

from mbflow.apply.import_flows import imports, write_imports
from mbflow.model.errors import RefusedError
from mbflow.model.text import Command

from .world import ENDPOINT

FILE = """\
# yaml-language-server: $schema=../schemas/call-flow.schema.json
# Licence: see LICENCE.

title: 'Lobby'   # shown to callers
steps:
# 1: who we are
- action: say
  options: {payload: "Welcome to ${name}. Press 1.", language: en-GB, voice: female}   # her
  onKeypressGoto: desk   # the desk answers
  onKeypressVar: key

# 2: for those who wait
- action: say
  options: &said   # twice the same
    payload: >-
      All desks of ${name} are busy.
      Please hold the line.
    language: en-GB
    voice: female
- action: say
  options: *said
- id: desk   # 3
  action: transfer
  options:
    destination: ${desk}
# the end
mbflow:
  protect: true
"""
VARIABLES = {"name": "Acme", "desk": "442079460100"}


@pytest.fixture
def lobby(world, make_repo):
    """An applied flow; `edit` changes its live steps and imports what came of it."""
    environments = {
        "production": {"endpoint": ENDPOINT, "settle_seconds": 30},
        "staging": {
            "endpoint": ENDPOINT,
            "access_key_env": "STAGING_KEY",
            "variables": {"desk": "442079460199"},
        },
    }
    repo = make_repo(world, variables=VARIABLES, environments=environments)
    path = repo.path("lobby")

    def edit(change, text=FILE, *, force=False):
        path.write_bytes(text.encode())
        repo.apply()
        steps = world.body_of("Lobby")["steps"]
        change(steps)
        world.edit("Lobby", steps=steps)
        seen = repo.survey("production")
        planned = imports(seen, ["lobby"], everything=False, name=None, force=force)
        write_imports(seen, planned)
        assert repo.pending() == []
        return planned[0], path.read_bytes().decode()

    return edit


def changed_lines(before, after):
    """Lines that went, and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return [one for one in old if one not in new], [one for one in new if one not in old]


def put(place, key, value):
    return lambda steps: steps[place]["options"].update({key: value})


def test_one_value_changes_one_line(lobby):
    one, text = lobby(put(0, "payload", "Good day. You are at Acme. Press 2."))
    assert one.draft.is_edit and not one.draft.comments
    assert changed_lines(FILE, text) == (
        [
            '  options: {payload: "Welcome to ${name}. Press 1.", language: en-GB, '
            "voice: female}   # her"
        ],
        [
            '  options: {payload: "Good day. You are at ${name}. Press 2.", language: en-GB, '
            "voice: female}   # her"
        ],
    )


def test_what_an_alias_repeats_stays_for_the_others(lobby):
    _, text = lobby(put(2, "repeat", 3))
    assert changed_lines(FILE, text) == (
        ["  options: *said"],
        ["    payload: All desks of ${name} are busy. Please hold the line.", "    repeat: 3"],
    )


def test_an_edit_at_an_anchor_writes_its_aliases_out(lobby):
    _, text = lobby(put(1, "payload", "All desks of Acme are busy. Please call again."))
    assert changed_lines(FILE, text) == (
        ["      Please hold the line.", "  options: *said"],
        [
            "      Please call again.",
            "    payload: All desks of ${name} are busy. Please hold the line.",
        ],
    )


def test_a_moved_step_takes_its_comments_along(lobby):
    _, text = lobby(lambda steps: steps.insert(0, steps.pop(3)))
    assert sorted(text.splitlines()) == sorted(FILE.splitlines())
    assert text.index("# 3") < text.index("# 1: who we are")


def test_a_removed_step_takes_its_comments_with_it(lobby):
    def remove(steps):
        del steps[1:3]

    one, text = lobby(remove)
    assert one.draft.comments == 2
    went, came = changed_lines(FILE, text)
    assert came == [] and "# 2: for those who wait" in went
    assert "# 1: who we are" in text and "# the end" in text


def test_a_new_step_stands_among_the_others(lobby):
    _, text = lobby(lambda steps: steps.insert(1, {"action": "pause", "options": {"length": 3}}))
    went, came = changed_lines(FILE, text)
    assert (went, came) == ([], ["- action: pause", "    length: 3"])


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_byte_order_mark_stay(lobby, end):
    source = "\ufeff" + FILE.replace("\n", end)
    _, text = lobby(put(0, "voice", "male"), source)
    assert text == source.replace("voice: female}   # her", "voice: male}   # her")


def test_a_value_of_another_environment_is_not_changed(lobby):
    with pytest.raises(RefusedError) as refused:
        lobby(put(3, "destination", "442079460155"))
    assert refused.value.summary == (
        "flows/lobby.yaml: steps[3].options.destination takes ${desk}, which has another value in "
        "staging. Live it was changed to another text, which in the file would count there too."
    )
    assert refused.value.details == (
        "If only production is to have it, change the variable: in mbflow.yaml, below "
        "environments, production, variables:",
        '    desk: "442079460155"',
        "If all environments are to have it:",
        Command("mbflow", "import", "lobby", "--force"),
    )
    one, text = lobby(put(3, "destination", "442079460155"), force=True)
    assert one.draft.shared == (
        "steps[3].options.destination takes no ${desk} now: staging will get it too",
    )
    assert '    destination: "442079460155"\n' in text


def test_a_file_in_brackets_becomes_lines(lobby):
    source = (
        '# Owner: Ann\n{"title": "Lobby", "steps": [ # here\n'
        '  {"action": "say", "options": {"payload": "Hi ${name}", "language": "en-GB",'
        ' "voice": "male"}}]}\n'
    )
    _, text = lobby(lambda steps: steps.append({"action": "hangup"}), source)
    assert text == (
        "# Owner: Ann\ntitle: Lobby\nsteps:\n  # here\n"
        '  - {action: "say", options: {payload: "Hi ${name}", language: "en-GB", voice: "male"}}\n'
        "  - action: hangup\n"
    )
