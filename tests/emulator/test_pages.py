"""A page is what SQLite would say, whoever wrote meanwhile, and costs no more far down."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbflow.emulator.store import Record, Records, Store

KIND, ACCOUNT = "flow", "someone"
WRITES = st.tuples(
    st.sampled_from(["add", "remove", "move", "roll back"]),
    st.integers(0, 9),
    st.sampled_from(["", "parent"]),
)


def plain_page(connection, parent, start, length):
    """The ids of a page, counted and walked to by SQLite."""
    rows = connection.execute(
        "SELECT id FROM records WHERE account = ? AND kind = ? AND parent = ?"
        " ORDER BY seq DESC LIMIT ? OFFSET ?",
        (ACCOUNT, KIND, parent, length, start),
    )
    return [name for (name,) in rows]


def write(records, what, name, parent):
    known = records.get(KIND, name)
    if what == "remove":
        records.remove(KIND, name)
    elif known is None:
        records.add(KIND, Record(name, "{}", parent))
    elif what == "move":
        records.replace(KIND, Record(name, "{}", parent))


def carry_out(store, what, name, parent):
    try:
        with store.write() as connection:
            write(Records(connection, ACCOUNT), what, name, parent)
            if what == "roll back":
                raise KeyError
    except KeyError:
        pass


@given(
    writes=st.lists(st.tuples(WRITES, st.booleans()), max_size=12),
    start=st.integers(0, 5),
    length=st.integers(1, 4),
)
def test_a_page_is_what_sqlite_would_say(writes, start, length, tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "emulator.db"
    with ExitStack() as stack:
        stores = [Store(path), Store(path)]
        for store in stores:
            stack.callback(store.close)
        for (what, name, parent), is_other in writes:
            carry_out(stores[is_other], what, str(name), parent)
            with stores[0].read() as connection:
                records = Records(connection, ACCOUNT)
                for of in ("", "parent"):
                    found = [one.id for one in records.page(KIND, of, start, length)]
                    assert found == plain_page(connection, of, start, length)
                    assert records.count(KIND, of) == len(plain_page(connection, of, 0, 100))


@pytest.fixture
def long_list():
    store = Store(None)
    with store.write() as connection:
        records = Records(connection, ACCOUNT)
        for number in range(2000):
            records.add(KIND, Record(str(number), "{}"))
    yield store
    store.close()


def test_the_last_page_costs_what_the_first_does(long_list):
    steps = []
    with long_list.read() as connection:
        records = Records(connection, ACCOUNT)
        records.count(KIND)
        connection.set_progress_handler(lambda: steps.append(1), 1)
        costs = []
        for start in (0, 1900):
            steps.clear()
            assert records.count(KIND) == 2000
            assert len(records.page(KIND, "", start, 100)) == 100
            costs.append(len(steps))
    assert max(costs) < 1000  # instructions of SQLite, for 100 of 2,000 records
