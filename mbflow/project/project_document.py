"""What `mbflow.yaml` holds, as a `Project`: schema first, then what a schema cannot say.

Pure: takes plain data and the process environment, gives a project and the mistakes in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from mbflow.model.flow import EMBEDDED, Json, Path
from mbflow.model.project import ACCESS_KEY_ENV, LOCAL, Environment, Project, Variable
from mbflow.model.route import is_number
from mbflow.model.text import printable
from mbflow.model.web_address import is_web_address
from mbflow.project.discover import CALENDARS
from mbflow.project.promise_document import parse_promises, promise_mistakes
from mbflow.project.route_document import number_mistakes, parse_routes
from mbflow.project.variables import FOREIGN
from mbflow.schema.messages import Mistake, SourceText, mistakes
from mbflow.schema.validator import is_valid
from mbflow.schema.violation import ACCESS_KEY, KINDS

SETTLE_SECONDS = 30
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LOOPBACK = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|::1")
PlaceOf = Callable[[Path], tuple[int, int]]
"""Gives line and column of the value at a path."""


def parse_project(
    document: Json, environ: Mapping[str, str], source_text: SourceText, *, place: PlaceOf
) -> tuple[Project, list[Mistake]]:
    """The project, and what is wrong with it; with mistakes the project is only the default."""
    found = [] if is_valid("project", document) else mistakes("project", document, source_text)
    if found:
        return Project(environments={LOCAL: Environment(LOCAL)}), found
    assert isinstance(document, dict)
    project = _project(document, environ, place)
    found = [*_mistakes(document), *_unquoted_numbers(document, source_text)]
    promised: Any = document.get("promises", ())
    if promised:
        found += promise_mistakes(promised, _every_variable(project))
    if promised and not found:
        project = project._replace(promises=parse_promises(promised, place))
    return project, found


def _every_variable(project: Project) -> dict[str, Variable]:
    """The variables of all environments, by name: a promise may be of flows of one of them."""
    found: dict[str, Variable] = {}
    for environment in project.environments.values():
        found |= environment.variables
    return found


def _project(document: Mapping[str, Any], environ: Mapping[str, str], place: PlaceOf) -> Project:
    was = document.get("project_was", [])
    shared = document.get("variables", {})
    stated = {LOCAL: {}, **document.get("environments", {})}

    def variables(environment: str, own: Mapping[str, Any]) -> dict[str, Variable]:
        found = {}
        for name, value in {**shared, **own}.items():
            above = ("environments", environment) if name in own else ()
            where = place((*above, "variables", name))
            found[name] = replace(_variable(name, value, environ), place=where)
        return found

    tables = {name: variables(name, (of or {}).get("variables", {})) for name, of in stated.items()}
    return Project(
        name=document.get("project", LOCAL),
        former_names=(was,) if isinstance(was, str) else tuple(was),
        flows=str(PurePosixPath(document.get("flows", "flows"))),
        removed=tuple(unicodedata.normalize("NFC", key) for key in document.get("removed", ())),
        environments={
            name: _environment(name, of or {}, tables[name], place)._replace(
                foreign=_foreign(name, tables)
            )
            for name, of in stated.items()
        },
        variables=tuple(shared),
        declared=tuple(document.get("environments", {})),
        severities=document.get("rules", {}),
    )


def _foreign(name: str, tables: Mapping[str, Mapping[str, Variable]]) -> dict[str, Variable]:
    found = {}
    for other, table in tables.items():
        for variable in table.values() if other != name else ():
            if variable.secret:
                named = f"{variable.name}{FOREIGN}{other}"
                found[named] = replace(variable, name=named)
    return found


def _environment(
    name: str, of: Mapping[str, Any], variables: Mapping[str, Variable], place: PlaceOf
) -> Environment:
    endpoint = of.get("endpoint", EMBEDDED).rstrip("/")
    return Environment(
        name=name,
        endpoint=endpoint,
        access_key_env=of.get("access_key_env", ACCESS_KEY_ENV),
        access_key_kind=of.get("access_key_kind", ""),
        variables=variables,
        identity=of.get("identity", name),
        settle_seconds=of.get("settle_seconds", 0 if endpoint == EMBEDDED else SETTLE_SECONDS),
        require_plan=of.get("require_plan", False),
        plan_max_age=_age(of.get("plan_max_age")),
        acknowledged={
            unicodedata.normalize("NFC", name): own
            for name, own in of.get("acknowledged", {}).items()
        },
        numbers=parse_routes(of.get("numbers", {}), ("environments", name, "numbers"), place),
    )


def _age(stated: int | str | None) -> float | None:
    if isinstance(stated, str):
        return int(stated[:-1]) * _SECONDS[stated[-1]]
    return stated


def _variable(name: str, stated: Any, environ: Mapping[str, str]) -> Variable:
    if not isinstance(stated, dict):
        return Variable(name, stated)
    env, secret = stated.get("env"), stated.get("secret", False)
    if env is None:
        return Variable(name, stated.get("value"), secret)
    text = environ.get(env, "")
    if text == "":
        trouble = f"the process variable {env} is not set"
        return Variable(name, stated.get("default"), secret, env, trouble)
    kind = stated.get("type", "string")
    value = _read_as(kind, text)
    if not text.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in text):
        trouble = f"the process variable {env} is not UTF-8 text"
        return Variable(name, None, secret, env, trouble)
    trouble = f"the process variable {env} does not hold {KINDS[kind]}" if value is None else ""
    return Variable(name, value, secret, env, trouble)


def _read_as(kind: str, text: str) -> Json:
    """The text of a process variable as a value of that type, or None."""
    if kind == "string":
        return text
    text = text.strip()
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower())
    if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}", text):
        return float(text)
    return None


def _mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """What the schema cannot say."""
    name = document.get("project", "")
    if printable(name) != name or name != name.strip():
        message = "The project's name has stray spaces or invisible characters. Remove them."
        yield Mistake(("project",), message)
    folder = PurePosixPath(document.get("flows", "flows"))
    if folder.is_absolute() or ".." in folder.parts or str(folder) == "." or "\\" in str(folder):
        message = "flows must be a folder inside the one with mbflow.yaml, such as flows."
        yield Mistake(("flows",), message)
    elif folder.parts[0] == CALENDARS:
        message = f"{CALENDARS} holds the opening hours. Give the flows a folder of their own."
        yield Mistake(("flows",), message)
    yield from _removed_numbers(document)
    yield from _variable_mistakes(document.get("variables", {}), ("variables",))
    for environment, of in document.get("environments", {}).items():
        place = ("environments", environment)
        yield from _environment_mistakes(environment, of or {}, place)
        yield from _variable_mistakes((of or {}).get("variables", {}), (*place, "variables"))
        yield from number_mistakes((of or {}).get("numbers", {}), (*place, "numbers"))
        if "project" not in document and (of or {}).get("endpoint", EMBEDDED) != EMBEDDED:
            message = (
                f'The project needs a name: live flows of "{environment}" are marked with it. '
                "Add a line such as project: acme"
            )
            yield Mistake(place, message)


def _removed_numbers(document: Mapping[str, Any]) -> Iterator[Mistake]:
    for place, name in enumerate(document.get("removed", ())):
        if is_number(name):
            message = (
                f"removed lists names of flows, and {name} is a number. To let mbflow leave a "
                "number alone, take its line out of numbers."
            )
            yield Mistake(("removed", place), message)


def _environment_mistakes(name: str, of: Mapping[str, Any], place: Path) -> Iterator[Mistake]:
    endpoint = of.get("endpoint")
    if name == LOCAL and endpoint not in (None, EMBEDDED):
        message = "local is always the built-in emulator. Give this environment another name."
        yield Mistake((*place, "endpoint"), message)
    elif endpoint is None and name != LOCAL:
        message = (
            f'The environment "{name}" needs an endpoint: '
            "https://voice.messagebird.com, or embedded for the built-in emulator."
        )
        yield Mistake(place, message)
    elif endpoint not in (None, EMBEDDED):
        trouble = _endpoint_trouble(str(endpoint), allow_http=of.get("allow_http", False))
        if trouble:
            yield Mistake((*place, "endpoint"), trouble)
    if ACCESS_KEY.match(of.get("access_key_env", "")):
        message = (
            "access_key_env looks like an access key. It takes the NAME of a process variable; "
            "keep the key itself out of files, and replace it if this file was ever shared."
        )
        yield Mistake((*place, "access_key_env"), message)


def _endpoint_trouble(endpoint: str, *, allow_http: bool) -> str:
    from urllib.parse import urlsplit  # only needed where a project has environments

    if not is_web_address(endpoint):
        return "endpoint is not a URL. Write it like https://voice.messagebird.com."
    url = urlsplit(endpoint)
    host = url.hostname or ""
    if url.username or url.password or url.query or url.fragment:
        return "endpoint must be a URL without user, password, ? or #."
    if url.scheme == "https" or _LOOPBACK.fullmatch(host):
        return ""
    if url.scheme == "http" and allow_http:
        return ""
    return (
        "endpoint must begin with https://: plain http would send the access key unencrypted. "
        "http:// is for this machine, such as http://127.0.0.1:8080. For an emulator elsewhere "
        "add allow_http: true to this environment."
    )


def _variable_mistakes(variables: Mapping[str, Any], place: Path) -> Iterator[Mistake]:
    for name, of in variables.items():
        if isinstance(of, dict):
            message = _variable_mistake(name, of)
            if message:
                yield Mistake((*place, name), message)


def _variable_mistake(name: str, of: Mapping[str, Any]) -> str:
    if ("value" in of) == ("env" in of):
        return f'The variable "{name}" needs either a value, or env: the process variable it is in.'
    if "value" in of and of.get("secret"):
        return (
            f'The variable "{name}" is secret, but its value is in this file. '
            "Take it from a process variable: env: NAME"
        )
    if "value" in of and "default" in of:
        return f'The variable "{name}" has a value, so its default is never used.'
    kind = of.get("type")
    stated = of.get("value", of.get("default"))
    if kind is not None and stated is not None and not _is_a(kind, stated):
        return f'The variable "{name}" has the type {kind}, but this is not {KINDS[kind]}.'
    return ""


def _is_a(kind: str, value: Json) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    return isinstance(value, int) or (kind == "number" and isinstance(value, float))


def _unquoted_numbers(document: Mapping[str, Any], source_text: SourceText) -> Iterator[Mistake]:
    """Telephone numbers without quotes: a variable would lose the plus or the leading zero."""
    groups: dict[Path, Mapping[str, Any]] = {("variables",): document.get("variables", {})}
    for name, of in document.get("environments", {}).items():
        groups[("environments", name, "variables")] = (of or {}).get("variables", {})
    for place, variables in groups.items():
        for name, of in variables.items():
            path = (*place, name, "value") if isinstance(of, dict) else (*place, name)
            value = of.get("value") if isinstance(of, dict) else of
            written = source_text(path) if type(value) is int else None
            if written is not None and re.fullmatch(r"\+[0-9]+|0[0-9]+", written):
                message = (
                    f'Without quotes {written} is the number {value}. Write "{written}" '
                    f"for a text such as a telephone number, or {value} for a number."
                )
                yield Mistake(path, message)
