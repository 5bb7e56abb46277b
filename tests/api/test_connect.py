"""Clients for environments: the emulator in process, and services far away."""

import pytest

from mbflow.api.client import Client
from mbflow.api.connect import open_client
from mbflow.model.errors import Error, RefusedError
from mbflow.model.project import Environment
from mbflow.model.text import Command
from mbflow.project.local_folder import state_folder

from .conftest import KEY
from .service import Service, listed

LOCAL = Environment("local")
BODY = {"title": "Hello", "steps": [{"action": "hangup"}]}


def test_the_embedded_emulator_remembers(tmp_path):
    with open_client(tmp_path, LOCAL, can_write=True, environ={}) as client:
        created = client.create_call_flow(BODY)
    with open_client(tmp_path, LOCAL, can_write=False, environ={}) as client:
        assert [flow.id for flow in client.list_call_flows()] == [created.id]
    assert (tmp_path / ".mbflow/local/emulator.sqlite3").is_file()


def test_the_local_folder_ignores_itself_in_git(tmp_path):
    state_folder(tmp_path, LOCAL)
    assert (tmp_path / ".mbflow/.gitignore").read_text() == "*\n"


def test_a_gitignore_that_is_there_stays(tmp_path):
    (tmp_path / ".mbflow").mkdir()
    (tmp_path / ".mbflow/.gitignore").write_text("# mine\n")
    state_folder(tmp_path, LOCAL)
    assert (tmp_path / ".mbflow/.gitignore").read_text() == "# mine\n"


def test_embedded_environments_are_kept_apart(tmp_path):
    with open_client(tmp_path, Environment("one"), can_write=True) as client:
        client.create_call_flow(BODY)
    with open_client(tmp_path, Environment("two"), can_write=True) as client:
        assert client.list_call_flows() == []


def test_a_reading_client_of_the_emulator_cannot_write(tmp_path):
    with (
        open_client(tmp_path, LOCAL, can_write=False) as client,
        pytest.raises(RuntimeError, match="a reading verb tried to send POST"),
    ):
        client.create_call_flow(BODY)


@pytest.mark.parametrize("name", ["../up", "a/b", "a\\b", "", ".hidden", "..", "a\0b", "x" * 200])
def test_an_environment_that_cannot_name_a_folder(tmp_path, name):
    with pytest.raises(Error, match="cannot name a folder"):
        open_client(tmp_path, Environment(name), can_write=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["local", "eu-west.2_b", "Zürich"])
def test_an_environment_that_can(tmp_path, name):
    assert state_folder(tmp_path, Environment(name)) == tmp_path / ".mbflow" / name


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / ".mbflow").write_text("a file is in the way")
    with pytest.raises(Error, match="cannot be made"):
        open_client(tmp_path, LOCAL, can_write=False)


@pytest.mark.parametrize(
    "name",
    [
        ".mbflow",
        ".mbflow/local",
        ".mbflow/.gitignore",
        ".mbflow/apply.lock",
        ".mbflow/local/apply.lock",
        ".mbflow/local/emulator.sqlite3",
        ".mbflow/local/journal.jsonl",
        ".mbflow/local/snapshots",
    ],
)
def test_nothing_is_written_through_a_link_that_leads_out(tmp_path, name):
    project, outside = tmp_path / "project", tmp_path / "outside"
    link = project / name
    link.parent.mkdir(parents=True)
    outside.mkdir()
    for target in ("there", "missing"):
        link.symlink_to(outside / target)
        if target == "there":
            (outside / target).mkdir()
        with pytest.raises(RefusedError, match="leads out of the project") as refusal:
            open_client(project, LOCAL, can_write=True)
        assert refusal.value.details[-1] == Command("rm", str(link))
        link.unlink()
    assert [path.name for path in outside.rglob("*")] == ["there"]


def test_a_link_within_the_project_is_followed(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / ".mbflow").symlink_to("state")
    assert state_folder(tmp_path, LOCAL).is_dir()
    assert (tmp_path / "state/local").is_dir()


def test_a_remote_service_gets_the_key_of_its_variable():
    with Service(lambda asked: listed([], 0)) as service:
        remote = Environment("production", service.url, access_key_env="PROD_KEY")
        environ = {"PROD_KEY": KEY, "MESSAGEBIRD_ACCESS_KEY": "another"}
        with open_client(None, remote, can_write=False, environ=environ) as client:
            client.list_call_flows()
    assert service.asked[0].headers["Authorization"] == f"AccessKey {KEY}"


def commands_that_set(variable):
    how = "In a terminal, to type it unseen:"
    return [how, f"read -rs {variable}", f"export {variable}"]


@pytest.mark.parametrize("environ", [{}, {"PROD_KEY": ""}])
def test_a_missing_key_names_the_variable_and_how_to_set_it(tmp_path, environ):
    remote = Environment("production", "https://voice.messagebird.com", access_key_env="PROD_KEY")
    with pytest.raises(Error) as failure:
        open_client(tmp_path, remote, can_write=False, environ=environ)
    assert failure.value.summary == (
        "No access key for production: put it into the process variable PROD_KEY."
    )
    # Who sets up calls need not know what a process variable is: the commands stand there.
    assert [*map(str, failure.value.details)] == commands_that_set("PROD_KEY")
    assert failure.value.exit_code == 1


def test_a_key_with_a_line_break_is_refused_without_being_shown(tmp_path):
    remote = Environment("production", "https://voice.messagebird.com")
    environ = {"MESSAGEBIRD_ACCESS_KEY": f"{KEY}\n"}
    with pytest.raises(Error, match="MESSAGEBIRD_ACCESS_KEY cannot be used") as failure:
        open_client(tmp_path, remote, can_write=False, environ=environ)
    assert KEY not in "".join([failure.value.summary, *failure.value.details])


@pytest.mark.parametrize(("wanted", "key"), [("live", "test_4711abcd"), ("test", "live_4711abcd")])
def test_a_key_of_the_other_kind_is_refused_unasked(wanted, key):
    with Service(lambda asked: listed([], 0)) as service:
        remote = Environment("production", service.url, access_key_kind=wanted)
        with pytest.raises(RefusedError) as refusal:
            open_client(None, remote, can_write=False, environ={"MESSAGEBIRD_ACCESS_KEY": key})
    assert service.asked == []
    assert refusal.value.exit_code == 3
    assert refusal.value.summary == (
        f"The access key for production is a {key[:4]} key, and mbflow.yaml says "
        f"`access_key_kind: {wanted}`. Nothing was asked."
    )
    assert [*map(str, refusal.value.details)] == [
        f"Put the {wanted} key of production into the process variable MESSAGEBIRD_ACCESS_KEY.",
        *commands_that_set("MESSAGEBIRD_ACCESS_KEY"),
    ]
    assert "4711" not in str(refusal.value) + "".join(map(str, refusal.value.details))


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ("", "test_4711"),
        ("", "live_4711"),
        ("live", "live_4711"),
        ("test", "test_4711"),
        ("live", "an-old-key-without-a-prefix"),
        ("live", "testing-4711"),
        ("test", "TEST_4711"),
    ],
)
def test_no_other_key_is_refused(wanted, key):
    remote = Environment("staging", "http://127.0.0.1:9", access_key_kind=wanted)
    environ = {"MESSAGEBIRD_ACCESS_KEY": key}
    with open_client(None, remote, can_write=False, environ=environ) as client:
        assert isinstance(client, Client)
