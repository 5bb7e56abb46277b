"""The one diff: matched names and live flows in, changes out. `plan` and `apply` both call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mbflow.flow.alignment import Alignment, align
from mbflow.flow.canonical import Form, agrees_on_default, is_alike, same_at_a_glance
from mbflow.flow.edits import Edit, edits
from mbflow.model.flow import Flow, LiveFlow, LockEntry, with_title
from mbflow.plan.hazards import (
    delete_hazards,
    outside_hazard,
    recreate_hazard,
    with_default_hazards,
    with_renames,
)
from mbflow.plan.model import (
    Change,
    ChangeKind,
    Hazard,
    Known,
    Match,
    Matches,
    MatchReason,
    Preconditions,
    Refusal,
)
from mbflow.plan.secrets import covered, is_one_missing, veil, with_present_secrets


@dataclass(frozen=True, slots=True)
class Differences:
    """What the diff found."""

    changes: tuple[Change, ...]
    unchanged: tuple[Match, ...]
    refusals: tuple[Refusal, ...]


def diff(
    known: Known,
    matches: Matches,
    *,
    secrets: Mapping[str, str],
    titles_hidden: bool = False,
) -> Differences:
    """Compare every matched name; an entry without digests says nothing of what was sent last.

    `titles_hidden` says that the service does not show titles, so their absence says nothing.
    """
    remembered = {entry.id: entry for entry in known.entries.values()}
    changes: list[Change] = []
    unchanged: list[Match] = []
    for name, found in matches.matched.items():
        entry = remembered.get(found.live.id) or _of_the_name(known, found)
        pair = _Pair(known.flows[name], found, entry, titles_hidden)
        change = _change(pair, secrets)
        if change is None:
            unchanged.append(found)
        else:
            changes.append(change)
    changes += [_create(known.flows[name], name in matches.recreate) for name in matches.new]
    for name, live in matches.surplus.items():
        changes.append(_delete(name, live, known, remembered.get(live.id), secrets))
    changes = with_default_hazards(with_renames(changes), known)
    return Differences(
        tuple(sorted(changes, key=_reading_order)), tuple(unchanged), tuple(_two_defaults(known))
    )


def is_settled(flow: Flow, live: LiveFlow, entry: LockEntry, titles_hidden: bool) -> bool:
    """Git still gives what was sent, and the service still gives what it made of it."""
    wanted = Form(flow.body)
    found = _titled(wanted, Form(live.body), entry, titles_hidden)
    is_as_sent = entry.sent == wanted.digest and entry.live == found.digest
    return is_as_sent and agrees_on_default(wanted, found)


@dataclass(frozen=True, slots=True)
class _Pair:
    flow: Flow
    found: Match
    remembered: LockEntry | None
    titles_hidden: bool

    @property
    def entry(self) -> LockEntry | None:
        """What the lock says of what was sent last, where it says anything."""
        return self.remembered if self.remembered and self.remembered.sent else None


def _of_the_name(known: Known, found: Match) -> LockEntry | None:
    """What was sent to the name's flow that is gone, for another that carries the name's markers.

    It is a copy, or the second flow of one POST: where it differs, somebody has edited it.
    """
    return known.entries.get(found.name) if found.how is MatchReason.MARKER else None


def _titled(wanted: Form, live: Form, entry: LockEntry | None, titles_hidden: bool) -> Form:
    """The live flow; a title that the service does not show is taken to be as wanted."""
    hidden = titles_hidden and "title" not in live.body and "title" in wanted.canonical
    if hidden and (entry is None or entry.sent == wanted.digest):
        return Form(with_title(live.body, wanted.canonical))
    return live


def _change(pair: _Pair, secrets: Mapping[str, str]) -> Change | None:
    """The change that one matched name needs, or None."""
    is_tied = pair.found.how in (MatchReason.LOCK, MatchReason.MARKER)
    live, body = pair.found.live, pair.found.live.body
    if is_tied and same_at_a_glance(pair.flow.body, body):
        return None
    wanted, shown = Form(pair.flow.body), Form(body)
    titled = _titled(wanted, shown, pair.entry, pair.titles_hidden)
    equal = is_alike(wanted, titled)
    action = _action(pair.found, equal)
    if action is None:
        return None
    before, hazard = body, None
    changed: tuple[Edit, ...] = ()
    if not equal:
        alignment = align(shown, wanted)
        before = covered(body, wanted.body, pair.remembered, secrets)
        before = veil(before, wanted.body, alignment, secrets)
        is_covered = before is not body
        changed = edits(Form(before) if is_covered else shown, wanted, alignment)
        hazard = _outside(pair, wanted, shown, titled, alignment, secrets)
    return Change(
        name=pair.flow.name,
        action=action,
        id=live.id,
        title=pair.flow.title or LiveFlow(live.id, before).title,
        before=before,
        after=pair.flow.body,
        edits=changed,
        hazards=(hazard,) if hazard else (),
        preconditions=_preconditions(live, shown),
        was=pair.found.was,
        digest=wanted.state_digest,
        base_known=pair.entry is not None,
    )


def _action(found: Match, equal: bool) -> ChangeKind | None:
    if not equal:
        return ChangeKind.UPDATE
    if found.how is MatchReason.MOVE:
        return ChangeKind.MOVE
    return ChangeKind.ADOPT if found.how in (MatchReason.TWIN, MatchReason.TITLE) else None


def _outside(
    pair: _Pair,
    wanted: Form,
    live: Form,
    titled: Form,
    alignment: Alignment,
    secrets: Mapping[str, str],
) -> Hazard | None:
    """Live is not what was sent last: somebody edited it, or this branch is behind.

    That a secret got another value is no edit: nobody touched the live flow.
    """
    entry = pair.entry
    if entry is None:
        return None
    updated = with_present_secrets(live.body, wanted.body, alignment, secrets)
    present = live if updated is live.body else Form(updated)
    is_default_as_sent = entry.default is live.is_default or agrees_on_default(wanted, live)
    if is_default_as_sent and entry.live in (form.digest for form in (live, titled, present)):
        return None
    if is_alike(wanted, present):
        return None
    return outside_hazard(
        pair.flow.name,
        git_moved=(entry.sent, entry.default) != (wanted.digest, wanted.is_default),
        is_secret_missing=is_one_missing(live.body, entry, secrets),
    )


def _create(flow: Flow, recreate: bool) -> Change:
    return Change(
        name=flow.name,
        action=ChangeKind.CREATE,
        title=flow.title,
        after=flow.body,
        hazards=(recreate_hazard(flow.name),) if recreate else (),
        digest=Form(flow.body).state_digest,
    )


def _delete(
    name: str,
    live: LiveFlow,
    known: Known,
    remembered: LockEntry | None,
    secrets: Mapping[str, str],
) -> Change:
    entry, form = remembered if remembered and remembered.sent else None, Form(live.body)
    edited = entry is not None and (
        entry.live != form.digest or (entry.default and not live.is_default)
    )
    own = known.entries.get(name)
    hazards = delete_hazards(
        live,
        protected=own is not None and own.protect,
        edited=edited,
        is_secret_missing=is_one_missing(live.body, remembered, secrets),
    )
    before = covered(live.body, None, remembered, secrets)
    return Change(
        name=name,
        action=ChangeKind.DELETE,
        id=live.id,
        title=LiveFlow(live.id, before).title,
        before=before,
        hazards=tuple(hazards),
        preconditions=_preconditions(live, form),
        base_known=entry is not None,
        declared=name in known.removed,
    )


def _preconditions(live: LiveFlow, form: Form) -> Preconditions:
    return Preconditions(live.id, live.updated_at, form.state_digest)


def _two_defaults(known: Known) -> Iterator[Refusal]:
    names = [name for name, flow in known.flows.items() if flow.is_to_be_default]
    if len(names) > 1:
        yield Refusal(
            f"Only one flow of an account can be the default, but {len(names)} files say "
            f"`default: true`: {', '.join(sorted(names))}."
        )


def _reading_order(change: Change) -> tuple[int, int, str]:
    """Deletes first, then what has hazards, then the rest, each by name."""
    return (change.action is not ChangeKind.DELETE, not change.hazards, change.name)
