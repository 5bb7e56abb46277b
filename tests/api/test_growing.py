"""Lists that others add to while they are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.api import pagination as growing
from mbflow.api.errors import IncompleteListing
from mbflow.api.pagination import MOST_PAGES, Page, read_open_list
from mbflow.api.resource import read_list

from .service import Reply, listed, pages_of, refused

A, B = ("a", {"id": "a"}), ("b", {"id": "b"})


class Account:
    """Entries 0, 1, 2…, newest first; before each page but the first some more come in."""

    def __init__(self, count, size, arrivals=(), *, tells=True):
        self.count, self.size, self.tells = count, size, tells
        self.arrivals = list(arrivals)
        self.pages = []

    def page(self, number):
        if self.pages and self.arrivals:
            self.count += self.arrivals.pop(0)
        self.pages.append(number)
        newest_first = range(self.count - 1, -1, -1)
        ids = newest_first[(number - 1) * self.size : number * self.size]
        return Page(
            number, [(str(n), {"id": str(n)}) for n in ids], self.count if self.tells else None
        )

    def read(self, limit=None):
        return read_open_list(
            "calls",
            limit=limit,
            read_page=self.page,
            read_pages=lambda numbers: [self.page(number) for number in numbers],
        )


@given(
    count=st.integers(0, 60),
    size=st.integers(1, 12),
    arrivals=st.lists(st.integers(0, 7), max_size=12),
    limit=st.none() | st.integers(1, 70),
    tells=st.booleans(),
)
def test_nothing_that_was_there_at_the_start_is_missed(count, size, arrivals, limit, tells):
    # At most as many come in between two pages as a page holds, else a page could repeat whole.
    account = Account(count, size, [min(number, size - 1) for number in arrivals], tells=tells)
    listing = account.read(limit)
    found = [item["id"] for item in listing.items]
    assert len(found) == len(set(found))
    if limit is None:
        assert {str(n) for n in range(count)} <= set(found)
        assert listing.total == len(found)
    else:
        assert len(found) == min(limit, len(found)) >= min(limit, count)
        assert listing.total >= len(found)


def test_a_list_that_grows_faster_than_its_end_is_read_is_whole():
    account = Account(14, 7, [6] * 12)
    found = {item["id"] for item in account.read().items}
    assert {str(n) for n in range(14)} <= found


def test_a_quiet_list_is_read_once():
    account = Account(25, 10)
    listing = account.read()
    assert [item["id"] for item in listing.items] == [str(n) for n in range(24, -1, -1)]
    assert (listing.total, account.pages) == (25, [1, 2, 3])


def test_no_more_pages_are_read_than_the_limit_needs():
    account = Account(1000, 10)
    listing = account.read(limit=15)
    assert [item["id"] for item in listing.items] == [str(n) for n in range(999, 984, -1)]
    assert (listing.total, account.pages) == (1000, [1, 2])


def test_a_list_that_does_not_tell_its_length_is_read_to_its_end():
    account = Account(25, 10, tells=False)
    assert account.read().total == 25
    assert account.pages == [1, 2, 3, 4]


def test_a_list_without_pages_is_taken_as_it_is():
    whole = Page(1, [A, B], None)
    listing = read_open_list(
        "calls", limit=None, read_page=lambda number: whole, read_pages=lambda numbers: []
    )
    assert [item["id"] for item in listing.items] == ["a", "b"]


def test_entries_that_vanish_do_not_count():
    parts = {1: Page(1, [A], 3), 2: Page(2, [B], 2), 3: Page(3, [], 2)}
    listing = read_open_list(
        "calls",
        limit=None,
        read_page=parts.__getitem__,
        read_pages=lambda numbers: [parts[number] for number in numbers],
    )
    assert ([item["id"] for item in listing.items], listing.total) == (["a", "b"], 2)


def test_a_total_that_is_too_small_hides_nothing():
    part = Page(1, [A, B], 0)
    listing = read_open_list(
        "calls", limit=None, read_page=lambda number: part, read_pages=lambda numbers: []
    )
    assert (len(listing.items), listing.total) == (2, 2)


def test_pages_that_repeat_each_other_are_an_error():
    part = Page(1, [A], 5)
    with pytest.raises(IncompleteListing, match=r"list of calls .* its pages repeat each other"):
        read_open_list(
            "calls",
            limit=None,
            read_page=lambda number: part,
            read_pages=lambda numbers: [part for _ in numbers],
        )


def test_a_list_without_an_end_is_an_error(monkeypatch):
    assert MOST_PAGES == 20_000
    monkeypatch.setattr(growing, "MOST_PAGES", 20)
    with pytest.raises(IncompleteListing, match="does not end after 20 pages"):
        read_open_list(
            "calls",
            limit=None,
            read_page=lambda number: Page(number, [(str(number), {"id": str(number)})], None),
            read_pages=lambda numbers: [],
        )


# Over HTTP ------------------------------------------------------------------------------------


def calls(count):
    return [{"id": f"call-{n}"} for n in range(count)]


def test_pages_are_asked_for_by_number_and_size(run):
    service, client = run(pages_of(calls(250)))
    listing = read_list(client, "/calls", "calls")
    assert [item["id"] for item in listing.items] == [item["id"] for item in calls(250)]
    asked = sorted((asked.page, asked.query["perPage"]) for asked in service.asked)
    assert asked == [(1, "100"), (2, "100"), (3, "100")]


def test_a_small_limit_asks_for_a_small_page(run):
    service, client = run(pages_of(calls(250)))
    listing = read_list(client, "/calls", "calls", 5)
    assert (len(listing.items), listing.total) == (5, 250)
    assert [asked.query for asked in service.asked] == [{"page": "1", "perPage": "5"}]


@pytest.mark.parametrize("limit", [None, 30])
def test_a_service_with_small_pages_of_its_own(run, limit):
    service, client = run(pages_of(calls(45), cap=10))
    assert len(read_list(client, "/calls", "calls", limit).items) == (limit or 45)
    assert len(service.asked) == (3 if limit else 5)


def test_a_service_that_refuses_the_size_is_asked_without(run):
    def answer(asked):
        if "perPage" in asked.query:
            return refused(422, "perPage")
        return listed([{"id": "a"}], 1)

    service, client = run(answer)
    for _ in range(2):
        assert len(read_list(client, "/calls", "calls").items) == 1
    assert [dict(asked.query) for asked in service.asked] == [
        {"page": "1", "perPage": "100"},
        {"page": "1"},
        {"page": "1"},
    ]


@pytest.mark.parametrize("pagination", [{}, {"pagination": None}])
def test_pagination_may_be_missing(run, pagination):
    _, client = run(lambda asked: Reply(body={"data": [{"id": "a"}], **pagination}))
    assert read_list(client, "/calls", "calls").total == 1


def test_null_is_an_empty_list(run):
    _, client = run(lambda asked: listed(None, 0))
    listing = read_list(client, "/calls", "calls")
    assert (listing.items, listing.total) == ([], 0)
