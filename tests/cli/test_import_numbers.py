"""`mbflow import --numbers`: the table of `mbflow.yaml` says where the numbers lead."""

import pytest
import yaml
from api.cli import runner
from apply.world import Repo, World, say

from mbflow.api.client import Client
from mbflow.api.connect import open_client
from mbflow.apply.import_flows import imports, write_imports
from mbflow.apply.import_numbers import import_numbers
from mbflow.model.flow import Number
from mbflow.model.project import Environment
from mbflow.state.lock import read_lock

from .conftest import Project
from .racing import Hand

ONE, TWO, THREE = "442079460100", "442079460101", "442079460102"
HEAD = "project: local # ours\nenvironments:\n  local: # for tests\n"
LOCK = ".mbflow/local/mbflow.lock.yaml"


@pytest.fixture
def mbflow(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("MBFLOW_ENVIRONMENT", raising=False)
    (tmp_path / "flows").mkdir()
    return runner(capsys, tmp_path)


@pytest.fixture
def live(tmp_path):
    """`live(title, *numbers)` makes a live flow to which the numbers lead, and gives its id."""

    def make(title, *numbers):
        with open_client(tmp_path, Environment("local"), can_write=True) as client:
            flow_id = client.create_call_flow(say("Hello.", title)).id
            if numbers:
                client.assign_numbers(flow_id, numbers)
        return flow_id

    return make


def led(tmp_path):
    return read_lock(tmp_path / LOCK).numbers_of("local")


def test_all_imports_flows_and_their_numbers(mbflow, live, tmp_path):
    menu, hunt = live("Menu", TWO, ONE), live("Hunt", THREE)
    ran = mbflow("import", "--all")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "wrote mbflow.yaml: 3 numbers of local")
    assert (tmp_path / "mbflow.yaml").read_text() == (
        "environments:\n"
        "  local:\n"
        "    numbers:\n"
        f'      "{ONE}": menu\n'
        f'      "{TWO}": menu\n'
        f'      "{THREE}": hunt\n'
    )
    assert led(tmp_path) == {ONE: (menu,), TWO: (menu,), THREE: (hunt,)}
    assert set(read_lock(tmp_path / LOCK).of("local")) == {"menu", "hunt"}
    assert mbflow("validate").code == 0
    ran = mbflow("plan", "--detailed-exitcode")
    assert ran.code == 0, ran.out
    with open_client(tmp_path, Environment("local"), can_write=True) as client:
        client.assign_numbers(hunt, [ONE])
    assert mbflow("plan", "--detailed-exitcode").code == 2
    assert mbflow("import", "--numbers").out == "wrote mbflow.yaml: 1 number of local\n"
    assert led(tmp_path) == {ONE: (hunt,), TWO: (menu,), THREE: (hunt,)}
    ran = mbflow("plan", "--detailed-exitcode")
    assert ran.code == 0, ran.out
    before = [path.read_bytes() for path in (tmp_path / "mbflow.yaml", tmp_path / LOCK)]
    ran = mbflow("import", "--all")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "There is nothing to import: the files say what is live.\n"
    assert [path.read_bytes() for path in (tmp_path / "mbflow.yaml", tmp_path / LOCK)] == before


def test_numbers_alone_imports_no_flow(mbflow, live, tmp_path):
    menu = live("Menu", ONE)
    assert mbflow("import", menu).code == 0
    other = live("Other \x1b[2J", TWO)
    (tmp_path / "mbflow.yaml").write_text(HEAD)
    ran = mbflow("import", "--numbers")
    assert (ran.code, ran.out) == (0, "wrote mbflow.yaml: 1 number of local\n")
    assert ran.err == (
        f'{TWO} leads to "Other \\e[2J" ({other}), which has no flow file: left out.\n'
    )
    assert (tmp_path / "mbflow.yaml").read_text() == (f'{HEAD}    numbers:\n      "{ONE}": menu\n')
    assert [path.name for path in (tmp_path / "flows").iterdir()] == ["menu.yaml"]
    assert led(tmp_path) == {ONE: (menu,)}


def test_with_names_both_are_imported(mbflow, live, tmp_path):
    menu, hunt = live("Menu", ONE), live("Hunt", TWO)
    ran = mbflow("import", menu, "--as", "support/menu", "--numbers")
    assert ran.code == 0
    assert ran.err == f'{TWO} leads to "Hunt" ({hunt}), which has no flow file: left out.\n'
    table = yaml.safe_load((tmp_path / "mbflow.yaml").read_text())
    assert table == {"environments": {"local": {"numbers": {ONE: "support/menu"}}}}


TABLE = """\
    numbers:
      '442079460100': hunt  # moved by hand
      "442079460101": {calendar: office, open: menu, closed: hunt}
      "442079460102": {calendar: office, open: hunt, closed: hunt}
      "442079460103": menu
      "442079460104": menu
      "442079460105": menu # right
"""


