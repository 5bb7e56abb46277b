"""What the files of a new project hold: the first flow, git's settings, CI, editor settings."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from mbflow import __version__
from mbflow.model.project import ACCESS_KEY_ENV
from mbflow.project.discover import CALENDARS, CALLS_SUFFIX, PROJECT_FILE, SUFFIX
from mbflow.project.local_folder import LOCK_FILE, STATE
from mbflow.project.yaml.scalar import scalar_text
from mbflow.schema.validator import schema_names, schema_text

_TEMPLATES = Path(__file__).parent / "templates"
ENVIRONMENT = "production"
"""What the templates are written for; and what the environment is called where none is declared."""
GITLAB, GITLAB_PART = ".gitlab-ci.yml", ".gitlab/call-flows.yml"


class NewFile(NamedTuple):
    """A file to write where there is none; and what one that is there must have."""

    text: str
    sign: str = ""
    """A pattern that is in a file to which nothing has to be added; "" fits every file."""
    lines: tuple[str, ...] = ()
    """What is to be added."""

    def missing(self, text: str) -> tuple[str, ...]:
        """The lines that a file with this text lacks; without a sign each is looked for."""
        if self.sign:
            return () if re.search(self.sign, text, re.MULTILINE) else self.lines
        return tuple(line for line in self.lines if not _ignores(text, line.rstrip("/")))


def _ignores(text: str, folder: str) -> bool:
    """Whether a .gitignore with this text leaves out the folder."""
    return re.search(rf"^/?{re.escape(folder)}(/|/\*\*?)?\s*$", text, re.MULTILINE) is not None


class Place(NamedTuple):
    """What CI and editors have to know of the project."""

    folder: str = ""
    """Below the repository; "" for its top."""
    flows: str = "flows"
    environment: str = ENVIRONMENT
    access_key_env: str = ACCESS_KEY_ENV
    branch: str = "main"
    """That is applied."""

    def below(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name


def first_files(
    name: str, *, has_project: bool, flow_folder: str, has_ci: bool = False
) -> dict[str, NewFile]:
    """The project file, a flow with its calls, what git needs, and schemas for editors.

    Without a folder for it there is no flow: others are there.
    """
    project = _template(PROJECT_FILE).replace("PROJECT", scalar_text(name), 1)
    if not flow_folder:
        project = re.sub(r"# Flow files use.*?\n\n", "", project, flags=re.DOTALL)
    files = {PROJECT_FILE: NewFile(project)}
    for one in _FLOW if flow_folder else ():
        text = _template(one).replace("../schemas", os.path.relpath("schemas", flow_folder))
        if has_project:
            text = re.sub(r'"?\$\{desk_number\}"?', _DESK, text)
        files[f"{flow_folder}/{one}"] = NewFile(text)
    attribute = f"{LOCK_FILE} merge=mbflow"
    ignored = (f"{STATE}/", *(["mbflow-ci/"] if has_ci else []))
    has_driver = rf"^/?{re.escape(LOCK_FILE)}\s.*merge=mbflow\b"
    files[".gitignore"] = NewFile(_template("gitignore"), "", ignored)
    files[".gitattributes"] = NewFile(f"{attribute}\n", has_driver, (attribute,))
    for schema in schema_names():
        if schema != "plan":  # nobody writes plans by hand
            files[f"schemas/{schema}.schema.json"] = NewFile(schema_text(schema))
    return files


_FLOW = ("welcome.yaml", "welcome.calls.yaml")
_DESK = '"442079460123"'
"""In the place of the variable, which a project that is there does not have."""


def github_files(place: Place) -> dict[str, NewFile]:
    """The workflow, from the top of the repository."""
    text = _for_environment(_template("github.yml"), place)
    text = text.replace("[main]", f"[{scalar_text(place.branch)}]")
    text = text.replace("'main'", f"'{place.branch}'")
    if place.folder:
        directory = f"working-directory: {scalar_text(place.folder)}"
        run = re.compile(r"^( +)run: \w+$", re.M)
        text = run.sub(lambda found: f"{found[0]}\n{found[1]}{directory}", text)
    return {".github/workflows/call-flows.yml": NewFile(text)}


def gitlab_files(place: Place, *, has_pipeline: bool) -> dict[str, NewFile]:
    """The pipeline; beside one that is there already, a part for it to include."""
    text = _for_environment(_template("gitlab.yml"), place)
    if place.folder:
        visit = scalar_text(f"cd -- {shlex.quote(place.folder)}")
        text = text.replace(
            "    - pip install mbflow\n", f"    - pip install mbflow\n    - {visit}\n"
        )
        # It runs in a shell of its own, at the top of the repository.
        text = text.replace("after_script:\n", f"after_script:\n    - {visit}\n")
        kept = re.compile(r"(?<=- |: )mbflow-ci/\S*$", re.M)
        text = kept.sub(lambda found: scalar_text(place.below(found[0])), text)
    # A plan is made anew before it is applied: both by the same version.
    text = text.replace("pip install mbflow\n", f"pip install mbflow=={__version__}\n")
    if not has_pipeline:
        return {GITLAB: NewFile(text)}
    lines = ("include:", f"  - local: {GITLAB_PART}")
    return {
        GITLAB_PART: NewFile(text),
        GITLAB: NewFile("", re.escape(GITLAB_PART), lines),
    }


def vscode_files(place: Place) -> dict[str, NewFile]:
    """Which schema is of which files, from the top of the repository: it is what people open."""
    schemas = {
        f"./{place.below('schemas')}/{schema}.schema.json": globs
        for schema, globs in schema_globs(place).items()
    }
    settings = json.dumps({"yaml.schemas": schemas}, indent=2, ensure_ascii=False)
    extensions = json.dumps({"recommendations": [_EXTENSION]}, indent=2)
    folder = re.escape(place.below("schemas/call-flow.schema.json"))
    return {
        ".vscode/settings.json": NewFile(f"{settings}\n", folder, _inside(settings)),
        ".vscode/extensions.json": NewFile(
            f"{extensions}\n", re.escape(_EXTENSION), _inside(extensions)
        ),
    }


_EXTENSION = "redhat.vscode-yaml"


def schema_globs(place: Place) -> dict[str, list[str]]:
    """Schema to the globs of its files; one with a `!` takes files out."""
    flows = "" if place.flows == "." else f"{place.flows.strip('/')}/"
    others = [PROJECT_FILE, LOCK_FILE, f"{CALENDARS}/**/*{SUFFIX}"] if not flows else []
    calls = f"{flows}**/*{CALLS_SUFFIX}"
    globs = {
        "call-flow": [f"{flows}**/*{SUFFIX}", f"!{calls}", *(f"!{one}" for one in others)],
        "calls": [calls],
        "calendar": [f"{CALENDARS}/**/*{SUFFIX}"],
        "project": [PROJECT_FILE],
        "lock": [LOCK_FILE],
    }
    return {
        name: [f"!{place.below(one[1:])}" if one[0] == "!" else place.below(one) for one in of]
        for name, of in globs.items()
    }


def _inside(document: str) -> tuple[str, ...]:
    """The lines between the outer braces, as they go into another document."""
    return tuple(document.splitlines()[1:-1])


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8")


def _for_environment(text: str, place: Place) -> str:
    """The template for this environment and its access key, each of which has secrets of its own.

    `ACME_KEY` is given the secrets ACME_READ_KEY and ACME_WRITE_KEY.
    """
    stem = re.sub("(_ACCESS)?_KEY$", "", place.access_key_env)
    for kind in ("READ", "WRITE"):
        text = text.replace(f"MESSAGEBIRD_{kind}_KEY", f"{stem}_{kind}_KEY")
    text = text.replace(ACCESS_KEY_ENV, place.access_key_env)
    whole = re.compile(rf"(?<=: ){ENVIRONMENT}(?=\s)")
    text = whole.sub(lambda found: scalar_text(place.environment), text)
    return re.sub(rf"\b{ENVIRONMENT}\b", lambda found: place.environment, text)
