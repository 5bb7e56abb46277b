"""Writes one change at a time: read before, write once, read back, write down.

Every request that changes something is made here. The live flow is read again before each write
and must be what the plan saw; between that read and the write there is no protection, because
the API has no conditional write.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mbflow.api.client import Client
from mbflow.api.failures import ApiError, NotSent, OutcomeUnknown, Rejected
from mbflow.apply.outcome import Outcome, Status
from mbflow.compare.canonical import alike, canonical, digest, same
from mbflow.compare.edits import edits
from mbflow.journal import AppendedFile, Intent, Journal, snapshot_record
from mbflow.model import Body, Flow, Json, LiveFlow, LockEntry
from mbflow.plan.identity import markers_of
from mbflow.plan.marker import account_bits, key_bits
from mbflow.plan.secrets import hide_body
from mbflow.plan.sending import Naming, body_for_create, body_for_update
from mbflow.plan.value import Change, HazardKind
from mbflow.planning.settling import Search, create_digest, settle
from mbflow.printable import shortened

READ_BACK_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each read-back: a service may show a write a little later."""
MOVED_AWAY = "the live flow belongs to another key now: merge the branch that moved it, plan again"
PUT_TRIES = 3
"""How often a PUT or DELETE is sent, each time only after a read that shows the old flow."""


