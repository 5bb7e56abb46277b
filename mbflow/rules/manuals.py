"""The rules that have no check, with their manuals: what is wrong shows while files are read."""

from __future__ import annotations

from mbflow.model.problem import Severity
from mbflow.rules.rule import Rule
from mbflow.rules.yaml_manuals import YAML_MANUALS

_WARNINGS = {"unset-variable", "yaml-text", "promise-of-no-flow"}
_WARNINGS |= {"clock-change", "no-holidays"}
_MANUALS = {
    **YAML_MANUALS,
    "file-name": """\
A file in the flows folder cannot be a call flow because of its name; or a file below `calendars/`
no calendar.

Both end in `.yaml`; one that ends in `.yml` or `.json` would silently be ignored. The path without
`.yaml` is the name. Names must differ in more than upper and lower case and must not hold invisible
characters, and no part of a name may begin with a dash.

Fails:

    # flows/menu.yml
    steps: [{action: hangup}]

Passes:

    # flows/menu.yaml
    steps: [{action: hangup}]""",
    "file-unreadable": """\
A file in the flows folder, or below `calendars/`, cannot be read.

It is a link to something that is missing or outside the project, it is not a regular file, or
this user has no permission to read it. A flow that cannot be read has not been removed, so
nothing is applied until it can be read.""",
    "project-file": """\
`mbflow.yaml` has a setting that is not valid.

Nothing is planned or applied until the project file is corrected.

Fails:

    # mbflow.yaml
    project: acme
    environments:
      production: {endpoint: "http://voice.messagebird.com"}

Passes:

    # mbflow.yaml
    project: acme
    environments:
      production: {endpoint: "https://voice.messagebird.com"}""",
    "number-of-no-flow": """\
A number in `mbflow.yaml` is to lead to a call flow that is not there.

There is no flow file of that name, its file is for other environments, or its name stands under
`removed:`. Callers of the number would hear nothing, so nothing is planned or applied.

Fails:

    # mbflow.yaml
    environments:
      local:
        numbers: {"442079460100": suport/menu}
    # flows/support/menu.yaml
    title: Menu
    steps: [{action: hangup}]

Passes:

    # mbflow.yaml
    environments:
      local:
        numbers: {"442079460100": support/menu}
    # flows/support/menu.yaml
    title: Menu
    steps: [{action: hangup}]""",
    "number-of-no-calendar": """\
A number in `mbflow.yaml` is led by a calendar that is not there.

A calendar is a file below `calendars/`, and its name is the file's without `.yaml`. Nobody knows
which call flow the number leads to, so nothing is planned or applied.

Fails:

    # mbflow.yaml
    environments:
      local:
        numbers: {"442079460100": {calendar: ofice, open: menu, closed: menu}}
    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    # calendars/office.yaml
    zone: Europe/London
    open: {monday-friday: 09:00-17:30}

Passes:

    # mbflow.yaml
    environments:
      local:
        numbers: {"442079460100": {calendar: office, open: menu, closed: menu}}
    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    # calendars/office.yaml
    zone: Europe/London
    open: {monday-friday: 09:00-17:30}""",
    "calendar-file": """\
A calendar (`calendars/NAME.yaml`) cannot be used.

It does not match its schema (`mbflow schema calendar` prints it), periods or exceptions overlap, a
date, a time or a time zone does not exist, the public holidays are of no region, or the iCal file
cannot be read. Numbers that it leads would lead anywhere, so nothing is planned or applied.

Fails:

    # mbflow.yaml
    project: acme
    # calendars/office.yaml
    zone: Europe/Londn
    open: {monday-friday: ["09:00-13:00", "12:00-17:30"]}

Passes:

    # mbflow.yaml
    project: acme
    # calendars/office.yaml
    zone: Europe/London
    open: {monday-friday: ["09:00-12:00", "13:00-17:30"]}""",
    "no-holidays": """\
A calendar has public holidays, and none is known of this year or the next.

Some countries announce their holidays year by year, and the package `holidays` learns them later.
On such a day the calendar says what the hours of the week say. Update the package, or write the
days as exceptions.""",
    "clock-change": """\
On a night in which the clocks change, a time of the weekly hours comes twice, or not at all.

Hours begin the first time that the clocks show their begin and end the last time, so that no
minute of them is lost; a time that is skipped is the moment of the skip. If that is not what you
want, add an exception for the date that the message names.

Fails:

    # mbflow.yaml
    project: acme
    # calendars/bar.yaml
    zone: Europe/London
    open: {saturday: 20:00-01:30}

Passes:

    # mbflow.yaml
    project: acme
    # calendars/bar.yaml
    zone: Europe/London
    open: {saturday: 20:00-00:30}""",
    "promise-of-no-flow": """\
A promise in `mbflow.yaml`, or an exception of it, fits the name of no flow.

Nothing is promised then, and nobody would see it. `*` stands for a part of a name, `**` for any
folders.

Fails:

    # mbflow.yaml
    promises:
      - {name: no deep menus, flows: "suport/**", at_most: {menus: 2}}
    # flows/support/menu.yaml
    title: Menu
    steps: [{action: hangup}]

Passes:

    # mbflow.yaml
    promises:
      - {name: no deep menus, flows: "support/**", at_most: {menus: 2}}
    # flows/support/menu.yaml
    title: Menu
    steps: [{action: hangup}]""",
    "broken-promise": """\
A call is possible that breaks a promise of `mbflow.yaml`.

`mbflow test` prints the shortest such call as an item of a call file, and fails; a plan in which a
changed flow breaks a promise cannot be applied. A promise of the level `warning` stops nothing.
Change the flow, or the promise; `except` names a flow of which it is not promised, and why.""",
    "undecided-promise": """\
Nobody can tell whether a promise of `mbflow.yaml` holds.

A web server gives the flow that goes on with the call, a secret decides which number is rung or
which keys are asked for, or there are more different calls than mbflow looks at. What is not
decided does not hold: say `allow_undecided: true` in the promise where that is enough.""",
    "schema": """\
The file does not match its JSON Schema.

The schema says which actions there are, which options each of them has, and which values these
can have; `mbflow schema call-flow` prints it. The message says where the mistake is and what to
write.

The most common mistake is a telephone number without quotes: YAML reads it as a number, and its
plus or its leading zero is lost.

Fails:

    steps: [{action: transfer, options: {destination: +442079460123}}]

Passes:

    steps: [{action: transfer, options: {destination: "442079460123"}}]""",
    "unknown-variable": """\
A text refers to a variable that is not declared.

`${name}` stands for the value of a variable in `mbflow.yaml`. For the text `${` itself write
`$${`.

Fails:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    # flows/sales.yaml
    title: Sales
    steps: [{action: transfer, options: {destination: "${sale_number}"}}]

Passes:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    # flows/sales.yaml
    title: Sales
    steps: [{action: transfer, options: {destination: "${sales_number}"}}]""",
    "unset-variable": """\
A variable has no value, because the process variable it comes from is not set.

`validate` warns, and does not check the values that depend on it, so that flows can be checked
without the secrets. For `plan` and `apply` it is an error.

Fails:

    # mbflow.yaml
    project: acme
    variables: {pin: {env: ACME_PIN_THAT_NOBODY_SET, secret: true}}
    # flows/pin.yaml
    title: Pin
    steps: [{action: sendKeys, options: {keys: "${pin}"}}]

Passes:

    # mbflow.yaml
    project: acme
    variables: {pin: {env: ACME_PIN_THAT_NOBODY_SET, default: "0000"}}
    # flows/pin.yaml
    title: Pin
    steps: [{action: sendKeys, options: {keys: "${pin}"}}]""",
    "unknown-override": """\
An environment sets a variable whose name is nearly that of a variable of the project.

An environment's variables override those of the project. With a misspelt name the project's value
would silently stay in use: staging would ring the number of production. A variable may be set in
environments only, as long as a flow or a call file uses it.

Fails:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    environments:
      staging: {endpoint: embedded, variables: {sales_numbr: "442079460199"}}
    # flows/sales.yaml
    title: Sales
    steps: [{action: transfer, options: {destination: "${sales_number}"}}]

Passes:

    # mbflow.yaml
    project: acme
    variables: {sales_number: "442079460123"}
    environments:
      staging: {endpoint: embedded, variables: {sales_number: "442079460199"}}
    # flows/sales.yaml
    title: Sales
    steps: [{action: transfer, options: {destination: "${sales_number}"}}]""",
    "unknown-environment": """\
A flow is restricted to an environment that is not declared.

A misspelt name would take the flow out of the environment it is meant for.

Fails:

    # mbflow.yaml
    project: acme
    environments: {production: {endpoint: embedded}}
    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    mbflow: {environments: [prodution]}

Passes:

    # mbflow.yaml
    project: acme
    environments: {production: {endpoint: embedded}}
    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    mbflow: {environments: [production]}""",
    "unknown-rule": """\
An exception, or a line under `rules` in `mbflow.yaml`, names a rule that does not exist or that
allows no exceptions.

Rules of error severity protect live calls: they cannot be turned off, lowered or excepted.

Fails:

    title: Menu
    steps: [{action: hangup}]
    mbflow:
      exceptions: {same-titel: both carry the brand's name}

Passes:

    title: Menu
    steps: [{action: hangup}]
    mbflow:
      exceptions: {same-title: both carry the brand's name}""",
    "call-file": """\
A file with simulated calls (`NAME.calls.yaml`) cannot be run.

It does not match its schema (`mbflow schema calls` prints it), a call says something impossible,
or there is no flow `NAME.yaml` beside it. Where that flow exists but has errors, `mbflow test`
says so; the calls of other flows still run. A call to a number that a calendar leads must say when
it is dialled (`at: 2026-12-25T10:00`), and `at` needs such a number under `to`.

Fails:

    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    # flows/menu.calls.yaml
    calls:
      - name: a caller is sent away
        heers: [goodbye]
        ends: hangup

Passes:

    # flows/menu.yaml
    title: Menu
    steps: [{action: hangup}]
    # flows/menu.calls.yaml
    calls:
      - name: a caller is sent away
        ends: hangup""",
}

RULES_OF_FILES = tuple(
    Rule(id, Severity.WARNING if id in _WARNINGS else Severity.ERROR, manual)
    for id, manual in _MANUALS.items()
)
