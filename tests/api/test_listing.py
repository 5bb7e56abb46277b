"""Whole lists or none, as a pure rule and over a socket."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.api.errors import IncompleteListing, Rejected, Unreadable
from mbflow.api.pagination import MOST_PAGES, READS, Page, read_whole

from .service import Reply, flow, listed, pages_of, refused


def numbered(flows):
    return [int(live.id[-12:]) for live in flows]


@pytest.mark.parametrize("count", [0, 1, 10, 99, 100, 101, 350])
def test_every_flow_is_listed_and_each_page_asked_for_once(run, count):
    service, client = run(pages_of([flow(n) for n in range(count)]))

    assert numbered(client.list_call_flows()) == list(range(count))

    pages = max(1, -(-count // 100))
    assert sorted(asked.page for asked in service.asked) == list(range(1, pages + 1))
    assert {asked.query["perPage"] for asked in service.asked} == {"100"}
    assert {asked.path for asked in service.asked} == {"/call-flows"}


@pytest.mark.parametrize("cap", [1, 5, 10, 99])
def test_a_cap_on_the_page_size_is_followed(run, cap):
    service, client = run(pages_of([flow(n) for n in range(23)], cap=cap))

    assert numbered(client.list_call_flows()) == list(range(23))
    assert len(service.asked) == -(-23 // cap)


def test_one_worker_lists_in_its_own_thread(run):
    flows = [flow(n) for n in range(250)]
    _, client = run(pages_of(flows), workers=1)
    before = threading.active_count()

    assert len(client.list_call_flows()) == 250
    # The service's own threads, one a connection, are the only new ones.
    assert threading.active_count() - before <= 1


@pytest.mark.parametrize("data", [None, []])
def test_an_empty_account_is_a_whole_list(run, data):
    _, client = run(lambda asked: listed(data, 0))
    assert client.list_call_flows() == []


def test_who_refuses_the_page_size_is_asked_without_one(run):
    flows = [flow(n) for n in range(25)]

    def answer(asked):
        return refused(422, "perPage is too large") if "perPage" in asked.query else whole(asked)

    whole = pages_of(flows)
    service, client = run(answer)

    assert numbered(client.list_call_flows()) == list(range(25))
    assert len(service.asked) == 1 + 3
    client.list_call_flows()
    assert len(service.asked) == 1 + 3 + 3


def test_a_page_that_repeats_is_no_list(run, clock):
    first = [flow(n) for n in range(100)]
    service, client = run(lambda asked: listed(first, 250))

    with pytest.raises(IncompleteListing) as failure:
        client.list_call_flows()

    assert failure.value.summary == (
        "The list of call flows could not be read completely: it has 250 by its total, "
        "but 100 were listed (pages 2, 3 repeat what was listed before)."
    )
    assert failure.value.exit_code == 1
    assert len(service.asked) == READS * 3
    assert len(clock.sleeps) == READS - 1
    assert clock.sleeps == sorted(clock.sleeps)


def test_a_total_that_does_not_add_up_is_no_list(run):
    _, client = run(pages_of([flow(n) for n in range(30)], total=31))
    with pytest.raises(IncompleteListing, match="it has 31 by its total, but 30 were listed"):
        client.list_call_flows()


def test_more_flows_than_the_total_is_no_list(run):
    _, client = run(lambda asked: listed([flow(1), flow(2)], 1))
    with pytest.raises(IncompleteListing, match="it has 1 by its total, but 2 were listed"):
        client.list_call_flows()


def test_an_empty_page_where_the_total_says_more_is_no_list(run):
    _, client = run(lambda asked: listed(None, 3))
    with pytest.raises(IncompleteListing, match="it has 3 by its total, but 0 were listed"):
        client.list_call_flows()


def test_a_total_that_changes_midway_is_read_again(run):
    flows = [flow(n) for n in range(150)]
    reads = iter([150, 151])

    def answer(asked):
        total = next(reads, 150)
        return listed(flows[(asked.page - 1) * 100 : asked.page * 100], total)

    service, client = run(answer, workers=1)

    assert len(client.list_call_flows()) == 150
    assert [asked.page for asked in service.asked] == [1, 2, 1, 2]


def test_an_order_that_changes_between_pages_is_read_again(run):
    flows = [flow(n) for n in range(150)]
    turned = iter([flows, flows[1:] + flows[:1]])

    def answer(asked):
        order = next(turned, flows)
        return listed(order[(asked.page - 1) * 100 : asked.page * 100], 150)

    service, client = run(answer, workers=1)

    assert numbered(client.list_call_flows()) == list(range(150))
    assert len(service.asked) == 4


def test_a_failing_page_fails_the_list_and_stops_the_others(run):
    flows = [flow(n) for n in range(10_000)]
    good = pages_of(flows)

    def answer(asked):
        return refused(403, "no") if asked.page == 2 else good(asked)

    service, client = run(answer, workers=2)

    with pytest.raises(Rejected) as failure:
        client.list_call_flows()
    assert failure.value.status == 403
    assert len(service.asked) < 100


def test_an_absurd_total_is_not_followed(run):
    service, client = run(lambda asked: listed([flow(1)], 10**9))
    with pytest.raises(IncompleteListing, match="cannot be right"):
        client.list_call_flows()
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"data": [flow(1)]}, "its list does not say how many entries it has"),
        ({"data": [flow(1)], "totalCount": 1}, "its list does not say how many entries it has"),
        (
            {"data": [flow(1)], "pagination": {"totalCount": "1"}},
            "its list does not say how many entries it has",
        ),
        (
            {"data": [flow(1)], "pagination": {"totalCount": True}},
            "its list does not say how many entries it has",
        ),
        ({"data": {}, "pagination": {"totalCount": 0}}, "its answer has no list `data`"),
        ({"pagination": {"totalCount": 0}}, "its answer has no list `data`"),
        (
            {"data": [{"title": "x"}], "pagination": {"totalCount": 1}},
            "its answer holds an entry without an id",
        ),
        (
            {"data": [{"id": 7}], "pagination": {"totalCount": 1}},
            "its answer holds an entry without an id",
        ),
        ({"data": ["x"], "pagination": {"totalCount": 1}}, "entry without an id"),
        ([1, 2], "it answered 200"),
    ],
)
def test_what_is_not_the_envelope_is_refused(run, body, reason):
    _, client = run(lambda asked: Reply(body=body))
    with pytest.raises(Unreadable) as failure:
        client.list_call_flows()
    assert reason in failure.value.summary


def test_numbers_are_read_whole_too(run):
    numbers = [{"id": f"n{i}", "number": f"3161111{i:04}", "callFlowId": "f"} for i in range(130)]
    service, client = run(pages_of(numbers))

    found = client.list_numbers("f")

    assert [number.number for number in found] == [item["number"] for item in numbers]
    assert {asked.path for asked in service.asked} == {"/call-flows/f/numbers"}
    assert len(service.asked) == 2


# As a rule over values ----------------------------------------------------------------------


class Source:
    """A list that is read by page, and may be disturbed between two pages."""

    def __init__(self, items, size, disturb=lambda items, read: items):
        self.items, self.size, self.disturb = items, size, disturb
        self.asked: list[int] = []

    def page(self, number):
        self.asked.append(number)
        items = self.disturb(self.items, len(self.asked))
        part = items[(number - 1) * self.size : number * self.size]
        return Page(number, [(item, {"id": item}) for item in part], len(items))

    def read(self):
        return read_whole(
            "things",
            read_page=self.page,
            read_pages=lambda numbers: [self.page(number) for number in numbers],
            pause=lambda reads: None,
        )


@given(st.lists(st.text(min_size=1), unique=True, max_size=60), st.integers(1, 70))
def test_a_quiet_list_is_read_once_in_order(items, size):
    source = Source(items, size)
    assert [item["id"] for item in source.read()] == items
    assert source.asked == list(range(1, max(1, -(-len(items) // size)) + 1))


@given(
    items=st.lists(st.integers(), unique=True, max_size=40),
    size=st.integers(1, 20),
    turns=st.lists(st.integers(0, 39), max_size=60),
)
def test_a_list_in_disorder_is_whole_or_nothing(items, size, turns):
    def disturb(items, read):
        by = turns[read - 1] if read <= len(turns) else 0
        by = by % len(items) if items else 0
        return items[by:] + items[:by]

    source = Source(items, size, disturb)
    try:
        found = [item["id"] for item in source.read()]
    except IncompleteListing:
        return
    assert sorted(found) == sorted(items)


def test_pages_are_bounded():
    source = Source(range(MOST_PAGES + 1), 1)
    with pytest.raises(IncompleteListing):
        source.read()
    assert source.asked == [1]
