"""Writes one change.

The live flow is read again before each write and must be what the plan saw; between that read and
the write there is no protection, because the API has no conditional write. Deletes are written in
`deleting`, a handover of the default in `handover`; all three share what a `Writer` holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError, NotSent, OutcomeUnknown, Rejected
from mbflow.api.retry import poll
from mbflow.apply.lock_update import entry_of
from mbflow.apply.read_back import Reader, State
from mbflow.apply.result import ChangeResult, KnownReason, Reason, Status, failed, refused, unknown
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, agrees_on_default, same
from mbflow.flow.edits import edits
from mbflow.model.flow import LiveFlow, LockEntry, RawBody, SafeBody, steps_in, with_title
from mbflow.model.text import shortened
from mbflow.plan.markers import is_marked
from mbflow.plan.model import Change
from mbflow.plan.recovery import settle
from mbflow.plan.refresh import list_with_new
from mbflow.plan.request_body import Naming, body_for_create, body_for_update
from mbflow.plan.secrets import veil
from mbflow.state.journal import Intent, Journal
from mbflow.state.records import AppendedFile
from mbflow.state.snapshots import snapshot_record

if TYPE_CHECKING:
    from mbflow.api.client import Client

READ_BACK_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each read-back: a service may show a write a little later."""
MOVED_AWAY = "the live flow belongs to another name now: merge the branch that moved it, plan again"
EDITED = "the live flow was edited since the plan was made: plan again"
CHANGED_SINCE = "written, and then changed by somebody else, whose change stands: plan again"
TRIES = 3
"""How often a PUT or DELETE is sent, each time only after a read that shows the old flow."""


