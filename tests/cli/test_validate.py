"""`mbflow validate` as its users see it: every format, the exit code."""

import json
import subprocess
from pathlib import Path

import pytest

from .conftest import run_here

ROOT = Path(__file__).parent.parent.parent
GOOD = "title: {0}\nsteps: [{{action: hangup}}]\n"
BAD = "title: Menu\nsteps:\n  - action: transfer\n    options: {destination: +442079460123}\n"
PROJECT = """\
project: acme
variables: {sales: "442079460123"}
environments:
  production: {endpoint: "https://voice.messagebird.com", variables: {patience: 5}}
  staging: {endpoint: embedded, variables: {patience: "5"}}
"""
WAIT = (
    'title: Wait\nsteps:\n  - action: pause\n    options: {length: "${patience}"}\n'
    "  - action: hangup\n"
)


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def mbflow(*arguments, cwd, **environ):
    return run_here([str(word) for word in arguments], cwd, {"PATH": "/usr/bin:/bin", **environ})


def validate(*arguments, cwd, **environ):
    return mbflow("validate", *arguments, cwd=cwd, **environ)


def test_the_worked_example_has_no_problems():
    told = "9 flows, 1 calendar and 10 call files checked: no problems.\n"
    assert validate(cwd=ROOT) == (0, told, "")


def test_problems_are_grouped_by_file_with_their_lines(tmp_path):
    write(
        tmp_path,
        {
            "flows/b.yaml": BAD,
            "flows/a.yaml": 'title: "A"\nstep: []\nid: x\n',
            "flows/c.yaml": GOOD.format("Menu"),
            "flows/d.yaml": "id: x\n" + GOOD.format("D"),
        },
    )
    code, out, err = validate(cwd=tmp_path)
    assert (code, err) == (1, "")
    assert out == (
        'flows/a.yaml:2:1: error: A call flow has no key "step". Did you mean "steps"? [schema]\n'
        "    step: []\n"
        "    ^\n"
        "\n"
        "flows/b.yaml:4:28: error: destination must be text. Put it in quotes: "
        'destination: "+442079460123". Without quotes it is the number 442079460123. [schema]\n'
        "    options: {destination: +442079460123}\n"
        "                           ^\n"
        "\n"
        'flows/c.yaml:1:8: warning: flows/b.yaml has the title "Menu" too. '
        "Change one, so that people can tell them apart. [same-title]\n"
        "    title: Menu\n"
        "           ^\n"
        "\n"
        "flows/d.yaml:1:5: warning: id is set by the service and ignored here. "
        "Remove the line. [service-fields]\n"
        "    id: x\n"
        "        ^\n"
        "\n"
        "4 flows checked: 2 errors, 2 warnings.\n"
    )


def test_warnings_alone_are_no_failure(tmp_path):
    write(tmp_path, {"flows/a.yaml": "id: x\n" + GOOD.format("A")})
    code, out, _ = validate(cwd=tmp_path)
    assert (code, out.splitlines()[-1]) == (0, "1 flow checked: 1 warning.")


def test_json(tmp_path):
    write(tmp_path, {"flows/b.yaml": BAD})
    code, out, err = validate("--format", "json", cwd=tmp_path)
    assert (code, err) == (1, "")
    assert json.loads(out) == {
        "problems": [
            {
                "rule": "schema",
                "severity": "error",
                "message": "destination must be text. Put it in quotes: "
                'destination: "+442079460123". '
                "Without quotes it is the number 442079460123.",
                "file": "flows/b.yaml",
                "line": 4,
                "column": 28,
                "path": "steps[0].options.destination",
            }
        ]
    }


def test_json_without_problems(tmp_path):
    write(tmp_path, {"flows/a.yaml": GOOD.format("A")})
    code, out, _ = validate("--format", "json", cwd=tmp_path)
    assert (code, json.loads(out)) == (0, {"problems": []})


def test_github_annotations_name_files_from_the_repository(tmp_path):
    write(tmp_path, {"voice/flows/50%,a:b.yaml": BAD, "voice/mbflow.yaml": "project: acme\n"})
    (tmp_path / ".git").mkdir()
    code, out, _ = validate("-C", "voice", "--format", "github", cwd=tmp_path)
    assert code == 1
    assert out == (
        "::error col=28,file=voice/flows/50%25%2Ca%3Ab.yaml,line=4,title=schema::destination must "
        'be text. Put it in quotes: destination: "+442079460123". '
        "Without quotes it is the number 442079460123.\n"
    )


def test_github_without_problems_says_nothing(tmp_path):
    write(tmp_path, {"flows/a.yaml": GOOD.format("A")})
    assert validate("--format", "github", cwd=tmp_path) == (0, "", "")


