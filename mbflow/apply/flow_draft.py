"""The text of a flow file for a live flow: of a new file, or of one that is there, edited.

Each text is read back before it is used: it must mean just what is live.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mbflow.apply.clean_body import clean_body
from mbflow.apply.live_document import LiveDocument, live_document
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, is_alike
from mbflow.model.errors import Error, RefusedError
from mbflow.model.flow import Flow, steps_in
from mbflow.model.paths import path_text, same_document
from mbflow.model.text import Command, listed
from mbflow.plan.secrets import hide_body
from mbflow.plan.survey import Survey
from mbflow.project.flow_file import Terms, read_flow
from mbflow.project.source import text_of, without_mark
from mbflow.project.variables import as_text, escaped
from mbflow.project.write import document_text, flow_order, flow_text
from mbflow.project.yaml.document import read_yaml
from mbflow.project.yaml.edit import edited_text
from mbflow.project.yaml.scalar import scalar_lines
from mbflow.project.yaml.tree import OddForm
from mbflow.project.yaml.tree_reader import tree_of
from mbflow.schema.validator import sent_body

SCHEMA = Path("schemas", "call-flow.schema.json")
"""Below the project's root."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a flow file is to hold."""

    text: str
    flow: Flow
    """What it means."""
    is_edit: bool = False
    """Whether only what differs changes in a file that is there."""
    comments: int = 0
    """How many comments of that file are not in it any more."""
    shared: tuple[str, ...] = ()
    """What other environments get from now on, too: a sentence for each variable that went."""
    former: bytes = b""
    """The file that it takes the place of."""


def new_draft(seen: Survey, name: str, file: str, live: Form, terms: Terms) -> Draft:
    """The text of a file that is not there yet. Raises Error where no valid file describes it."""
    body, schema = clean_body(live), _schema_address(seen.checkout.root, file)
    if seen.checkout.secrets:  # Its texts are written as in a file already.
        text = document_text(sent_body(body), schema=schema)
    else:
        text = flow_text(body, schema=schema)
    return Draft(text, _read_back(text, name, file, live, terms, seen.checkout.secrets))


def edited_draft(seen: Survey, current: Flow, live: Form, terms: Terms, *, force: bool) -> Draft:
    """The text of a file that is there, in which only what differs changes.

    Where that cannot be done the file is written anew. Raises RefusedError where a variable's
    value was changed that other environments have otherwise, unless forced.
    """
    source = (seen.checkout.root / current.file).read_bytes()
    new = _new_document(seen, current, live, source)
    if not force:
        _check_overrides(seen, current, new)
    text, flow = _edited(source, new), None
    names = (current.name, current.file, live, terms, seen.checkout.secrets)
    if text is not None:
        with suppress(Error):
            flow = _read_back(text, *names)
    is_edit = flow is not None
    if text is None or flow is None:
        schema = _schema_address(seen.checkout.root, current.file)
        text = document_text(new.document, schema=schema)
        flow = _read_back(text, *names)
    lost = (_comments(source) - _comments(text.encode())).total()
    return Draft(text, flow, is_edit, lost, tuple(_shared(seen, current, new)), source)


def _new_document(seen: Survey, current: Flow, live: Form, source: bytes) -> LiveDocument:
    """What the file is to say. Raises RefusedError where it is not the one that was read."""
    template, desired = read_yaml(source).data, Form(current.body)
    steps = steps_in(template) if isinstance(template, dict) else []
    if not isinstance(template, dict) or len(steps) != len(steps_in(desired.body)):
        raise RefusedError(f"{current.file} was changed meanwhile; it is left as it is.")
    return live_document(
        template,
        desired,
        live,
        align(live, desired),
        written=(lambda value: value) if seen.checkout.secrets else escaped,
        values=_values(seen),
    )


def _edited(source: bytes, new: LiveDocument) -> str | None:
    """The edited text, where there is one that says just what it is to say."""
    mark = source.removesuffix(without_mark(source)).decode()
    try:
        tree = tree_of(text_of(source))
        text = edited_text(tree, new.document, flow_order, {("steps",): new.origins})
    except OddForm:
        return None
    return mark + text if same_document(read_yaml(text.encode()).data, new.document) else None


def _comments(source: bytes) -> Counter[str]:
    try:
        return Counter(tree_of(text_of(source)).comments())
    except OddForm:
        return Counter()


def _values(seen: Survey) -> Mapping[str, str]:
    """The values of the variables as texts of a file; of a secret the reference itself."""
    variables = seen.checkout.environment.variables.values()
    return {
        one.name: f"${{{one.name}}}" if one.secret else str(escaped(as_text(one.value)))
        for one in variables
        if one.value is not None
    }


def _unlike(seen: Survey, current: Flow, name: str) -> list[str]:
    """The other environments of the file in which the variable has another value."""
    project, here = seen.checkout.project, seen.checkout.environment
    wanted = current.settings.environments
    names = [one for one in project.declared if one != here.name]
    others = [project.environments[one] for one in names if wanted is None or one in wanted]
    mine = here.variables[name]
    return [one.name for one in others if one.variables.get(name) != mine]


def _check_overrides(seen: Survey, current: Flow, new: LiveDocument) -> None:
    """A value of this environment is not written into a file in the place of another's."""
    here = seen.checkout.environment
    for lost in new.lost:
        unlike = _unlike(seen, current, lost.name)
        if unlike:
            is_plain = lost.is_whole and not here.variables[lost.name].env
            is_value = is_plain and not isinstance(lost.value, dict | list)
            value = scalar_lines(lost.value, 0, 0)[0] if is_value else "…"
            raise RefusedError(
                f"{current.file}: {path_text(lost.path)} takes ${{{lost.name}}}, which has another "
                f"value in {listed(unlike, last='and')}. Live it was changed to another text, "
                "which in the file would count there too.",
                f"If only {here.name} is to have it, change the variable: in mbflow.yaml, below "
                f"environments, {here.name}, variables:",
                f"    {lost.name}: {value}",
                "If all environments are to have it:",
                Command("mbflow", "import", current.name, "--force"),
            )


def _shared(seen: Survey, current: Flow, new: LiveDocument) -> Iterator[str]:
    for lost in new.lost:
        unlike = _unlike(seen, current, lost.name)
        if unlike:
            others = listed(unlike, last="and")
            yield f"{path_text(lost.path)} takes no ${{{lost.name}}} now: {others} will get it too"


def _schema_address(root: Path, file: str) -> str:
    """Where an editor finds the schema, from the file's folder."""
    return Path(os.path.relpath(root / SCHEMA, (root / file).parent)).as_posix()


def _read_back(
    text: str, name: str, file: str, live: Form, terms: Terms, secrets: Mapping[str, str]
) -> Flow:
    """What the file would mean. A live flow that no valid file can describe is an error."""
    readings = read_flow(text.encode("utf-8"), name, file, terms)
    flow = next((reading.flow for reading in readings if reading.flow is not None), None)
    if flow is None:
        found = [problem.message for reading in readings for problem in reading.problems]
        raise Error(
            f"The live flow for {name} would not be a valid flow file, so it is not imported.",
            *found[:5],
            *([f"and {len(found) - 5} more"] if len(found) > 5 else []),
        )
    flow = flow.with_body(hide_body(flow.raw, secrets))
    if not is_alike(Form(flow.body), live):
        flow_id = live.body.get("id", name)
        raise Error(f"{flow_id} cannot be written as a flow file without changing it.")
    return flow