def test_lines_are_led_to_where_their_numbers_lead(mbflow, live, tmp_path):
    """Of what a person has to decide nothing is changed."""
    menu = live("Menu", ONE, TWO, THREE, "442079460105")
    assert mbflow("import", menu, live("Hunt")).code == 0
    other = live("Other", "442079460104")
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "office.yaml").write_text("time_zone: Europe/London\n")
    path = tmp_path / "mbflow.yaml"
    path.write_bytes((HEAD + TABLE).replace("\n", "\r\n").encode("utf-8-sig"))
    ran = mbflow("import", "--numbers")
    assert (ran.code, ran.out) == (1, "wrote mbflow.yaml: 1 number of local\n")
    stays = "its line in mbflow.yaml stays"
    assert ran.err == (
        f"442079460103 leads to no call flow: {stays}.\n"
        f"{THREE} leads to menu, which is none of the flows of its calendar office: {stays}.\n"
        f'442079460104 leads to "Other" ({other}), which has no flow file: {stays}.\n'
    )
    wanted = (HEAD + TABLE).replace("hunt  # moved", "menu  # moved")
    assert path.read_bytes() == wanted.replace("\n", "\r\n").encode("utf-8-sig")
    assert led(tmp_path) == {ONE: (menu,), "442079460105": (menu,)}


def test_a_project_in_braces_is_not_edited(mbflow, live, tmp_path):
    """The flows are imported all the same."""
    live("Menu", ONE)
    path = tmp_path / "mbflow.yaml"
    path.write_text("environments: {local: {}}\n")
    ran = mbflow("import", "--all")
    assert (ran.code, ran.out.splitlines()[0][:21]) == (3, "wrote flows/menu.yaml")
    assert ran.err == (
        "Refused: mbflow.yaml:1: environments is written in braces, "
        "so the numbers are not written.\n"
        "  Add these lines to it by hand:\n"
        "      environments:\n"
        "        local:\n"
        "          numbers:\n"
        f'            "{ONE}": menu\n'
    )
    assert path.read_text() == "environments: {local: {}}\n"
    assert led(tmp_path) == {}


def test_a_link_is_replaced_and_rights_stay(mbflow, live, tmp_path):
    live("Menu", ONE)
    path, elsewhere = tmp_path / "mbflow.yaml", tmp_path / "elsewhere"
    elsewhere.write_text(HEAD)
    elsewhere.chmod(0o640)
    path.symlink_to(elsewhere)
    assert mbflow("import", "--all").code == 0
    assert (path.is_symlink(), elsewhere.read_text()) == (False, HEAD)
    assert (path.stat().st_mode & 0o777, path.read_text()[: len(HEAD)]) == (0o640, HEAD)


def test_nothing_is_asked_for_by_halves(mbflow):
    assert mbflow("import").err.startswith("Error: Name the flows to import, or say --all or --n")
    assert mbflow("import", "menu", "--show", "--numbers").code == 64
    assert mbflow("import", "--numbers", "--as", "a").code == 64
    assert mbflow("import", "--all", "--numbers").code == 0


def test_numbers_that_cannot_be_read_change_nothing(make_service, tmp_path, in_process):
    service = make_service(quirks=["no-numbers-endpoint"])
    project = Project(tmp_path / "checkout", service.url)
    Hand(service).make(say("Hello.", "Menu"))
    before = (project.folder / "mbflow.yaml").read_text()
    ran = in_process(project)("import", "--all")
    assert (ran.code, ran.out.splitlines()[0][:21]) == (1, "wrote flows/menu.yaml")
    assert (project.folder / "mbflow.yaml").read_text() == before


class Odd(Client):
    """Of a service that shows a number at each flow, and numbers that nobody can dial at one."""

    def list_numbers(self, flow_id):
        is_first = self.get_call_flow(flow_id).raw["title"] == "A"
        odd = ("1234", "44207946010011", "0044") if is_first else ()
        return [Number(n, n, flow_id) for n in (ONE, *odd)]


def test_a_number_that_no_line_can_hold_is_told(tmp_path):
    world = World(tmp_path, kind=Odd)
    repo = Repo(world, tmp_path / "odd")
    ids = sorted(world.dashboard.create_call_flow(say("Hello.", title)).id for title in "AB")
    seen = repo.survey("production")
    planned = imports(seen, (), everything=True, name=None, force=False)
    with world.client(can_write=False) as client:
        found = import_numbers(seen, client, write_imports(seen, planned))
    world.close()
    assert (found.written, found.contrary) == ({}, [])
    assert found.left_out == [
        "0044 is not a complete telephone number: left out.",
        "1234 is not a complete telephone number: left out.",
        f"{ONE} leads to 2 call flows at once, {ids[0]} and {ids[1]}: left out.",
        "44207946010011 is not a complete telephone number: left out.",
    ]