def test_sarif(tmp_path):
    write(tmp_path, {"flows/ä b.yaml": BAD, "flows/c.yml": ""})
    code, out, _ = validate("--format", "sarif", cwd=tmp_path)
    log = json.loads(out)
    assert (code, log["version"]) == (1, "2.1.0")
    assert log["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "mbflow"
    assert [rule["id"] for rule in driver["rules"]] == ["file-name", "schema"]
    assert driver["rules"][1]["shortDescription"] == {
        "text": "The file does not match its JSON Schema."
    }
    assert driver["rules"][1]["defaultConfiguration"] == {"level": "error"}
    by_name, by_schema = run["results"]
    assert by_name["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "flows/c.yml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 1},
            }
        }
    ]
    assert (by_schema["ruleId"], by_schema["ruleIndex"], by_schema["level"]) == (
        "schema",
        1,
        "error",
    )
    assert by_schema["message"]["text"].startswith("destination must be text.")
    assert by_schema["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "flows/%C3%A4%20b.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4, "startColumn": 28, "endLine": 4},
    }


def test_one_file_needs_no_project(tmp_path):
    write(tmp_path, {"one/menu.yaml": GOOD.format("Menu"), "two/.keep": ""})
    path = tmp_path / "one/menu.yaml"
    assert validate(path, cwd="/")[:2] == (0, "1 flow checked: no problems.\n")
    assert validate("../one/menu.yaml", cwd=tmp_path / "two")[:2] == (
        0,
        "1 flow checked: no problems.\n",
    )


def test_a_json_example_of_the_api_is_a_flow(tmp_path):
    flow = {"title": "Forward", "steps": [{"action": "hangup", "options": None}]}
    write(tmp_path, {"flow.json": json.dumps(flow)})
    assert validate("flow.json", cwd=tmp_path)[:2] == (0, "1 flow checked: no problems.\n")


def test_a_folder_of_flows_needs_no_project(tmp_path):
    write(tmp_path, {"some/a.yaml": GOOD.format("A"), "some/b/c.yaml": BAD})
    code, out, _ = validate("some", cwd=tmp_path)
    assert (code, out.splitlines()[0][:30]) == (1, "some/b/c.yaml:4:28: error: des")


def test_paths_choose_among_the_projects_files(tmp_path):
    files = {"mbflow.yaml": "variables: {x: a}\n", "flows/a/b.yaml": "title: ${x}\nsteps: []\n"}
    write(tmp_path, files | {"flows/c.yaml": BAD, "flows/a/d.yml": "", "flows/a/e.calls.yaml": "x"})
    _, out, _ = validate("flows/a", cwd=tmp_path)
    assert [line.split(":")[0] for line in out.splitlines() if "error" in line] == [
        *("flows/a/b.yaml", "flows/a/d.yml", "flows/a/e.calls.yaml"),
        "1 flow and 1 call file checked",
    ]
    _, out, _ = validate("../flows/c.yaml", cwd=tmp_path / "flows")
    assert out.startswith("c.yaml:4:28: error: destination must be text.")
    _, out, _ = validate("flows/a/e.calls.yaml", cwd=tmp_path)
    assert out.startswith("flows/a/e.calls.yaml:1:1: error: ")
    assert out.splitlines()[-1] == "1 call file checked: 1 error."
    assert validate(".", cwd=tmp_path)[1] == validate(cwd=tmp_path)[1]


def test_the_project_file_is_checked_and_its_lines_hidden(tmp_path):
    text = "variables:\n  pin: {value: hush-hush, secret: true}\n"
    write(
        tmp_path, {"mbflow.yaml": text, "flows/a.yaml": 'title: "${pin}"\nsteps: [{action: x}]\n'}
    )
    code, out, err = validate(cwd=tmp_path)
    assert code == 1
    assert "hush" not in out + err
    assert out.splitlines()[-2:] == ["", "1 flow checked: 2 errors."]
    assert [line for line in out.splitlines() if "error:" in line] == [
        'flows/a.yaml:2:18: error: There is no action "x". Use transfer, say, play, pause, '
        "record, fetchCallFlow, sendKeys or hangup. [schema]",
        'mbflow.yaml:2:8: error: The variable "pin" is secret, but its value is in this '
        "file. Take it from a process variable: env: NAME [project-file]",
    ]