def no_checkpoint(label: str) -> None:
    """Where a test may stop the program; `label` names the place."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What all writes of one run share."""

    client: Client
    search: Search
    """Whose markers are written, which secrets are hidden, how lost creates are found."""
    flows: Mapping[str, Flow]
    live: Mapping[str, LiveFlow]
    """As the plan read them; where a single read shows no title, it is taken from here."""
    journal: Journal
    snapshot: AppendedFile
    intents: Mapping[str, Intent]
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    checkpoint: Callable[[str], None] = no_checkpoint

    def create(self, change: Change, *, with_default: bool = True, again: bool = True) -> Outcome:
        """POST it once. An unknown outcome is settled by listings before anything is repeated."""
        flow = self.flows[change.key]
        body = body_for_create(flow.body, self._naming(change.key))
        if not with_default:
            body.pop("default", None)
        self.snapshot.append(snapshot_record(change.key, "create", "", None))
        self.checkpoint("before-post")
        sent_at = self.clock()
        try:
            answer = self.client.create_call_flow(body)
        except (NotSent, Rejected) as error:
            self.journal.not_created(change.key)
            return _failed(change, error)
        except OutcomeUnknown as error:
            return self._settled(change, error, sent_at, with_default=with_default, again=again)
        self.checkpoint("after-post")
        return self._confirmed(change, answer, with_default=with_default)

    def update(self, change: Change, *, default: bool | None = None) -> Outcome:
        """PUT it, for an update, an adoption or a move. `default` overrides what the file says."""
        flow = self.flows[change.key]
        try:
            fresh = self._read(change.id)
        except ApiError as error:
            return _failed(change, error)
        if fresh is None:
            return _refused(change, "the live flow is gone since the plan was made")
        if self._is_anothers(change, fresh):
            return _refused(change, MOVED_AWAY)
        if self.digest_of(fresh) != change.preconditions.digest:
            if same(*alike(flow.shown, self._hidden(fresh))):
                return self._done(change, fresh, "was done already")
            return _refused(change, "the live flow was edited since the plan was made: plan again")
        self.snapshot.append(
            snapshot_record(change.key, change.action.value, change.id, self._hidden(fresh))
        )
        body = body_for_update(flow.body, fresh.body, self._naming(change.key))
        if default is not None:
            body["default"] = default
        return self._put(change, body, PUT_TRIES)

    def delete(self, change: Change, *, allowed: bool) -> Outcome:
        """DELETE it, after its numbers and `default` were read once more."""
        try:
            fresh = self._read(change.id)
        except ApiError as error:
            return _failed(change, error)
        if fresh is None:
            return replace(_gone(change), reason="was gone already")
        why = self._unsafe_to_delete(change, fresh, allowed)
        if why:
            return _refused(change, why)
        self.snapshot.append(snapshot_record(change.key, "delete", change.id, self._hidden(fresh)))
        return self._delete(change, PUT_TRIES)

    def _unsafe_to_delete(self, change: Change, fresh: LiveFlow, allowed: bool) -> str:
        if self._is_anothers(change, fresh):
            return MOVED_AWAY
        if self.digest_of(fresh) != change.preconditions.digest:
            return "the live flow was edited since the plan was made: plan again"
        known = {hazard.kind for hazard in change.hazards}
        if fresh.is_default and not (allowed and HazardKind.DEFAULT in known):
            return "it has become the default flow since the plan was made"
        try:
            numbers = {number.number for number in self.client.list_numbers(change.id)}
        except ApiError:
            if allowed and HazardKind.NUMBERS in known and not change.numbers:
                return ""
            return "its numbers cannot be read, so some may lead to it"
        new = sorted(numbers - set(change.numbers))
        if new and not (allowed and HazardKind.NUMBERS in known and not change.numbers):
            return f"numbers lead to it that the plan does not show: {', '.join(new)}"
        return ""

    def _put(self, change: Change, body: Body, tries: int) -> Outcome:
        self.checkpoint("before-put")
        try:
            answer = self.client.update_call_flow(change.id, body)
        except (NotSent, Rejected) as error:
            return _failed(change, error)
        except OutcomeUnknown as error:
            return self._put_settled(change, body, tries - 1, error)
        self.checkpoint("after-put")
        return self._confirmed(change, answer)

    def _put_settled(self, change: Change, body: Body, tries: int, error: ApiError) -> Outcome:
        """After a PUT without a clear answer: done, not done and safe to repeat, or unknown."""
        flow = self.flows[change.key]
        for pause in READ_BACK_PAUSES:
            self.sleep(pause)
            fresh = self._read_or_none(change.id)
            if fresh is None:
                continue
            is_wanted = same(*alike(flow.shown, self._hidden(fresh)))
            if is_wanted and _step_ids(fresh.body) == _step_ids(body):
                return self._done(change, fresh)
            if not is_wanted and self.digest_of(fresh) != change.preconditions.digest:
                return _unknown(change, "its answer was lost, and now the flow is something else")
        fresh = self._read_or_none(change.id)
        if tries > 0 and fresh is not None:
            return self._put(change, body, tries)
        if fresh is not None and same(*alike(flow.shown, self._hidden(fresh))):
            return self._done(change, fresh)
        return _unknown(change, error.summary)

    def _delete(self, change: Change, tries: int) -> Outcome:
        self.checkpoint("before-delete")
        try:
            self.client.delete_call_flow(change.id)
        except Rejected as error:
            return _gone(change) if error.status == 404 else _failed(change, error)
        except NotSent as error:
            return _failed(change, error)
        except OutcomeUnknown as error:
            return self._delete_settled(change, tries - 1, error)
        self.checkpoint("after-delete")
        return _gone(change)

    def _delete_settled(self, change: Change, tries: int, error: ApiError) -> Outcome:
        for pause in READ_BACK_PAUSES:
            self.sleep(pause)
            try:
                if self._read(change.id) is None:
                    return _gone(change)
            except ApiError:
                continue
        fresh = self._read_or_none(change.id)
        if tries > 0 and fresh and self.digest_of(fresh) == change.preconditions.digest:
            return self._delete(change, tries)
        return _unknown(change, error.summary)

    def _settled(
        self,
        change: Change,
        error: ApiError,
        sent_at: float,
        *,
        with_default: bool,
        again: bool,
    ) -> Outcome:
        """After a POST without a clear answer: find what it made, or send it once more."""
        intent = replace(self.intents[change.key], time=sent_at)
        try:
            found = settle(
                self.search,
                [intent],
                self.client.list_call_flows,
                clock=self.clock,
                sleep=self.sleep,
            )[change.key]
        except ApiError:
            return _unknown(change, error.summary)
        if len(found) == 1:
            return self._confirmed(change, found[0], with_default=with_default)
        if found:
            ids = ", ".join(flow.id for flow in found)
            return _unknown(change, f"several flows were made: {ids}; look at them and keep one")
        if again:
            return self.create(change, with_default=with_default, again=False)
        self.journal.not_created(change.key)
        return replace(_failed(change, error), reason=f"not created, twice: {error.summary}")

    def _confirmed(self, change: Change, answer: LiveFlow, *, with_default: bool = True) -> Outcome:
        """Read back until the service shows what it answered; then it must be what was sent."""
        wanted = digest(canonical(answer.body))
        for pause in READ_BACK_PAUSES:
            self.sleep(pause)
            fresh = self._read_or_none(answer.id)
            if fresh is None:
                continue
            body = {**answer.body, **fresh.body}
            if digest(canonical(body)) == wanted:
                self.checkpoint("after-read-back")
                return self._checked(change, LiveFlow(answer.id, body), with_default=with_default)
        reason = "written, but the service does not show it yet"
        return replace(_unknown(change, reason), id=answer.id, entry=LockEntry(answer.id, "", ""))

    def _checked(self, change: Change, live: LiveFlow, *, with_default: bool) -> Outcome:
        """A known key that was lost or changed is a failure of this change."""
        flow = self.flows[change.key]
        hidden = self._hidden(live)
        if "title" not in hidden and flow.shown.get("title"):
            hidden["title"] = flow.shown["title"]
        wanted, found = alike(flow.shown, hidden)
        if not with_default:
            wanted.pop("default", None)
            found.pop("default", None)
        if same(wanted, found):
            filled = LiveFlow(live.id, {**live.body, **_title_of(hidden)})
            return self._done(change, filled, is_whole=with_default)
        texts = "; ".join(shortened(edit.text, 100) for edit in edits(hidden, flow.shown)[:3])
        return Outcome(
            change,
            Status.FAILED,
            f"the service made something else of it; still to do: {texts}",
            id=live.id,
            entry=LockEntry(live.id, "", "", flow.settings.protect),
            wrote=True,
        )

    def _done(
        self, change: Change, live: LiveFlow, reason: str = "", *, is_whole: bool = True
    ) -> Outcome:
        """`is_whole` is False for a create that is still to become the default flow."""
        flow = self.flows[change.key]
        entry = LockEntry(live.id, "", "", flow.settings.protect)
        if is_whole:
            entry = entry_of(flow, self._hidden(live), live.id)
        self.journal.done(change.key, entry)
        if change.was:
            self.journal.dropped(change.was)
        return Outcome(change, Status.DONE, reason, id=live.id, entry=entry, wrote=not reason)

    def _read(self, flow_id: str) -> LiveFlow | None:
        fresh = self.client.get_call_flow(flow_id)
        known = self.live.get(flow_id)
        if fresh is None or "title" in fresh.body or known is None or "title" not in known.body:
            return fresh
        return LiveFlow(flow_id, {"title": known.body["title"], **fresh.body})

    def _read_or_none(self, flow_id: str) -> LiveFlow | None:
        try:
            return self._read(flow_id)
        except ApiError:
            return None

    def _is_anothers(self, change: Change, fresh: LiveFlow) -> bool:
        """Its markers name a key that they did not name when the plan was made.

        A move from another branch changes the markers and nothing that the digest sees.
        """
        planned = self.live.get(fresh.id)
        if planned is None:
            return False
        own = (account_bits(self.search.project, self.search.identity), key_bits(change.key))
        return not _owners(fresh) <= {own, *_owners(planned)}

    def _hidden(self, live: LiveFlow) -> Body:
        return dict(hide_body(live.body, self.search.secrets))

    def digest_of(self, live: LiveFlow) -> str:
        return digest(canonical(self._hidden(live)))

    def _naming(self, key: str) -> Naming:
        return Naming(self.search.project, self.search.identity, key)


