"""mbflow.yaml: what it may say, what it may not, and which environment a run is for."""

import pytest

from mbflow.model.errors import UsageError
from mbflow.project.project_file import choose_environment, find_root, read_project

REMOTE = "https://voice.messagebird.com"


def read(folder, text, **environ):
    (folder / "mbflow.yaml").write_text(text)
    return read_project(folder, environ)


def told(folder, text, **environ):
    problems = read(folder, text, **environ).problems
    return [(problem.rule, problem.line, problem.column, problem.message) for problem in problems]


FULL = f"""\
project: acme
project_was: [old, older]
flows: voice/flows
variables:
  sales: "442079460123"
  patience: 5
  factor: 1.5
  recorded: true
  typed: {{value: 7, type: integer}}
removed: [billing/menu]
rules: {{same-title: error}}
environments:
  production:
    endpoint: {REMOTE}/
    access_key_env: ACME_KEY
    access_key_kind: live
    identity: live
    settle_seconds: 12.5
    require_plan: true
    plan_max_age: 90m
    variables: {{sales: "442079460999"}}
  staging: {{endpoint: "http://127.0.0.1:8080", plan_max_age: 60}}
  trial: {{endpoint: embedded}}
  local: {{variables: {{patience: 1}}}}
"""


def test_a_project_is_what_its_file_says(tmp_path):
    stated = read(tmp_path, FULL)
    assert stated.problems == ()
    project = stated.project
    assert (project.name, project.former_names) == ("acme", ("old", "older"))
    assert (project.flows, project.removed) == ("voice/flows", ("billing/menu",))
    assert project.severities == {"same-title": "error"}
    assert project.declared == ("production", "staging", "trial", "local")
    production = project.environments["production"]
    assert (production.endpoint, production.access_key_env) == (REMOTE, "ACME_KEY")
    assert (production.identity, production.settle_seconds) == ("live", 12.5)
    assert (production.require_plan, production.plan_max_age) == (True, 5400)
    assert not production.is_embedded
    staging = project.environments["staging"]
    assert (staging.endpoint, staging.plan_max_age) == ("http://127.0.0.1:8080", 60)
    assert (staging.identity, staging.settle_seconds) == ("staging", 30)
    assert staging.access_key_env == "MESSAGEBIRD_ACCESS_KEY"
    assert (production.access_key_kind, staging.access_key_kind) == ("live", "")
    assert project.environments["trial"].is_embedded
    assert project.environments["local"].settle_seconds == 0


def test_an_environments_variables_go_over_the_projects(tmp_path):
    environments = read(tmp_path, FULL).project.environments
    values = {
        name: {variable.name: variable.value for variable in environment.variables.values()}
        for name, environment in environments.items()
    }
    shared = {"sales": "442079460123", "patience": 5, "factor": 1.5, "recorded": True, "typed": 7}
    assert values["staging"] == shared
    assert values["production"] == shared | {"sales": "442079460999"}
    assert values["local"] == shared | {"patience": 1}


@pytest.mark.parametrize(
    ("stated", "environ", "value", "trouble"),
    [
        ("{env: X}", {"X": "007"}, "007", ""),
        ("{env: X, type: integer}", {"X": "007"}, 7, ""),
        ("{env: X, type: integer}", {"X": " -7 "}, -7, ""),
        ("{env: X, type: number}", {"X": "1.5"}, 1.5, ""),
        ("{env: X, type: number}", {"X": "2"}, 2, ""),
        ("{env: X, type: boolean}", {"X": "True"}, True, ""),
        ("{env: X}", {}, None, "the process variable X is not set"),
        ("{env: X}", {"X": ""}, None, "the process variable X is not set"),
        ("{env: X, default: 5}", {}, 5, "the process variable X is not set"),
        *[
            (f"{{env: X, type: {kind}}}", {"X": text}, None, f"does not hold {said}")
            for kind, text, said in [
                ("integer", "seven", "a whole number"),
                ("integer", "1.5", "a whole number"),
                ("integer", "1" * 5000, "a whole number"),
                ("number", "nan", "a number"),
                ("number", "1e999", "a number"),
                ("boolean", "yes", "true or false"),
            ]
        ],
    ],
)
def test_a_variable_can_come_from_the_process(stated, environ, value, trouble, tmp_path):
    stated = read(tmp_path, f"variables:\n  x: {stated}\n", **environ)
    assert stated.problems == ()
    variable = stated.project.environments["local"].variables["x"]
    assert (variable.value, type(variable.value)) == (value, type(value))
    assert trouble in variable.trouble