def test_without_e_every_environment_is_checked(tmp_path):
    write(tmp_path, {"mbflow.yaml": PROJECT, "flows/wait.yaml": WAIT, "flows/b.yaml": BAD})
    code, out, _ = validate(cwd=tmp_path)
    assert code == 1
    assert [line for line in out.splitlines() if "error:" in line] == [
        "flows/b.yaml:4:28: error: destination must be text. Put it in quotes: destination: "
        '"+442079460123". Without quotes it is the number 442079460123. [schema]',
        'flows/wait.yaml:4:23: error: length must be a whole number, but the variable "patience" '
        'is text. Give it the type integer in mbflow.yaml. ${patience} stands for "5" '
        "(mbflow.yaml:5). (in staging) [schema]",
    ]


def test_with_e_only_that_environment_is_checked(tmp_path):
    write(tmp_path, {"mbflow.yaml": PROJECT, "flows/wait.yaml": WAIT})
    assert validate("-e", "production", cwd=tmp_path)[0] == 0
    assert mbflow("-e", "production", "validate", cwd=tmp_path)[0] == 0
    assert validate(cwd=tmp_path, MBFLOW_ENVIRONMENT="production")[0] == 0
    code, out, _ = validate("-e", "staging", cwd=tmp_path)
    assert (code, "(in staging)" in out) == (1, False)


def test_a_flow_is_checked_where_it_is_wanted(tmp_path):
    only = "mbflow: {environments: [production]}\n"
    write(tmp_path, {"mbflow.yaml": PROJECT, "flows/wait.yaml": WAIT + only})
    assert validate(cwd=tmp_path)[0] == 0


def test_a_variable_without_a_value_is_a_warning(tmp_path):
    project = "variables: {patience: {env: ACME_PATIENCE, type: integer}}\n"
    write(tmp_path, {"mbflow.yaml": project, "flows/wait.yaml": WAIT})
    code, out, _ = validate(cwd=tmp_path)
    assert (code, out.splitlines()[0]) == (
        0,
        'flows/wait.yaml:4:23: warning: The variable "patience" has no value: the process '
        "variable ACME_PATIENCE is not set. [unset-variable]",
    )
    assert validate(cwd=tmp_path, ACME_PATIENCE="5")[1] == "1 flow checked: no problems.\n"
    assert "not hold a whole number" in validate(cwd=tmp_path, ACME_PATIENCE="long")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "Error: There is no file, folder or flow nowhere.yaml.\n"),
        (
            ["-e", "prod"],
            'Error: There is no environment "prod".\n'
            "  None is declared in mbflow.yaml: there is only local.\n",
        ),
        (
            [],
            "Error: There is nothing to check: no mbflow.yaml and no flows folder here or above.\n"
            "  Name the files to check, or start a project with:\n      mbflow init\n",
        ),
    ],
)
def test_wrong_usage(arguments, said, tmp_path):
    assert validate(*arguments, cwd=tmp_path) == (64, "", said)


def test_a_mistake_that_hides_an_environment_is_told(tmp_path):
    text = "environments:\n  lab:\n    enpoint: http://127.0.0.1:8080\n"
    write(tmp_path, {"mbflow.yaml": text, "flows/a.yaml": "title: A\nsteps: [{action: hangup}]\n"})
    code, out, err = validate("-e", "lab", cwd=tmp_path)
    assert (code, err) == (1, "")
    assert 'mbflow.yaml:3:5: error: There is no key "enpoint" here.' in out


def test_a_flows_folder_that_is_not_there_is_an_error(tmp_path):
    write(tmp_path, {"mbflow.yaml": "flows: floes\n"})
    assert validate(cwd=tmp_path)[:2] == (
        1,
        "mbflow.yaml: error: There is no folder floes beside this file, so there are no flows. "
        "[project-file]\n\nNo flow checked: 1 error.\n",
    )


def test_hostile_texts_are_shown_harmlessly(tmp_path):
    text = 'title: "::error::\\e[31m\u202e"\nsteps:\n  - action: "##[error]\\n::warning::x\\e[2J"\n'
    write(tmp_path, {"flows/a.yaml": text})
    for output_format in ("text", "github"):
        _, out, _ = validate("--format", output_format, cwd=tmp_path)
        assert not set(out) & {"\x1b", "\u202e"}
        assert "##[" not in out
        assert sum(line.startswith("::") for line in out.splitlines()) == (
            output_format == "github"
        )


def test_long_lines_are_cut_around_their_problem(tmp_path):
    payload = "word " * 60
    text = (
        "title: T\nsteps:\n  - {action: say, options: {payload: " + payload + ", "
        "language: en-GB, voice: femal, repeat: 2}, onKeypressGoto: aaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n"
    )
    write(tmp_path, {"flows/a.yaml": text})
    lines = validate(cwd=tmp_path)[1].splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("[schema]"))
    assert lines[at + 1] == (
        "    … word word word word , language: en-GB, voice: femal, repeat: 2}, onKeypre…"
    )
    assert lines[at + 1][lines[at + 2].index("^") :].startswith("femal")


