"""Live flows read before and after they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, is_alike, same
from mbflow.model.flow import (
    Flow,
    Json,
    LiveFlow,
    LockEntry,
    RawBody,
    RawFlow,
    SafeBody,
    steps_in,
    with_title,
)
from mbflow.plan.markers import account_bits, markers_of, name_bits
from mbflow.plan.model import Change
from mbflow.plan.recovery import Search
from mbflow.plan.secrets import covered, hide_body, hide_flow, veil

if TYPE_CHECKING:
    from mbflow.api.client import Client


class State(Enum):
    """What a flow is after a write without a clear answer."""

    BEFORE = auto()
    """What the plan saw: the write did not happen, or does not show yet."""
    AFTER = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Reader:
    """The account as this run sees it, against what the plan saw."""

    client: Client
    search: Search
    flows: Mapping[str, Flow]
    live: Mapping[str, LiveFlow]
    """As the plan read them."""
    entries: Mapping[str, LockEntry]
    """What the lock says of them, by id."""
    _wanted: dict[str, Form] = field(default_factory=dict)

    def read(self, flow_id: str) -> RawFlow | None:
        """The flow; where the service shows no title by id, with the one that the plan saw."""
        fresh, planned = self.client.get_call_flow(flow_id), self.live.get(flow_id)
        if fresh is None or planned is None:
            return fresh
        return RawFlow(fresh.id, with_title(fresh.raw, planned.body))

    def read_as_it_is(self, flow_id: str) -> RawFlow | None:
        """None also where it cannot be read. No title is added."""
        try:
            return self.client.get_call_flow(flow_id)
        except ApiError:
            return None

    def read_or_none(self, flow_id: str) -> LiveFlow | None:
        fresh = self.read_as_it_is(flow_id)
        return None if fresh is None else self.hidden(fresh)

    def wanted(self, name: str) -> Form:
        """What the file says."""
        return self._wanted.setdefault(name, Form(self.flows[name].body))

    def hidden(self, fresh: RawFlow) -> LiveFlow:
        return hide_flow(fresh, self.search.secrets)

    def kept(self, name: str, live: LiveFlow) -> SafeBody:
        """The former body, fit to be written down: texts that may hold an older secret are covered,
        also of secrets that git names no more.
        """
        secrets = self.search.secrets
        desired = self.flows[name].body if name in self.flows else None
        body = covered(live.body, desired, self.entries.get(live.id), secrets)
        if desired is None or not secrets:
            return body
        return veil(body, desired, align(Form(live.body), self.wanted(name)), secrets)

    def is_anothers(self, change: Change, fresh: LiveFlow) -> bool:
        """Its markers name a name that they did not name when the plan was made.

        A move from another branch changes the markers and nothing that the digest sees.
        """
        planned = self.live.get(fresh.id)
        if planned is None:
            return False
        own = (account_bits(self.search.project, self.search.identity), name_bits(change.name))
        return not _owners(fresh) <= {own, *_owners(planned)}

    def is_planned(self, change: Change, fresh: LiveFlow) -> bool:
        """It is what the plan saw."""
        return self.planned(fresh).state_digest == change.preconditions.digest

    def planned(self, fresh: LiveFlow) -> Form:
        """What is held against what the plan saw."""
        planned = self.live.get(fresh.id)
        return Form(fresh.body if planned is None else with_title(fresh.body, planned.body))

    def is_planned_but_default(self, fresh: LiveFlow) -> bool:
        """It is what the plan saw, whether or not it still is the default flow."""
        planned = self.live.get(fresh.id)
        found = self.planned(fresh)
        return planned is not None and same(found.canonical, Form(planned.body).canonical)

    def is_wanted(self, name: str, fresh: LiveFlow) -> bool:
        """It is what the file says."""
        wanted = self.wanted(name)
        return is_alike(wanted, Form(with_title(fresh.body, wanted.body)))

    def is_wanted_but_default(self, name: str, fresh: LiveFlow) -> bool:
        wanted = self.wanted(name)
        found = Form(with_title(fresh.body, wanted.body))
        return same(wanted.canonical, found.canonical)

    def state(self, change: Change, fresh: LiveFlow, sent: RawBody) -> State:
        """After a PUT of `sent`. Adoptions and moves change nothing but step ids."""
        if self.is_anothers(change, fresh):
            return State.OTHER
        planned = self.live.get(fresh.id)
        before = _step_ids(planned.body) if planned else []
        after = _step_ids(hide_body(sent, self.search.secrets))
        rewritten = _step_ids(fresh.body) == after != before
        is_before = self.is_planned(change, fresh)
        if self.is_wanted(change.name, fresh) and (rewritten or not is_before):
            return State.AFTER
        return State.BEFORE if is_before else State.OTHER


def _owners(live: LiveFlow) -> set[tuple[int, int]]:
    return {(marker.account, marker.name) for marker in markers_of(live)}


def _step_ids(body: SafeBody) -> list[Json]:
    return [step.get("id") for step in steps_in(body)]