FOLDER = "flows must be a folder inside the one with mbflow.yaml, such as flows."
NEEDS = "needs either a value, or env: the process variable it is in."


NO_DIGITS = "is not a number in digits."
FORM = (
    "Numbers are E.164 digits in quotes: the country code first, no plus, no leading zero, no "
    'blanks, as in "442079460100".'
)
ABOVE = "belongs to an environment. Move it under environments and its name."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("projct: acme", (1, 1, 'There is no key "projct" here. Did you mean "project"?')),
        ("numbers: {'442079460100': menu}", (1, 1, f"numbers {ABOVE}")),
        ("endpoint: embedded", (1, 1, f"endpoint {ABOVE}")),
        ("project: 7", (1, 10, 'project must be text. Put it in quotes: project: "7".')),
        ("- project", (1, 1, "The file must be a mapping of keys and values, not a list.")),
        (
            'project: "a\\x1bb"',
            (1, 10, "The project's name has stray spaces or invisible characters. Remove them."),
        ),
        *[
            (f"flows: {folder}", (1, 8, FOLDER))
            for folder in ("../flows", "/flows", ".", "a/../../b", "a\\b")
        ],
        (
            "rules: {same-titel: error}",
            (1, 9, 'There is no rule "same-titel". Did you mean "same-title"?'),
        ),
        (
            "rules: {same-title: errr}",
            (1, 21, 'same-title must be error, warning or off, not "errr". Did you mean "error"?'),
        ),
        ("variables: {x: [1]}", (1, 16, "x must be text, a number, true or false or a mapping of "
                                        "keys and values, not a list.")),
        ("variables: {x: }", (1, 16, "x has no value. Give it one, or remove the key.")),
        (
            "variables: {a b: 1}",
            (1, 13, '"a b" is not a name. Variables are named with letters, digits, dashes and '
                    "underscores, and begin with a letter."),
        ),
        ("variables: {x: {type: integer}}", (1, 16, f'The variable "x" {NEEDS}')),
        ("variables: {x: {value: 1, env: X}}", (1, 16, f'The variable "x" {NEEDS}')),
        (
            "variables: {x: {value: hush, secret: true}}",
            (1, 16, 'The variable "x" is secret, but its value is in this file. '
                    "Take it from a process variable: env: NAME"),
        ),
        (
            "variables: {x: {env: X, type: integer, default: five}}",
            (1, 16, 'The variable "x" has the type integer, but this is not a whole number.'),
        ),
        (
            "variables: {x: +442079460123}",
            (1, 16, 'Without quotes +442079460123 is the number 442079460123. Write '
                    '"+442079460123" for a text such as a telephone number, or 442079460123 for '
                    "a number."),
        ),
        (
            "environments: {local: {variables: {x: {value: 0612}}}}",
            (1, 47, 'Without quotes 0612 is the number 612. Write "0612" for a text such as a '
                    "telephone number, or 612 for a number."),
        ),
        (
            "environments: {a/b: {endpoint: embedded}}",
            (1, 16, '"a/b" is not a name. Environments are named with letters, digits, dots, '
                    "dashes and underscores."),
        ),
        (
            "environments: {prod: }",
            (1, 22, 'The environment "prod" needs an endpoint: https://voice.messagebird.com, or '
                    "embedded for the built-in emulator."),
        ),
        (
            f"environments: {{prod: {{endpoint: '{REMOTE}'}}}}",
            (1, 22, 'The project needs a name: live flows of "prod" are marked with it. '
                    "Add a line such as project: acme"),
        ),
        (
            f"environments: {{local: {{endpoint: '{REMOTE}'}}}}\nproject: acme",
            (1, 34, "local is always the built-in emulator. Give this environment another name."),
        ),
        (
            "environments: {prod: {endpoint: embedded, plan_max_age: soon}}",
            (1, 57, 'plan_max_age cannot be "soon". Write it like 24h or 90m.'),
        ),
        (
            "removed: [menu, '442079460100']",
            (
                1,
                17,
                "removed lists names of flows, and 442079460100 is a number. To let mbflow leave a "
                "number alone, take its line out of numbers.",
            ),
        ),
        (
            "environments: {local: {numbers: {'442079': menu}}}",
            (1, 34, f'"442079" {NO_DIGITS} {FORM}'),
        ),
        (
            "environments: {local: {numbers: {'+442079460100': menu}}}",
            (1, 34, f'"+442079460100" {NO_DIGITS} Did you mean "442079460100"? {FORM}'),
        ),
        (
            "environments: {local: {numbers: {'9990000000': menu}}}",
            (
                1,
                34,
                "9990000000 cannot be a complete telephone number. Write its country code first, "
                'as in "442079460100".',
            ),
        ),
        (
            "environments: {local: {numbers: {'442079460100': {open: menu, closed: night}}}}",
            (1, 50, '442079460100 needs calendar: the name of a file below calendars, without its '
             'suffix.'),
        ),
        (
            "environments: {prod: {endpoint: embedded, acess_key_env: X}}",
            (1, 43, 'There is no key "acess_key_env" here. Did you mean "access_key_env"?'),
        ),
    ],
)  # fmt: skip
def test_what_a_project_cannot_say(text, problem, tmp_path):
    rule = "unknown-rule" if "There is no rule" in problem[2] else "project-file"
    assert told(tmp_path, text) == [(rule, *problem)]


