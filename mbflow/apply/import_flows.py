"""Live flows become flow files. Reads the account, writes only to the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from mbflow.apply.adopt import check_free, live_flow, tied_entry, write_entries
from mbflow.apply.clean_body import FreeNames, name_of
from mbflow.apply.flow_draft import SCHEMA, Draft, edited_draft, new_draft
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, is_alike
from mbflow.flow.vocabulary import unknown_paths
from mbflow.model.errors import Error, RefusedError, UsageError
from mbflow.model.flow import Flow, LiveFlow, LockEntry, steps_in
from mbflow.model.paths import path_text
from mbflow.model.progress import SILENT, Progress
from mbflow.model.text import Command, listed, printable
from mbflow.plan.markers import is_marked
from mbflow.plan.secrets import covered, foreign_in, veil
from mbflow.plan.survey import Survey
from mbflow.project.discover import leads_within, name_trouble
from mbflow.project.flow_file import Terms
from mbflow.project.whole_file import new_file, replace_file
from mbflow.schema.validator import ACTION_NAMES, schema_text

Result = TypeVar("Result")
_WRITERS = 8
"""Files that are written side by side."""


@dataclass(frozen=True, slots=True)
class Import:
    """One flow file that is to be written."""

    name: str
    file: str
    draft: Draft
    """What it is to hold."""
    live: LiveFlow
    entry: LockEntry
    replaces: bool
    """Whether the file is there already."""
    is_kept: bool = False
    """Whether it says already, to the letter, what it is to hold."""
    left_out: tuple[str, ...] = ()
    """Paths in the live flow that mbflow does not know, so that they are not in the file."""


LeaveOut = Callable[[str, Error], None]
"""Is told the id or name of what is left out, and why."""


def imports(
    seen: Survey,
    names: Sequence[str],
    *,
    everything: bool,
    name: str | None,
    force: bool,
    leave_out: LeaveOut | None = None,
    progress: Progress = SILENT,
) -> list[Import]:
    """The files to write for ids and names, or for every unmanaged flow. Nothing is written yet.

    What cannot be imported is told to `leave_out`, and the others are; without it, and where only
    one flow was asked for, Error or RefusedError is raised.
    """
    alone = not everything and len(names) == 1
    leave_out = None if alone else leave_out
    owners = _owners(seen) if names else {}
    wanted = []
    for one in names:
        wanted += _unless_left_out(leave_out, one, partial(_wanted, seen, owners, one))
    if name is not None:
        _check_name(seen, name, wanted)
    if everything:
        ids = {live.id for _, live in wanted}
        free = [live.id for live in seen.matches.unmanaged if _is_free(live, ids)]
        wanted += [(None, seen.live[flow_id]) for flow_id in free]
    taken = {*seen.checkout.flows, *seen.checkout.broken, *seen.entries}
    new = [name_of(live.title, live.id) for known_name, live in wanted if known_name is None]
    free_names = FreeNames(taken, new)
    terms = Terms(environments=(seen.checkout.environment,), errors_only=True)
    planned: list[Import] = []
    unlike = list(_unlike_their_files(seen, wanted, force=force))
    for known_name, live in progress.each("Making flow files", unlike):
        chosen = known_name or name or free_names.find(live.title, live.id)
        make = partial(_import, seen, chosen, live, terms, force=force)
        made = _unless_left_out(leave_out, known_name or live.id, make)
        planned += made
        free_names.take(*(flow.name for flow in made))
    return planned


def write_imports(
    seen: Survey,
    planned: Sequence[Import],
    *,
    leave_out: LeaveOut | None = None,
    progress: Progress = SILENT,
) -> list[Import]:
    """Write the files, then the lock; and the schema that the files name, where it is missing.

    Returns what was written; the rest as in `imports`.
    """
    written: dict[str, LockEntry] = {}

    def write(one: Import) -> Error | None:
        try:
            _write(seen, one)
        except Error as error:
            return error
        written[one.name] = one.entry
        return None

    try:
        if planned:
            _give_schema(seen)
        # Each waits until its file is on the disk, which takes one wait for several of them.
        with (
            ThreadPoolExecutor(_WRITERS) as pool,
            progress.begin("Writing flow files", len(planned)) as part,
        ):
            for one, error in zip(planned, pool.map(part.counts(write), planned), strict=True):
                if error is not None:
                    _leave_out(leave_out, one.name, error)
    finally:
        # After the files: a lock that names one which is not on the disk would plan its flow's
        # delete. Also where a file cannot be written: those that are there must not become twins.
        write_entries(seen, written)
    return [one for one in planned if one.name in written]


def _unless_left_out(
    leave_out: LeaveOut | None, what: str, do: Callable[[], Result]
) -> list[Result]:
    """What `do` gives for one flow; nothing where it is left out."""
    try:
        return [do()]
    except Error as error:
        _leave_out(leave_out, what, error)
        return []


def _leave_out(leave_out: LeaveOut | None, what: str, error: Error) -> None:
    if leave_out is None:
        raise error
    leave_out(what, error)


def _owners(seen: Survey) -> dict[str, str]:
    """Id of a live flow to the name it has."""
    owners = {match.live.id: name for name, match in seen.matches.matched.items()}
    return owners | {entry.id: name for name, entry in seen.entries.items()}


def _wanted(seen: Survey, owners: Mapping[str, str], name: str) -> tuple[str | None, LiveFlow]:
    """A name of this project or an id of a live flow, with the name it has."""
    if name in seen.matches.matched:
        return name, seen.live[seen.matches.matched[name].live.id]
    if name in seen.entries and seen.entries[name].id in seen.live:
        return name, seen.live[seen.entries[name].id]
    return owners.get(name), live_flow(seen, name)


def _check_name(seen: Survey, name: str, wanted: Sequence[tuple[str | None, LiveFlow]]) -> None:
    """A name that is asked for names a file below the flows folder, and no other flow's."""
    trouble = name_trouble(name)
    if trouble:
        raise UsageError(f"--as {name}: that cannot be a name. {trouble}")
    others = {*seen.checkout.flows, *seen.checkout.broken, *seen.entries} - {name}
    twin = next((other for other in others if other.casefold() == name.casefold()), None)
    if twin is not None:
        raise RefusedError(f"--as {name}: {twin} differs from it in upper and lower case only.")
    for known_name, live in wanted:
        if known_name not in (None, name):
            raise RefusedError(f"The live flow {live.id} is {known_name} already, and not {name}.")
        entry = seen.entries.get(name)
        if entry is not None and entry.id != live.id:
            raise RefusedError(
                f"{name} is the live flow {entry.id}; another flow cannot have its file.",
                "If that flow is not to be managed any more:",
                Command("mbflow", "forget", name),
            )


