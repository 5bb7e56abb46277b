"""The numbers of `mbflow.yaml`: what they become, and every mistake with its place."""

import json
import shutil
import subprocess
import unicodedata

import pytest

from mbflow.model.flow import LockEntry
from mbflow.model.route import CalendarState, Route, is_number
from mbflow.project.load import read_checkout
from mbflow.project.project_file import read_project
from mbflow.state.lock import Lock, write_lock
from mbflow.testing.validate import check

ONE, TWO = "442079460101", "442079460102"
FLOW = "title: {}\nsteps: [{{action: hangup}}]\n"
ONLY_PRODUCTION = FLOW.format("Night") + "mbflow: {environments: [production]}\n"
ENTRY = LockEntry("de3ed163-d5fc-45f4-b8c4-7eea7458c635", "0123456789abcdef", "0123456789abcdef")
HOURS = "zone: Europe/London\nopen: {monday-friday: '09:00-17:00'}\n"


@pytest.fixture
def told(tmp_path):
    """What is wrong with this table, as `line:column message`."""

    def write(table, *, rest="", environment="local"):
        (tmp_path / "flows").mkdir(exist_ok=True)
        (tmp_path / "calendars").mkdir()
        (tmp_path / "calendars/office.yaml").write_text(HOURS)
        for name in ("menu", "menü"):
            (tmp_path / f"flows/{name}.yaml").write_text(FLOW.format(name))
        (tmp_path / "flows/night.yaml").write_text(ONLY_PRODUCTION)
        text = (
            f"project: acme\n{rest}environments:\n  production: {{endpoint: embedded}}\n"
            f"  local:\n    numbers:\n{table}"
        )
        (tmp_path / "mbflow.yaml").write_text(text)
        found = check(tmp_path, environ={}).problems
        return [
            f"{one.line}:{one.column} {one.message}" for one in found if one.file == "mbflow.yaml"
        ]

    return write


def line(number, flow):
    return f'      "{number}": {flow}\n'


def test_a_table_without_mistakes(told):
    assert told(line(ONE, "menu") + line(TWO, "menü")) == []


def test_all_forms_of_a_route(tmp_path):
    by_calendar = {"calendar": "office", "open": "menu", "closed": "night"}
    table = {ONE: "menu", TWO: by_calendar, "442079460103": {**by_calendar, "holiday": "away"}}
    document = {"environments": {"local": {"numbers": table}}}
    (tmp_path / "mbflow.yaml").write_text(json.dumps(document))
    routes = read_project(tmp_path, {}).project.environments["local"].numbers
    assert {
        number: route._replace(place=(0, 0), places={}) for number, route in routes.items()
    } == {
        ONE: Route("menu"),
        TWO: Route("menu", "office", "night", "night"),
        "442079460103": Route("menu", "office", "night", "away"),
    }
    assert [route.flows for route in routes.values()] == [
        ("menu",),
        ("menu", "night"),
        ("menu", "night", "away"),
    ]
    assert routes[TWO].flow({"office": CalendarState.HOLIDAY}) == "night"


def test_names_of_flows_are_compared_as_files_are(told):
    """An editor may write the letter and its accent as two signs."""
    assert told(line(ONE, unicodedata.normalize("NFD", "menü"))) == []


WAY_ON = " Lead the number to another flow, or take its line out."


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        ("menus", 'menus, and there is no flow file of that name. Did you mean "menu"?'),
        (
            "flows/menu.yaml",
            'flows/menu.yaml, and there is no flow file of that name. Did you mean "menu"?',
        ),
        ("night", "night, whose file is not for local, but for other environments."),
        ("gone", f"gone, which stands under removed: its live flow is to be deleted.{WAY_ON}"),
        ("meun", 'meun, and there is no flow file of that name. Did you mean "menu"?'),
        ("menu-delft", f"menu-delft, and there is no flow file of that name.{WAY_ON}"),
        ("menu2", f"menu2, and there is no flow file of that name.{WAY_ON}"),
    ],
)
def test_a_flow_that_cannot_answer(told, flow, message):
    found = told(line(TWO, "menu") + line(ONE, flow), rest="removed: [gone]\n")
    assert found == [f"8:23 The number {ONE} is to lead to {message}"]


