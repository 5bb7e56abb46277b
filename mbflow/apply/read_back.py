"""Live flows read before and after they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from mbflow.api.errors import ApiError
from mbflow.flow.alignment import align
from mbflow.flow.canonical import Form, is_alike, same
from mbflow.model.flow import Body, Flow, Json, LiveFlow, LockEntry, steps_in
from mbflow.plan.markers import account_bits, markers_of, name_bits
from mbflow.plan.model import Change
from mbflow.plan.recovery import Search
from mbflow.plan.secrets import covered, hide_body, veil

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

    def read(self, flow_id: str) -> LiveFlow | None:
        """The flow; where the service shows no title by id, with the one that the plan saw."""
        fresh = self.client.get_call_flow(flow_id)
        planned = self.live.get(flow_id)
        return fresh if fresh is None or planned is None else titled(fresh, planned.body)

    def read_or_none(self, flow_id: str) -> LiveFlow | None:
        """None also where it cannot be read. No title is added."""
        try:
            return self.client.get_call_flow(flow_id)
        except ApiError:
            return None

    def wanted(self, name: str) -> Form:
        """What the file says, secrets hidden."""
        return self._wanted.setdefault(name, Form(self.flows[name].shown))

    def hidden(self, live: LiveFlow) -> Form:
        return Form(hide_body(live.body, self.search.secrets))

    def kept(self, name: str, live: LiveFlow) -> Body:
        """The former body, fit to be written down: texts that may hold an older secret are covered,
        also of secrets that git names no more.
        """
        secrets, hidden = self.search.secrets, self.hidden(live)
        desired = self.flows[name].shown if name in self.flows else None
        body = covered(hidden.body, desired, self.entries.get(live.id), secrets)
        if desired is None or not secrets:
            return body
        return veil(body, desired, align(hidden, self.wanted(name)), secrets)

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
        return self.hidden(fresh if planned is None else titled(fresh, planned.body))

    def is_planned_but_default(self, fresh: LiveFlow) -> bool:
        """It is what the plan saw, whether or not it still is the default flow."""
        planned = self.live.get(fresh.id)
        found = self.planned(fresh)
        return planned is not None and same(found.canonical, self.hidden(planned).canonical)

    def is_wanted(self, name: str, fresh: LiveFlow) -> bool:
        """It is what the file says."""
        wanted = self.wanted(name)
        return is_alike(wanted, self.hidden(titled(fresh, wanted.body)))

    def is_wanted_but_default(self, name: str, fresh: LiveFlow) -> bool:
        wanted = self.wanted(name)
        found = self.hidden(titled(fresh, wanted.body))
        return same(wanted.canonical, found.canonical)

    def state(self, change: Change, fresh: LiveFlow, sent: Body) -> State:
        """After a PUT of `sent`. Adoptions and moves change nothing but step ids."""
        if self.is_anothers(change, fresh):
            return State.OTHER
        planned = self.live.get(fresh.id)
        before = _step_ids(planned.body) if planned else []
        rewritten = _step_ids(fresh.body) == _step_ids(sent) != before
        is_before = self.is_planned(change, fresh)
        if self.is_wanted(change.name, fresh) and (rewritten or not is_before):
            return State.AFTER
        return State.BEFORE if is_before else State.OTHER


def titled(live: LiveFlow, other: Body) -> LiveFlow:
    """The flow; where the service does not show its title, with that of the other body."""
    if "title" in live.body or "title" not in other:
        return live
    return LiveFlow(live.id, {"title": other["title"], **live.body})


def _owners(live: LiveFlow) -> set[tuple[int, int]]:
    return {(marker.account, marker.name) for marker in markers_of(live)}


def _step_ids(body: Body) -> list[Json]:
    return [step.get("id") for step in steps_in(body)]