def no_checkpoint(label: str) -> None:
    """Where a test may stop the program; `label` names the place."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What all writes of one run share."""

    reader: Reader
    journal: Journal
    snapshot: AppendedFile
    intents: Mapping[str, Intent]
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    checkpoint: Callable[[str], None] = no_checkpoint
    claimed: dict[str, str] = field(default_factory=dict)
    """Id of every flow that this run made, to its name: no two names get one flow."""

    @property
    def client(self) -> Client:
        return self.reader.client

    def create(
        self, change: Change, *, with_default: bool = True, again: bool = True
    ) -> ChangeResult:
        """POST it once. An unknown outcome is settled by listings before anything is repeated."""
        flow = self.reader.flows[change.name]
        body = body_for_create(flow.raw, self._naming(change.name))
        if not with_default:
            body.pop("default", None)
        self.snapshot.append(snapshot_record(change.name, "create", "", None))
        self.journal.posting(change.name, self.clock())
        self.checkpoint("before-post")
        try:
            answer = self.reader.hidden(self.client.create_call_flow(body))
        except (NotSent, Rejected) as error:
            self.journal.not_created(change.name, error.reason)
            return failed(change, error)
        except OutcomeUnknown as error:
            return self._settled(change, error, with_default=with_default, again=again)
        self.checkpoint("after-post")
        if self.claimed.setdefault(answer.id, change.name) != change.name:
            reason = f"{self.claimed[answer.id]} was thought to be {answer.id}: plan again"
            return unknown(change, reason)
        return self._confirmed(change, answer, with_default=with_default)

    def update(self, change: Change) -> ChangeResult:
        """PUT it, for an update, an adoption or a move."""
        try:
            raw = self.reader.read(change.id)
        except ApiError as error:
            return failed(change, error)
        if raw is None:
            return refused(change, "the live flow is gone since the plan was made")
        fresh = self.reader.hidden(raw)
        if self.reader.is_anothers(change, fresh):
            return refused(change, MOVED_AWAY)
        found, wanted = self.reader.planned(fresh), self.reader.wanted(change.name)
        if found.state_digest != change.preconditions.digest:
            if self.reader.is_wanted(change.name, fresh):
                return self._done(change, fresh, KnownReason.ALREADY)
            return refused(change, EDITED)
        self.keep(change, fresh)
        flow = self.reader.flows[change.name]
        alignment = align(found, wanted)
        body = body_for_update(flow.raw, raw.raw, alignment, self._naming(change.name))
        return self._put(change, body, TRIES)

    def keep(self, change: Change, fresh: LiveFlow) -> None:
        """The body as it is, on disk before it is touched."""
        before = self.reader.kept(change.name, fresh)
        record = snapshot_record(
            change.name,
            change.action.value,
            change.id,
            before,
            was=change.was,
            numbers=change.numbers,
            protect=change.is_of_protected,
        )
        self.snapshot.append(record, on_disk=True)

    def _put(self, change: Change, body: RawBody, tries: int) -> ChangeResult:
        self.checkpoint("before-put")
        try:
            answer = self.reader.hidden(self.client.update_call_flow(change.id, body))
        except (NotSent, Rejected) as error:
            return failed(change, error)
        except OutcomeUnknown as error:
            return self._put_settled(change, body, tries - 1, error)
        self.checkpoint("after-put")
        return self._confirmed(change, answer)

    def _put_settled(
        self, change: Change, body: RawBody, tries: int, error: ApiError
    ) -> ChangeResult:
        """After a PUT without a clear answer: done, not done and safe to repeat, or unknown.

        Only what the last read shows makes it safe: an older one says nothing of edits since.
        """

        def read() -> tuple[LiveFlow | None, State | None]:
            fresh = self.reader.read_or_none(change.id)
            return fresh, None if fresh is None else self.reader.state(change, fresh, body)

        fresh, state = poll(
            read,
            lambda seen: seen[1] in (State.AFTER, State.OTHER),
            READ_BACK_PAUSES,
            self.sleep,
        )
        if fresh is not None and state is State.AFTER:
            return self._done(change, fresh)
        if state is State.OTHER:
            return unknown(
                change,
                "the answer was lost, and the flow is now neither what it was nor what was sent",
            )
        if state is State.BEFORE and tries > 0:
            return replace(self._put(change, body, tries), wrote=True)
        return unknown(change, error.reason)

    def _settled(
        self, change: Change, error: ApiError, *, with_default: bool, again: bool
    ) -> ChangeResult:
        """After a POST without a clear answer: find what it made, or send it once more.

        The time to settle begins now: the service had the request until it was given up.
        """
        intent = replace(self.intents[change.name], time=self.clock())
        try:
            found = settle(
                self.reader.search,
                [intent],
                lambda: list_with_new(
                    self.client,
                    intent.known_ids | self._others(change.name),
                    self.reader.search.secrets,
                ),
                clock=self.clock,
                sleep=self.sleep,
            )[change.name]
        except ApiError:
            return unknown(change, error.reason)
        others = self._others(change.name)
        found = [flow for flow in found if flow.id not in others]
        if len(found) == 1 and self.claimed.setdefault(found[0].id, change.name) == change.name:
            return self._confirmed(change, found[0], with_default=with_default)
        if found:
            ids = ", ".join(flow.id for flow in found)
            return unknown(change, f"several flows were made: {ids}; look at them and keep one")
        if again:
            return replace(self.create(change, with_default=with_default, again=False), wrote=True)
        reason = f"not created, twice: {error.reason}"
        self.journal.not_created(change.name, reason)
        return replace(failed(change, error), reason=reason, wrote=True)

    def _others(self, name: str) -> frozenset[str]:
        """Flows that this run made for other names."""
        return frozenset(flow_id for flow_id, owner in dict(self.claimed).items() if owner != name)

    def _confirmed(
        self, change: Change, answer: LiveFlow, *, with_default: bool = True
    ) -> ChangeResult:
        """Read back until the service shows what it answered; then it must be what was sent."""
        answered = Form(answer.body)

        def read() -> tuple[LiveFlow | None, Reason]:
            """The flow where it shows the answer, else why not."""
            fresh = self.reader.read_or_none(answer.id)
            if fresh is None:
                return None, KnownReason.NOT_SEEN
            body = SafeBody({**answer.body, **fresh.body})
            if body == answer.body or Form(body).state_digest == answered.state_digest:
                return LiveFlow(answer.id, body), KnownReason.NOT_SEEN
            return None, CHANGED_SINCE if _is_later(fresh, answer) else KnownReason.NOT_SEEN

        def is_settled(seen: tuple[LiveFlow | None, Reason]) -> bool:
            return seen[0] is not None or seen[1] is not KnownReason.NOT_SEEN

        live, reason = poll(read, is_settled, READ_BACK_PAUSES, self.sleep)
        if live is not None:
            self.checkpoint("after-read-back")
            return self._checked(change, live, with_default=with_default)
        entry = self._entry(change.name, answer)
        return replace(unknown(change, reason), id=answer.id, entry=entry)

    def _checked(self, change: Change, live: LiveFlow, *, with_default: bool) -> ChangeResult:
        """A known key that was lost or changed is a failure of this change."""
        wanted = self.reader.wanted(change.name)
        found = Form(with_title(live.body, wanted.body))
        is_done = same(wanted.canonical, found.canonical)
        if is_done and (agrees_on_default(wanted, found) or not with_default):
            return self._done(change, live, found=found)
        alignment = align(found, wanted)
        veiled = Form(veil(found.body, wanted.body, alignment, self.reader.search.secrets))
        left = edits(veiled, wanted, alignment)[:3]
        texts = "; ".join(shortened(edit.text, 240) for edit in left)
        return ChangeResult(
            change,
            Status.FAILED,
            f"the service made something else of it; still to do: {texts}",
            id=live.id,
            entry=self._entry(change.name, live, found)._replace(sent="", live=""),
            wrote=True,
        )

    def _done(
        self, change: Change, live: LiveFlow, reason: Reason = "", found: Form | None = None
    ) -> ChangeResult:
        entry = self._entry(change.name, live, found)
        self.journal.done(change.name, entry)
        if change.was:
            self.journal.dropped(change.was, live.id)
        return ChangeResult(
            change,
            Status.DONE,
            reason,
            id=live.id,
            entry=entry,
            wrote=not reason,
            unmarked=bool(steps_in(live.body)) and not is_marked(live),
        )

    def _entry(self, name: str, live: LiveFlow, found: Form | None = None) -> LockEntry:
        flow, secrets = self.reader.flows[name], self.reader.search.secrets
        found = found or Form(with_title(live.body, flow.body))
        return entry_of(flow, self.reader.wanted(name), found, live.id, secrets=secrets)

    def _naming(self, name: str) -> Naming:
        return Naming(self.reader.search.project, self.reader.search.identity, name)


def _is_later(fresh: LiveFlow, answer: LiveFlow) -> bool:
    """Whether the service says that it was changed after it gave the answer."""
    before, now = answer.updated_at, fresh.updated_at
    return len(before) == len(now) and before < now