def test_no_other_flow_is_guessed_for_one_whose_file_is_gone(told, tmp_path):
    """A number's line is forgotten, and one letter apart is a flow for somebody else."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    (tmp_path / "flows").mkdir()
    former = tmp_path / "flows/menus.yaml"
    former.write_text(FLOW.format("Menus"))
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    former.unlink()
    gone = f"7:23 The number {ONE} is to lead to menus, whose file is gone.{WAY_ON}"
    assert told(line(TWO, "menu") + line(ONE, "menus")) == [gone]
    shutil.rmtree(tmp_path / ".git")
    write_lock(
        tmp_path / "mbflow.lock.yaml", Lock("acme", environments={"local": {"menus": ENTRY}})
    )
    assert [one.message for one in check(tmp_path, environ={}).problems] == [gone[5:]]


def test_each_flow_of_a_calendars_number_is_looked_at(told):
    route = "{calendar: office, open: menu, closed: night, holiday: holidays}"
    assert [one.partition(" is to lead to ")[2][:8] for one in told(line(ONE, route))] == [
        "night, w",
        "holidays",
    ]


def test_another_environments_table_does_not_stop_a_plan(tmp_path, told):
    told(line(ONE, "menus"))
    assert read_checkout(tmp_path, "production", environ={}).problems == ()
    assert read_checkout(tmp_path, "local", environ={}).problems


NO_DIGITS = "is not a number in digits. Numbers are E.164 digits in quotes"
MEANT = 'is not a number in digits. Did you mean "442079460101"? Numbers are E.164 digits in quotes'


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ('"+442079460101"', MEANT),
        ('"00442079460101"', MEANT),
        ('"02079460101"', NO_DIGITS),
        ('"44 20 7946 0101"', MEANT),
        ('"+44 (0)20 7946 0101"', NO_DIGITS),
        ('"44-2079460101"', MEANT),
        ('"tel:442079460101"', NO_DIGITS),
        ('"4420794601011234"', NO_DIGITS),
        ('""', NO_DIGITS),
        ('"٤٤٢٠٧٩٤٦٠١٠١"', NO_DIGITS),
        ('"2107946"', "cannot be a complete telephone number. Write its country code first"),
        ("442079460101", "is not text. Put it in quotes: "),
        ("0442079460101", "is not text. Put it in quotes: "),
        ("+442079460101", "is not text. Put it in quotes: "),
    ],
)
def test_what_is_not_a_number_in_digits(told, key, message):
    (found,) = told(f"      {key}: menu\n")
    assert found.startswith("6:7 ")
    assert message in found


@pytest.mark.parametrize(
    ("route", "place", "message"),
    [
        ("", "6:22", "has no value. Give it one"),
        ("[menu]", "6:23", "not a list"),
        ("{open: menu, closed: night}", "6:23", "needs calendar"),
        ("{calendar: office, closed: menu}", "6:23", "needs open"),
        ("{calendar: office, open: menu}", "6:23", "needs closed"),
        ("{calendar: office, open: menu, closed: menu, holidays: menu}", "6:68", 'mean "holiday"?'),
        ("{calendar: offce, open: menu, closed: menu}", "6:34", 'Did you mean "office"?'),
        (
            "{calendar: office, open: menu, closed: menu, holiday: 5}",
            "6:77",
            "holiday must be text",
        ),
    ],
)
def test_a_route_with_a_mistake(told, route, place, message):
    found = told(f'      "{ONE}": {route}\n')
    assert found[0].startswith(place)
    assert message in found[0]


def test_a_number_twice_in_one_table(told):
    (found,) = told(line(ONE, "menu") + line(ONE, "menü"))
    assert found.startswith("7:7 ")
    assert f'"{ONE}" is given twice, first in line 6.' in found


@pytest.mark.parametrize("text", ["442079460101", "1234567", "123456789012345"])
def test_digits_of_a_number(text):
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "0442079460101", "+4420794601", "123456", "1" * 16, "44\n"])
def test_what_no_number_is(text):
    assert not is_number(text)