def _unlike_their_files(
    seen: Survey, wanted: Iterable[tuple[str | None, LiveFlow]], *, force: bool
) -> Iterator[tuple[str | None, LiveFlow]]:
    """Without the flows whose files say just what is live: they keep their comments."""
    for name, live in wanted:
        flow = seen.checkout.flows.get(name) if name else None
        if force or flow is None or not is_alike(Form(flow.body), Form(live.body)):
            yield name, live


def _is_free(live: LiveFlow, taken: set[str]) -> bool:
    return live.id not in taken and not is_marked(live)


def _import(seen: Survey, name: str, live: LiveFlow, terms: Terms, *, force: bool) -> Import:
    check_free(seen, name, live)
    _check_actions(live)
    checkout = seen.checkout
    file = f"{checkout.project.flows.rstrip('/')}/{name}.yaml"
    path = checkout.root / file
    if not leads_within(path.parent, checkout.root):
        raise RefusedError(
            f"{file} would lie outside of the project, because of a link that leads out.",
            "Put a folder in the place of the link.",
        )
    current = checkout.flows.get(name)
    if current is not None:
        _check_file(seen, current, live, force=force)
    elif path.exists():
        raise RefusedError(f"{file} already exists and cannot be read: mend or remove it first.")
    _check_former_secrets(seen, current, live)
    found = Form(live.body)
    if current is None:
        draft = new_draft(seen, name, file, found, terms)
    else:
        draft = edited_draft(seen, current, found, terms, force=force)
    wanted = Form(draft.flow.body)
    return Import(
        name=name,
        file=file,
        draft=draft,
        live=live,
        entry=tied_entry(draft.flow, live, wanted, found, secrets=checkout.secrets),
        replaces=current is not None,
        is_kept=current is not None and path.read_bytes() == draft.text.encode(),
        left_out=tuple(path_text(path) for path in unknown_paths(live.body)),
    )