HTTPS = (
    "endpoint must begin with https://: plain http would send the access key unencrypted. "
    "http:// is for this machine, such as http://127.0.0.1:8080. For an emulator elsewhere add "
    "allow_http: true to this environment."
)
NO_ADDRESS = "endpoint is not a URL. Write it like https://voice.messagebird.com."
BARE = "endpoint must be a URL without user, password, ? or #."


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("http://voice.messagebird.com", HTTPS),
        ("http://127.0.0.1.example.com", HTTPS),
        ("http://localhost.example.com", HTTPS),
        ("voice.messagebird.com", NO_ADDRESS),
        ("ftp://voice.messagebird.com", NO_ADDRESS),
        ("https://", NO_ADDRESS),
        ("https://[", NO_ADDRESS),
        ("https://host:port", NO_ADDRESS),
        ("https://user:secret@voice.messagebird.com", BARE),
        ("https://voice.messagebird.com?x=1", BARE),
        ("https://voice.messagebird.com#x", BARE),
    ],
)
def test_an_endpoint_must_keep_the_access_key_safe(endpoint, message, tmp_path):
    text = f"project: acme\nenvironments:\n  prod:\n    endpoint: '{endpoint}'\n"
    assert told(tmp_path, text) == [("project-file", 4, 15, message)]


@pytest.mark.parametrize("endpoint", ["http://emulator:8080", "http://192.0.2.7", "http://[::2]"])
def test_plain_http_to_another_machine_is_said_aloud(endpoint, tmp_path):
    def stated(allowed):
        text = f"project: acme\nenvironments:\n  ci: {{endpoint: '{endpoint}'{allowed}}}\n"
        return read(tmp_path, text)

    taken = stated(", allow_http: true")
    assert (taken.problems, taken.project.environments["ci"].endpoint) == ((), endpoint)
    for refused in (stated(""), stated(", allow_http: false")):
        assert [problem.message for problem in refused.problems] == [HTTPS]


def test_allow_http_allows_nothing_but_http(tmp_path):
    text = "project: acme\nenvironments:\n  ci: {{endpoint: '{}', allow_http: true}}\n".format
    assert told(tmp_path, text("ftp://emulator"))[0][-1] == NO_ADDRESS
    assert told(tmp_path, text("http://me:secret@emulator"))[0][-1] == BARE
    assert told(tmp_path, text("http://"))[0][-1] == NO_ADDRESS


