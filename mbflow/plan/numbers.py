"""Which numbers lead elsewhere than the files want, and what would change. Sends only GET.

The flows that a number is to lead to are asked first, and those to which it was led last; all other
flows only where the number leads to none of these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mbflow.api.errors import NoNumbersEndpoint
from mbflow.api.numbers import numbers_of
from mbflow.model.errors import RefusedError
from mbflow.model.route import CalendarState, Route
from mbflow.model.text import Command, Line, listed_shortly
from mbflow.plan.hazards import number_hazards
from mbflow.plan.model import NumberChange, NumberFlow
from mbflow.plan.survey import Survey
from mbflow.project.discover import PROJECT_FILE

if TYPE_CHECKING:
    from mbflow.api.client import Client

Links = Mapping[str, frozenset[str]]
"""Id of a live flow to the numbers that lead to it."""


@dataclass(frozen=True, slots=True)
class NumberFindings:
    """Where the numbers of the files lead, and where they are to lead."""

    changes: tuple[NumberChange, ...] = ()
    wanted: Mapping[str, NumberFlow] = field(default_factory=dict)
    """Number to the flow that is to answer it."""
    dropped: Mapping[str, tuple[NumberFlow, ...]] = field(default_factory=dict)
    """Numbers that were led by an earlier apply and that the files name no more, with the flows
    that they were to lead to."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """Numbers that cannot be led back, to the flow that is gone."""
    links: Links = field(default_factory=dict)
    """What was read of the flows that were asked."""

    def leaving(self, flow_id: str) -> frozenset[str]:
        """Numbers that are led away from the flow."""
        return frozenset(c.number for c in self.changes if c.former and c.former.id == flow_id)

    def notes(self) -> Iterator[str]:
        """What to say of numbers that are left where they lead."""
        for number, name in self.lost.items():
            yield f"{number} led to {name}, which is gone: it stays where it leads now"
        for number, flows in self.dropped.items():
            where = listed_shortly([flow.label for flow in flows])
            # Nobody asked the service: by now it may lead elsewhere.
            yield (
                f"{number} is not in mbflow.yaml any more: it stays where it leads (by the last "
                f"apply to {where}), and mbflow leaves it alone from now on"
            )


def find_numbers(
    seen: Survey,
    client: Client,
    states: Mapping[str, CalendarState],
    numbers: Collection[str] | None = None,
) -> NumberFindings:
    """Compare the files' routes with what leads where; only of these `numbers`, where some are
    named.

    `states` are those of the calendars now. Raises what `Client.list_numbers` raises: what is not
    known is not changed. RefusedError where the service keeps no numbers at all.
    """
    routes = seen.checkout.environment.numbers
    dropped = {} if numbers is not None else _dropped(seen, routes)
    routes = {n: route for n, route in routes.items() if numbers is None or n in numbers}
    if not routes:
        return NumberFindings(dropped=dropped)
    names = {number: route.flow(states) for number, route in routes.items()}
    flows = {number: flow_of(seen, name) for number, name in names.items() if name}
    wanted = {number: flow for number, flow in flows.items() if flow is not None}
    is_way_back = seen.checkout.terms is None
    lost = {n: names[n] for n, flow in flows.items() if flow is None and is_way_back}
    led = {number: _led(seen, number) for number in wanted}
    links = _links(seen, client, {number: routes[number] for number in wanted}, led)
    holders = holders_of(links)
    changes = [
        _change(seen, routes[number], number, to, holders[number])
        for number, to in wanted.items()
        if holders[number] != [to.id]
    ]
    return NumberFindings(
        tuple(_decided(change, routes[change.number], states) for change in changes),
        wanted,
        dropped,
        lost,
        links,
    )


def _change(
    seen: Survey, route: Route, number: str, to: NumberFlow, found: Collection[str]
) -> NumberChange:
    others = [_of_id(seen, flow_id) for flow_id in found if flow_id != to.id]
    # The journal alone does not say whether the number was led, nor where it was before. A timer,
    # which never writes the lock, may have led it to any flow that its calendar names.
    is_locked = number in _locked(seen)
    known = {*_led(seen, number), *route_ids(seen, route)} if is_locked else ()
    # That it leads nowhere a run that did not come to its end explains, or a flow that is gone.
    was = [flow_id for flow_id in _locked(seen).get(number, ()) if flow_id in seen.live]
    is_taken = bool(was) and not found and number not in seen.led
    hazards = number_hazards(
        *(to, others, known),
        is_there=to.id in found,
        taken_from=_of_id(seen, was[0]).label if is_taken else "",
        calendar=route.calendar,
    )
    return NumberChange(
        number,
        to,
        others[0] if others else None,
        tuple(hazards),
        file="" if seen.checkout.terms is None else PROJECT_FILE,
    )


def _decided(
    change: NumberChange, route: Route, states: Mapping[str, CalendarState]
) -> NumberChange:
    if not route.calendar:
        return change
    return replace(change, calendar=route.calendar, state=states[route.calendar].value)


def flow_of(seen: Survey, name: str) -> NumberFlow | None:
    """The flow of that name as a number leads to it: live, or to be created.

    An id stands for a live flow that has no name, on the way back. None where there is none, which
    is a problem of the files, or its file is broken.
    """
    found = seen.matches.matched.get(name)
    if found is not None:
        return NumberFlow(name, found.live.id, seen.known.flows[name].title)
    if name in seen.known.flows:
        return NumberFlow(name, "", seen.known.flows[name].title)
    if name in seen.live:
        return NumberFlow.of(seen.live[name], seen.name_of(name))
    return None


def route_ids(seen: Survey, route: Route, made: Mapping[str, str] = {}) -> tuple[str, ...]:
    """Ids of the live flows that the number may lead to, sorted; `made` are those created since."""
    flows = (flow_of(seen, name) for name in route.flows)
    ids = (made.get(flow.name, flow.id) for flow in flows if flow is not None)
    return tuple(sorted({flow_id for flow_id in ids if flow_id}))


def _led(seen: Survey, number: str) -> frozenset[str]:
    """Ids of the flows to which mbflow itself led the number last, or may have; empty: unknown."""
    return frozenset({*_locked(seen).get(number, ()), *seen.led.get(number, ())})


def _locked(seen: Survey) -> Mapping[str, tuple[str, ...]]:
    return seen.lock.numbers_of(seen.checkout.environment.name)


def _dropped(seen: Survey, routes: Collection[str]) -> dict[str, tuple[NumberFlow, ...]]:
    return {
        number: tuple(_of_id(seen, flow_id) for flow_id in ids)
        for number, ids in _locked(seen).items()
        if number not in routes
    }


def _of_id(seen: Survey, flow_id: str) -> NumberFlow:
    live = seen.live.get(flow_id)
    if live is None:
        return NumberFlow("", flow_id, "")
    return NumberFlow.of(live, seen.name_of(flow_id))


def _links(
    seen: Survey,
    client: Client,
    routes: Mapping[str, Route],
    led: Mapping[str, Collection[str]],
) -> Links:
    first = {flow_id for route in routes.values() for flow_id in route_ids(seen, route)}
    first |= {flow_id for ids in led.values() for flow_id in ids if flow_id in seen.live}
    try:
        links = read_links(client, first)
        known = holders_of(links)
        if all(known[number] for number in routes):
            return links
        return {**links, **read_links(client, seen.live.keys() - first)}
    except NoNumbersEndpoint as error:
        raise RefusedError(error.summary, *_without_numbers(seen)) from error


def _without_numbers(seen: Survey) -> tuple[Line, ...]:
    name = seen.checkout.environment.name
    return (
        f"So mbflow can lead none of them. Take `numbers:` out of {name} in mbflow.yaml, and lead "
        "them in the service's dashboard; or plan single flows:",
        Command("mbflow", "plan", "--target", "NAME"),
    )


def read_links(client: Client, ids: Collection[str]) -> Links:
    """The numbers of each flow. Raises ApiError where one cannot be read."""
    found = numbers_of(client, sorted(ids))
    return {flow_id: frozenset(one.number for one in links) for flow_id, links in found.items()}


def holders_of(links: Links) -> defaultdict[str, list[str]]:
    """Number to the ids of the flows that it leads to, sorted."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for flow_id in sorted(links):
        for number in links[flow_id]:
            holders[number].append(flow_id)
    return holders