BROKEN = {
    "syntax": (
        "project: acme\nenvironments: [\n",
        "mbflow.yaml:3:1: error: This is not valid YAML",
    ),
    "twice": (
        "project: a\nproject: b\n",
        'mbflow.yaml:2:1: error: The key "project" is given twice',
    ),
    "key": (
        "project: a\nenvironments: {production: {endpont: x}}\n",
        'mbflow.yaml:2:29: error: There is no key "endpont" here.',
    ),
    "kind": ("- project\n", "mbflow.yaml:1:1: error: "),
    "folder": (None, "mbflow.yaml: error: The file cannot be read: Is a directory."),
    "link": (None, "mbflow.yaml: error: The file cannot be read: No such file or directory."),
    "name": (None, "mbflow.yml: error: The project file is called mbflow.yaml; "),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_project_file_is_what_is_told(tmp_path, kind):
    """Not that the environment is unknown: it is, because the file cannot be read."""
    text, told = BROKEN[kind]
    write(tmp_path, {"flows/a.yaml": GOOD.format("A")})
    project = tmp_path / "mbflow.yaml"
    if text is not None:
        project.write_text(text)
    elif kind == "folder":
        project.mkdir()
    elif kind == "link":
        project.symlink_to("nowhere")
    else:
        (tmp_path / "mbflow.yml").write_text("project: acme\n")
    for words in (
        ["validate"],
        ["validate", "a"],
        ["validate", "flows/a.yaml"],
        ["graph"],
        ["plan"],
    ):
        code, out, err = mbflow(*words, cwd=tmp_path, MBFLOW_ENVIRONMENT="production")
        assert code == 1, words
        assert f"{out}{err}".startswith(told), words
        assert "There is no environment" not in f"{out}{err}"


WARNED = "title: {0}\nsteps:\n  - action: hangup\n  - action: hangup\n"


def git(folder, *words):
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *names, *words], check=True, capture_output=True)


def test_warnings_about_files_as_at_the_base_are_counted(tmp_path):
    (tmp_path / "acme").mkdir()
    root = tmp_path / "acme" / "voice"
    write(root, {f"flows/{name}.yaml": WARNED.format(name) for name in "abcd"})
    git(tmp_path / "acme", "init", "-q", "-b", "main")
    git(tmp_path / "acme", "add", ".")
    git(tmp_path / "acme", "commit", "-q", "-m", "first")
    write(root, {"flows/b.yaml": WARNED.format("Bb"), "flows/new.yaml": WARNED.format("new")})
    everything = validate(cwd=root)[1]
    warnings = everything.count("warning:")
    left = f"Not shown: {warnings * 3 // 5} warnings about files that are as at main. "
    code, out, err = validate("--base", "main", cwd=root)
    assert (code, err) == (0, "")
    assert {line.partition(":")[0] for line in out.splitlines() if "warning:" in line} == {
        "flows/b.yaml",
        "flows/new.yaml",
    }
    assert out.endswith(
        f"5 flows checked: {warnings} warnings.\n{left}To see all: mbflow validate\n"
    )
    write(root, {"flows/a.yaml": BAD})
    git(tmp_path / "acme", "commit", "-q", "-a", "-m", "wrong")
    # From elsewhere, and what is wrong stands first wherever it is.
    code, out, _ = validate("-C", "voice", "--base", "HEAD", "--format", "github", cwd=root.parent)
    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("::error col=28,file=voice/flows/a.yaml,line=4")
    assert all("file=voice/flows/new.yaml" in line for line in lines[1:-1]) and len(lines) > 2
    assert lines[-1].startswith("::notice title=mbflow::Not shown: ")
    assert validate("--base", "0" * 40, cwd=root)[1] == validate(cwd=root)[1]
    _, out, err = validate("--base", "gone", cwd=root)
    assert out == validate(cwd=root)[1]
    assert err == "Warnings about all files are shown: git cannot compare them with gone.\n"
    code, _, err = validate("--base", "main", "--format", "sarif", cwd=root)
    assert code == 64 and "other formats hold all" in err


def test_a_broken_project_file_is_all_that_is_told(tmp_path):
    write(tmp_path, {"mbflow.yaml": "project: [\n"})
    code, out, err = validate(cwd=tmp_path)
    assert code == 1
    assert "This is not valid YAML" in out + err and "There is no folder" not in out + err
