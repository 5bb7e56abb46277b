"""`validate` reads call files too, and says of them what `test` would, before a call is made."""

import pytest

from mbflow.testing.validate import check, source_lines

FLOW = "title: {0}\nsteps: [{{action: hangup}}]\n"
ONE = "calls:\n  - {name: c, ends: hangup}\n"
PROJECT = """\
project: acme
variables: {pin: {env: ACME_PIN, secret: true}}
environments:
  production: {endpoint: "https://voice.example.com", variables: {desk: "442079460100"}}
  staging: {endpoint: embedded}
"""


@pytest.fixture
def project(tmp_path):
    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def told(folder, *paths, environment=None, environ=None):
    """`file:line:column severity message` of every problem."""
    found = check(folder, paths, environment, environ=environ or {})
    return [
        f"{one.file}:{one.line}:{one.column} {one.severity} {one.message}" for one in found.problems
    ]


def test_a_call_file_for_a_flow_that_is_gone(project):
    root = project({"flows/menu.yaml": FLOW.format("Menu"), "flows/menue.calls.yaml": ONE})
    assert told(root) == [
        'flows/menue.calls.yaml:0:0 error There is no flow "menue". Did you mean "menu"?'
    ]


def test_a_call_file_alone_knows_the_flow_beside_it(project):
    root = project({"flows/a/menu.yaml": FLOW.format("Menu"), "flows/a/menu.calls.yaml": ONE})
    checked = check(root, [root / "flows/a/menu.calls.yaml"], environ={})
    assert (checked.problems, checked.flows, checked.call_files) == ((), 0, 1)
    (root / "flows/a/menu.yaml").unlink()
    assert len(told(root, root / "flows/a/menu.calls.yaml")) == 1


@pytest.mark.parametrize("path", ["menu.calls.yaml", "."])
def test_a_call_file_needs_no_project(project, path):
    root = project({"some/menu.yaml": FLOW.format("Menu"), "some/menu.calls.yaml": ONE})
    assert check(root, [root / "some" / path], environ={}).call_files == 1
    assert told(root, root / "some" / path) == []
    project({"some/menu.calls.yaml": "calls: [{name: c}]\n"})
    (problem,) = told(root, root / "some" / path)
    assert problem.startswith("some/menu.calls.yaml:1:9 error This call expects nothing")


def test_a_flow_file_alone_is_checked_without_its_calls(project):
    root = project({"flows/menu.yaml": FLOW.format("Menu"), "flows/menu.calls.yaml": "calls: 1\n"})
    assert told(root, root / "flows/menu.yaml") == []


def test_what_is_wrong_with_the_flow_is_told_once(project):
    bad = "steps: [{action: sing}]\n"
    root = project({"flows/menu.yaml": bad, "flows/menu.calls.yaml": ONE})
    (problem,) = told(root)
    assert problem.startswith("flows/menu.yaml:1:18 error There is no action")


def test_fetched_flows_that_cannot_be_had(project):
    given = {
        "menue": 'There is no flow "menue". Did you mean "menu"?',
        "none.json": "The file cannot be read: No such file or directory.",
        "odd.yaml": 'That file holds no call flow: there is no list under "steps".',
        "menu": None,
        "failed": None,
        "reply.yaml": None,
    }
    fetches = ", ".join(f"'https://e.example/{one}': {one}" for one in given)
    root = project(
        {
            "flows/menu.yaml": FLOW.format("Menu"),
            "flows/odd.txt": "",
            "flows/menu.calls.yaml": f"calls:\n  - name: c\n    ends: hangup\n    world:\n"
            f"      fetches: {{{fetches}}}\n",
        }
    )
    (root / "flows/odd.yaml").write_text("title: nothing\n")
    (root / "flows/reply.yaml").write_text(FLOW.format("Reply"))
    found = [one for one in told(root) if "calls.yaml" in one]
    assert [one.partition(" error ")[2] for one in found] == [
        message for message in given.values() if message
    ]
    assert all(one.startswith("flows/menu.calls.yaml:5:") for one in found)


