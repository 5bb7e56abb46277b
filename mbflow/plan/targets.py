"""What `--target` names: a flow, a number, a folder of flows, or all flows that a pattern fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mbflow.model.errors import UsageError
from mbflow.model.text import did_you_mean, is_pattern, listed_shortly, names_like
from mbflow.plan.survey import Survey, Wishes, unknown_name


def resolve_targets(seen: Survey, wishes: Wishes) -> tuple[str, ...]:
    """The names and numbers that the targets stand for, each once; empty where all is asked for.

    Raises UsageError for a target that fits nothing, and names what is near. Those that may be gone
    are names already.
    """
    if wishes.may_be_gone:
        return wishes.targets
    known = seen.known
    flows = {*known.flows, *known.entries, *known.removed, *known.deleted, *known.broken}
    numbers = seen.checkout.environment.numbers
    found: dict[str, None] = {}
    for target in wishes.targets:
        names = list(_named(target, flows, numbers))
        if not names:
            raise _unknown(target, flows, numbers)
        found |= dict.fromkeys(names)
    return tuple(found)


def also_folders(seen: Survey, wishes: Wishes) -> Iterator[str]:
    """A note for each target that is a flow, while a folder has the same name."""
    known = {*seen.known.flows, *seen.known.entries}
    for target in sorted(known.intersection(wishes.targets, _folders(known))):
        below = [name for name in sorted(known) if name.startswith(f"{target}/")]
        yield (
            f"--target {target} is the flow of that name alone; --target {target}/ would be "
            f"the folder: {listed_shortly(below)}"
        )


def _named(target: str, flows: Iterable[str], numbers: Iterable[str]) -> Iterator[str]:
    """A flow comes before a folder of the same name; a pattern fits no number."""
    names = sorted(flows)
    if target in (*names, *numbers):
        yield target
    elif is_pattern(target):
        yield from names_like(target, names)
    else:
        folder = target.rstrip("/")
        yield from (name for name in names if name.startswith(f"{folder}/"))


def _unknown(target: str, flows: Iterable[str], numbers: Iterable[str]) -> UsageError:
    names = sorted(flows)
    folders = _folders(names)
    if is_pattern(target):
        plain = target.replace("*", "").replace("?", "").strip("/")
        near = did_you_mean(plain, [*names, *folders])
        return UsageError(f"--target {target}: the pattern fits no call flow.{near}")
    if target.endswith("/"):
        near = did_you_mean(target.rstrip("/"), folders)
        return UsageError(f"--target {target}: there is no such folder of call flows.{near}")
    return unknown_name("--target", target, [*names, *folders, *numbers])


def _folders(names: Iterable[str]) -> set[str]:
    return {name[:at] for name in names for at, one in enumerate(name) if one == "/"}
