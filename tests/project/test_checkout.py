"""A project read for one environment: its flows, its problems, its secrets."""

import pytest

from mbflow.model.errors import ProblemsError, UsageError
from mbflow.model.flow import Flow, Settings
from mbflow.model.problem import Severity
from mbflow.model.text import Command
from mbflow.project.load import read_checkout
from mbflow.project.workers import WORTH_FORKING
from mbflow.project.yaml.parser import LARGEST_FILE

PROJECT = """\
project: acme
variables:
  sales: "442079460123"
  pin: {env: ACME_PIN, secret: true}
environments:
  production: {endpoint: "https://voice.messagebird.com", variables: {sales: "442079460999"}}
  staging: {endpoint: embedded}
"""
SALES = 'title: Sales\nsteps:\n- {action: transfer, options: {destination: "${sales}"}}\n'
HANGUP = "title: {0}\nsteps: [{{action: hangup}}]\n"


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_flows_have_the_environments_variables(tmp_path):
    write(tmp_path, {"mbflow.yaml": PROJECT, "flows/sales.yaml": SALES})
    numbers = {}
    for name in ("production", "staging"):
        checkout = read_checkout(tmp_path / "flows", name, environ={})
        assert (checkout.root, checkout.environment.name) == (tmp_path, name)
        numbers[name] = checkout.flows["sales"].body["steps"][0]["options"]["destination"]
    assert numbers == {"production": "442079460999", "staging": "442079460123"}


def test_a_flow_is_without_what_stays_at_home(tmp_path):
    text = (
        "id: de3ed163-d5fc-45f4-b8c4-7eea7458c635\ntitle: Menu\nsteps: [{action: hangup}]\n"
        "_links: {self: /call-flows/x}\nmbflow:\n  protect: true\n  description: The menu.\n"
        "  was: old/menu\n  environments: [local]\n  exceptions: {same-title: one brand}\n"
    )
    write(tmp_path, {"flows/a/menu.yaml": text})
    checkout = read_checkout(tmp_path, None, environ={})
    body = {"title": "Menu", "steps": [{"action": "hangup"}]}
    settings = Settings(
        protect=True,
        description="The menu.",
        was="old/menu",
        environments=("local",),
        exceptions={"same-title": "one brand"},
    )
    assert checkout.flows == {"a/menu": Flow("a/menu", "flows/a/menu.yaml", body, body, settings)}
    assert checkout.problems == ()  # what can only warn is left to validate


def test_secrets_are_in_the_body_and_nowhere_else(tmp_path):
    text = 'title: Pin\nsteps:\n- {action: sendKeys, options: {keys: "1${pin}#"}}\n'
    write(tmp_path, {"mbflow.yaml": PROJECT, "flows/pin.yaml": text})
    checkout = read_checkout(tmp_path, "staging", environ={"ACME_PIN": "4711"})
    flow = checkout.flows["pin"]
    assert flow.raw["steps"][0]["options"] == {"keys": "14711#"}
    assert flow.body["steps"][0]["options"] == {"keys": "1${pin}#"}
    assert checkout.secrets == {"pin": "4711"}
    assert "4711" not in repr(checkout)


def test_a_secret_that_does_not_fit_is_not_told(tmp_path):
    text = 'title: Pin\nsteps:\n- {action: transfer, options: {destination: x, record: "${pin}"}}\n'
    write(tmp_path, {"mbflow.yaml": PROJECT, "flows/pin.yaml": text})
    (problem,) = read_checkout(tmp_path, "staging", environ={"ACME_PIN": "4711"}).problems
    assert problem.message == (
        "record must be in, out or both, not ${pin}. "
        "${pin} stands for a secret (mbflow.yaml:4, from ACME_PIN)."
    )


@pytest.mark.parametrize(
    ("kind", "value", "option", "message"),
    [
        (
            *("integer", "4711", "destination"),
            'destination must be text, but the variable "pin" is a number. '
            "Put its value in quotes in mbflow.yaml, or give it the type string.",
        ),
        (
            *("string", "true", "mask"),
            'mask must be true or false, but the variable "pin" is text. '
            "Give it the type boolean in mbflow.yaml.",
        ),
        (
            *("integer", "4711", "machineTimeout"),
            None,
        ),
        (
            *("integer", "47110", "machineTimeout"),
            "machineTimeout must be at most 10000, not ${pin}.",
        ),
    ],
)
def test_a_variables_type_counts(kind, value, option, message, tmp_path):
    project = f"variables: {{pin: {{env: ACME_PIN, type: {kind}, secret: true}}}}\n"
    options = {"destination": "442079460123", "mask": "false", "machineTimeout": "400"}
    options[option] = '"${pin}"'
    listed = ", ".join(f"{name}: {text}" for name, text in options.items() if name != "destination")
    number = options["destination"] if option == "destination" else '"442079460123"'
    text = f"title: T\nsteps:\n- action: transfer\n  options: {{destination: {number}, {listed}}}\n"
    write(tmp_path, {"mbflow.yaml": project, "flows/t.yaml": text})
    checkout = read_checkout(tmp_path, None, environ={"ACME_PIN": value})
    origin = "${pin} stands for a secret (mbflow.yaml:1, from ACME_PIN)."
    expected = [f"{message} {origin}"] if message else []
    assert [problem.message for problem in checkout.problems] == expected