def entry_of(flow: Flow, hidden: Body, flow_id: str) -> LockEntry:
    """What the lock says of a flow that is as it should be."""
    wanted, found = alike(flow.shown, hidden)
    return LockEntry(flow_id, digest(wanted), digest(found), flow.settings.protect)


def intent_of(flow: Flow, time: float, known_ids: frozenset[str]) -> Intent:
    title = flow.shown.get("title")
    return Intent(
        key=flow.key,
        digest=create_digest(flow.shown),
        title=title if isinstance(title, str) else "",
        time=time,
        known_ids=known_ids,
    )


def _owners(live: LiveFlow) -> set[tuple[int, int]]:
    return {(marker.account, marker.key) for marker in markers_of(live)}


def _step_ids(body: Body) -> list[Json]:
    steps = body.get("steps")
    return [s.get("id") for s in steps if isinstance(s, dict)] if isinstance(steps, list) else []


def _title_of(body: Body) -> Body:
    return {"title": body["title"]} if "title" in body else {}


def _gone(change: Change) -> Outcome:
    return Outcome(change, Status.DONE, id=change.id, wrote=True)


def _refused(change: Change, reason: str) -> Outcome:
    return Outcome(change, Status.FAILED, reason, id=change.id)


def _failed(change: Change, error: ApiError) -> Outcome:
    return Outcome(change, Status.FAILED, error.summary, id=change.id)


def _unknown(change: Change, reason: str) -> Outcome:
    return Outcome(change, Status.UNKNOWN, reason, id=change.id, wrote=True)