def test_calls_are_checked_in_each_environment_of_their_flow(project):
    call = "calls:\n  - {name: c, ends: {transferred: '${desk}'}}\n"
    files = {"mbflow.yaml": PROJECT, "flows/menu.yaml": FLOW.format("Menu")}
    root = project(files | {"flows/menu.calls.yaml": call})
    assert told(root) == [
        'flows/menu.calls.yaml:2:35 error There is no variable "desk". Declare it under variables '
        "in mbflow.yaml. (in staging)"
    ]
    assert told(root, environment="production") == []
    only = "mbflow: {environments: [production]}\n"
    project({"flows/menu.yaml": FLOW.format("Menu") + only})
    assert told(root) == []
    assert told(root, environment="staging") == []


def test_a_call_in_an_environment_that_the_flow_is_not_for(project):
    only = "mbflow: {environments: [production]}\n"
    call = "calls:\n  - {name: c, environment: staging, ends: hangup}\n"
    root = project(
        {
            "mbflow.yaml": PROJECT,
            "flows/menu.yaml": FLOW.format("Menu") + only,
            "flows/menu.calls.yaml": call,
        }
    )
    assert told(root) == []  # staging is not looked at: the flow is for production only


def test_a_variable_without_a_value_is_a_warning_as_in_a_flow(project):
    call = "calls:\n  - {name: c, never_hears: ['${pin}']}\n"
    files = {"mbflow.yaml": PROJECT, "flows/menu.yaml": FLOW.format("Menu")}
    root = project(files | {"flows/menu.calls.yaml": call})
    (problem,) = told(root)
    assert problem.startswith("flows/menu.calls.yaml:2:29 warning ")
    assert "ACME_PIN is not set" in problem
    assert told(root, environ={"ACME_PIN": "48151623"}) == []


def test_a_wrong_project_file_hides_what_depends_on_it(project):
    files = {"mbflow.yaml": "variable: {}\n", "flows/menu.yaml": FLOW.format("Menu")}
    call = "calls:\n  - {name: c, ends: {transferred: '${desk}'}}\n"
    root = project(files | {"flows/menu.calls.yaml": call})
    (problem,) = told(root)
    assert problem.startswith("mbflow.yaml:1:1 error ")


def test_snapshots_are_held_against_their_calls(project):
    files = {"flows/menu.yaml": FLOW.format("Menu"), "flows/menu.calls.yaml": ONE}
    root = project(files | {"flows/menu.calls.txt": "== c\n\n== gone\n"})
    assert told(root) == [
        "flows/menu.calls.txt:0:0 warning It holds a call that the call file no longer has: "
        '"gone". Run mbflow test --update.'
    ]
    (root / "flows/menu.calls.txt").write_bytes(b"\xff")
    assert told(root) == [
        "flows/menu.calls.txt:0:0 error flows/menu.calls.txt cannot be read. "
        "This is not UTF-8 (invalid start byte). Save the file as UTF-8."
    ]


def test_the_line_of_a_problem_in_a_call_file_is_shown(project):
    call = "calls:\n  - {name: c}\n"
    root = project({"flows/menu.yaml": FLOW.format("Menu"), "flows/menu.calls.yaml": call})
    problems = check(root, environ={}).problems
    assert source_lines(root, problems) == {
        ("flows/menu.calls.yaml", 1): "calls:",
        ("flows/menu.calls.yaml", 2): "  - {name: c}",
    }


def test_many_call_files_are_read_by_several_processes(project):
    files = {f"flows/f{number}.yaml": FLOW.format(f"F{number}") for number in range(1100)}
    calls = {name.replace(".yaml", ".calls.yaml"): ONE for name in files}
    calls["flows/f1099.calls.yaml"] = "calls:\n  - {name: c, ends: nowhere}\n"
    calls["flows/gone.calls.yaml"] = ONE
    found = check(project(files | calls), environ={})
    assert (found.flows, found.call_files) == (1100, 1101)
    assert [(one.file, one.line) for one in found.problems] == [
        ("flows/f1099.calls.yaml", 2),
        ("flows/gone.calls.yaml", 0),
    ]