def _check_actions(live: LiveFlow) -> None:
    for number, step in enumerate(steps_in(live.body), 1):
        action = step.get("action")
        if action not in ACTION_NAMES:
            raise Error(
                f"Step {number} of the live flow {live.id} has the action "
                f'"{printable(str(action))}", which this mbflow does not know.',
                "The flow is left as it is and stays unmanaged.",
            )


def _check_file(seen: Survey, current: Flow, live: LiveFlow, *, force: bool) -> None:
    """Whether the file may be replaced by what is live."""
    if not force:
        _check_unedited(seen, current, live)
    _check_secrets(seen, current, live)


def _check_unedited(seen: Survey, current: Flow, live: LiveFlow) -> None:
    """A file with changes that were never applied is not overwritten by accident."""
    entry = seen.entries.get(current.name)
    wanted = Form(current.body)
    present = wanted.digest, wanted.is_default
    is_unedited = entry is not None and (not entry.sent or (entry.sent, entry.default) == present)
    if not is_unedited and not is_alike(wanted, Form(live.body)):
        raise RefusedError(
            f"{current.file} holds changes that were not applied; importing would overwrite them.",
            "To see what was changed on both sides:",
            Command("mbflow", "import", current.name, "--show"),
            "To take what is live, once the file is committed:",
            Command("mbflow", "import", current.name, "--force"),
        )


def _check_secrets(seen: Survey, current: Flow, live: LiveFlow) -> None:
    """A live text that may hold an older secret is not written into a file."""
    alignment = align(Form(live.body), Form(current.body))
    if veil(live.body, current.body, alignment, seen.checkout.secrets) != live.body:
        raise RefusedError(
            f"{current.name} holds a secret in git, and the live flow has another text in its "
            "place: an older value would be written into the file.",
            "Apply the present value first, or set the variable to the value that is live.",
        )


def _check_former_secrets(seen: Survey, current: Flow | None, live: LiveFlow) -> None:
    """Nor is a secret that git does not name any more, nor one of another environment."""
    foreign = foreign_in(live.body, seen.checkout.secrets)
    if foreign:
        raise RefusedError(
            f"The live flow {live.id} holds the secret {listed(foreign, last='and')}: it would be "
            "written into the file.",
            f"Put what {seen.checkout.environment.name} is to have in its place, live, then import "
            "again.",
        )
    entry = next((seen.entries[name] for name in seen.names_by_id.get(live.id, ())), None)
    desired = None if current is None else current.body
    if covered(live.body, desired, entry, seen.checkout.secrets) != live.body:
        raise RefusedError(
            f"The live flow {live.id} was sent with a secret that is not known here any more: it "
            "would be written into the file.",
            "Declare it again, with the value that is live, or apply the file first.",
        )


def _give_schema(seen: Survey) -> None:
    schema = seen.checkout.root / SCHEMA
    if not schema.exists() and leads_within(schema, seen.checkout.root):
        _write_text(schema, schema_text("call-flow"), replace_it=False)


def _write(seen: Survey, one: Import) -> None:
    path = seen.checkout.root / one.file
    if one.is_kept:
        return
    if one.replaces and path.exists() and path.read_bytes() != one.draft.former:
        raise RefusedError(f"{one.file} was changed meanwhile; it is left as it is.")
    _write_text(path, one.draft.text, replace_it=one.replaces)


def _write_text(path: Path, text: str, *, replace_it: bool) -> None:
    """A new file never takes the place of one that came meanwhile."""
    try:
        (replace_file if replace_it else new_file)(path, text.encode("utf-8"))
    except FileExistsError as error:
        raise RefusedError(f"{path} already exists; it is not overwritten.") from error
    except OSError as error:
        raise Error(f"{path} cannot be written: {error.strerror}.") from error