@pytest.mark.parametrize(
    "endpoint",
    [
        *(REMOTE, f"{REMOTE}/v1", "http://localhost:1", "http://127.9.9.9", "http://[::1]:80"),
        *("https://[::1]", "embedded"),
    ],
)
def test_a_safe_endpoint_is_taken(endpoint, tmp_path):
    text = f"project: acme\nenvironments: {{prod: {{endpoint: '{endpoint}'}}}}\n"
    stated = read(tmp_path, text)
    assert (stated.problems, stated.project.environments["prod"].endpoint) == ((), endpoint)


@pytest.mark.parametrize(
    "text",
    [
        "environments: {prod: {endpoint: embedded, access_key_env: live_abcdefghij0123456789}}",
        "environments: {prod: {endpoint: embedded, access_key_env: live_abcdefghij-0123456789}}",
        "environments: {prod: {endpoint: embedded, access_key_kind: live_abcdefghij0123456789}}",
        "environments: {prod: {endpoint: embedded, access_key: live_abcdefghij0123456789}}",
        "variables: {x: {value: live_abcdefghij0123456789, secret: true}}",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(text, tmp_path):
    problems = told(tmp_path, text)
    assert len(problems) == 1
    assert "abcdefghij" not in str(problems)


def test_a_missing_file_gives_the_default(tmp_path):
    stated = read_project(tmp_path, {})
    assert (stated.project.name, stated.exists, stated.problems) == ("local", False, ())
    assert choose_environment(stated.project, None).is_embedded


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_an_empty_file_gives_the_default(text, tmp_path):
    stated = read(tmp_path, text)
    assert (stated.project.name, stated.exists, stated.problems) == ("local", True, ())


def test_a_project_file_with_another_suffix_is_a_problem(tmp_path):
    (tmp_path / "mbflow.yml").write_text("project: acme\n")
    (problem,) = read_project(tmp_path, {}).problems
    assert (problem.file, problem.message) == (
        "mbflow.yml",
        "The project file is called mbflow.yaml; this one would be ignored. Rename it.",
    )


def test_a_project_file_that_cannot_be_read_is_a_problem(tmp_path):
    (tmp_path / "mbflow.yaml").mkdir()
    (problem,) = read_project(tmp_path, {}).problems
    assert problem.message == "The file cannot be read: Is a directory."


def test_the_root_is_the_nearest_folder_with_a_project_file(tmp_path):
    inner = tmp_path / "flows" / "billing"
    inner.mkdir(parents=True)
    assert find_root(inner) == inner
    (tmp_path / "mbflow.yaml").touch()
    assert find_root(inner) == tmp_path


def choose(folder, text, name):
    return choose_environment(read(folder, text).project, name).name


MANY = f"""\
project: acme
environments: {{prod: {{endpoint: '{REMOTE}'}}, staging: {{endpoint: embedded}}}}
"""


def test_local_needs_no_name_where_nothing_else_is_declared(tmp_path):
    assert choose(tmp_path, "project: acme", None) == "local"
    assert choose(tmp_path, "environments: {local: {}}", None) == "local"
    assert choose(tmp_path, "project: acme", "local") == "local"


def test_an_environment_must_be_named_where_others_are_declared(tmp_path):
    with pytest.raises(UsageError) as stop:
        choose(tmp_path, MANY, None)
    assert stop.value.exit_code == 64
    assert stop.value.summary == "Which environment? This project has prod, staging and local."
    assert stop.value.details == ("Name one: -e prod, or MBFLOW_ENVIRONMENT=prod.",)
    assert choose(tmp_path, MANY, "prod") == "prod"
    assert choose(tmp_path, MANY, "local") == "local"


def test_an_unknown_environment_is_guessed(tmp_path):
    with pytest.raises(UsageError) as stop:
        choose(tmp_path, MANY, "stagin")
    assert stop.value.summary == 'There is no environment "stagin". Did you mean "staging"?'
    assert stop.value.details == ("This project has local, prod and staging.",)


def test_a_variable_knows_where_its_value_stands(tmp_path):
    environments = read(tmp_path, FULL).project.environments
    places = {name: of.variables["sales"].place for name, of in environments.items()}
    assert places["production"] == (21, 24)
    assert places["staging"] == places["local"] == (5, 10)
    assert environments["local"].variables["patience"].place == (24, 33)