def test_a_variable_without_a_value_breaks_the_flows_that_use_it(tmp_path):
    text = 'title: Pin\nsteps:\n- {action: sendKeys, options: {keys: "${pin}"}}\n'
    files = {"mbflow.yaml": PROJECT, "flows/pin.yaml": text, "flows/sales.yaml": SALES}
    checkout = read_checkout(write(tmp_path, files), "staging", environ={})
    (problem,) = checkout.problems
    assert (problem.rule, problem.severity) == ("unset-variable", Severity.ERROR)
    assert problem.message == (
        'The variable "pin" has no value: the process variable ACME_PIN is not set.'
    )
    assert (list(checkout.flows), checkout.broken) == (["sales"], {"pin"})
    assert checkout.secrets == {}


def test_flows_of_other_environments_are_left_out_but_checked(tmp_path):
    only = "mbflow: {environments: [production]}\n"
    files = {
        "mbflow.yaml": PROJECT,
        "flows/a.yaml": SALES + only,
        "flows/b.yaml": "title: B\nsteps: [{action: dance}]\n" + only,
        "flows/c.yaml": HANGUP.format("C"),
    }
    checkout = read_checkout(write(tmp_path, files), "staging", environ={})
    assert (list(checkout.flows), checkout.broken) == (["c"], {"b"})
    assert [problem.file for problem in checkout.problems] == ["flows/b.yaml"]
    assert list(read_checkout(tmp_path, "production", environ={}).flows) == ["a", "c"]


def test_every_problem_of_every_file_is_collected(tmp_path):
    files = {
        "flows/a.yaml": "steps: [",
        "flows/b.yaml": "steps: [{action: dance}]\n",
        "flows/c.yml": "",
        "flows/d.yaml": HANGUP.format("D"),
        "flows/e.yaml": HANGUP.format("D"),
        "mbflow.yaml": "rules: {same-title: error}\n",
    }
    checkout = read_checkout(write(tmp_path, files), None, environ={})
    assert [(one.file, one.rule, str(one.severity)) for one in checkout.problems] == [
        ("flows/a.yaml", "yaml-syntax", "error"),
        ("flows/b.yaml", "schema", "error"),
        ("flows/c.yml", "file-name", "error"),
        ("flows/e.yaml", "same-title", "error"),
    ]
    assert (list(checkout.flows), checkout.broken) == (["d", "e"], {"a", "b"})


def test_a_wrong_project_file_stops_everything(tmp_path):
    write(tmp_path, {"mbflow.yaml": "projct: acme\n", "flows/a.yaml": HANGUP.format("A")})
    with pytest.raises(ProblemsError) as stop:
        read_checkout(tmp_path, None, environ={})
    assert [problem.file for problem in stop.value.problems] == ["mbflow.yaml"]


def test_an_environment_must_be_named(tmp_path):
    write(tmp_path, {"mbflow.yaml": PROJECT})
    with pytest.raises(UsageError):
        read_checkout(tmp_path, None, environ={})


def test_without_a_project_there_is_local(tmp_path):
    (tmp_path / "flows").mkdir()
    checkout = read_checkout(tmp_path, None, environ={})
    assert (checkout.environment.name, checkout.flows, checkout.problems) == ("local", {}, ())


def test_a_folder_without_a_project_is_no_empty_project(tmp_path):
    with pytest.raises(UsageError, match="holds no project") as stop:
        read_checkout(tmp_path, None, environ={})
    assert stop.value.details[-1] == Command("mbflow", "init")


def test_a_file_that_may_not_be_read_is_broken_not_gone(tmp_path):
    write(tmp_path, {"flows/a.yaml": HANGUP.format("A")})
    (tmp_path / "flows/a.yaml").chmod(0)
    try:
        (tmp_path / "flows/a.yaml").read_bytes()
        pytest.skip("this user may read everything")
    except PermissionError:
        pass
    checkout = read_checkout(tmp_path, None, environ={})
    assert checkout.broken == {"a"}
    assert checkout.problems[0].message == "The file cannot be read: Permission denied."


def test_many_files_read_by_several_processes_are_the_same(tmp_path):
    files = {
        f"flows/shop{number:04}.yaml": HANGUP.format(f"Shop {number // 2}")
        for number in range(WORTH_FORKING + 1)
    }
    files["flows/shop0003.yaml"] = "steps: [{action: dance}]\n"
    files["mbflow.yaml"] = "rules: {same-title: error}\n"
    files[f"flows/shop{WORTH_FORKING}.yaml"] = "steps: ["
    checkout = read_checkout(write(tmp_path, files), None, environ={})
    assert len(checkout.flows) == WORTH_FORKING - 1
    assert list(checkout.flows) == sorted(checkout.flows)
    assert checkout.flows["shop0999"].body == {
        "title": "Shop 499",
        "steps": [{"action": "hangup"}],
    }
    rules = [problem.rule for problem in checkout.problems]
    assert rules.count("same-title") == WORTH_FORKING // 2 - 1
    assert checkout.broken == {"shop0003", f"shop{WORTH_FORKING}"}


@pytest.mark.parametrize("size", [16384 - 1, 16384, 16384 + 1, LARGEST_FILE, LARGEST_FILE + 1])
def test_a_file_is_read_to_its_end(size, tmp_path):
    (tmp_path / "flows").mkdir()
    text = "title: A\nsteps: [{action: hangup}]\n"
    comment = f"#{'x' * 98}\n" * (size // 100 - 2)
    filler = "#" * (size - len(comment + text) - 1)
    (tmp_path / "flows" / "a.yaml").write_text(f"{comment}{filler}\n{text}")
    checkout = read_checkout(tmp_path, None)
    if size > LARGEST_FILE:
        assert [problem.rule for problem in checkout.problems] == ["yaml-limit"]
    else:
        assert (checkout.problems, len(checkout.flows)) == ((), 1)
