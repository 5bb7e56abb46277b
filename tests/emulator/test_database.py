"""The database file: foreign, damaged, read-only, busy or shared, with a clear word each time."""

import sqlite3
import threading

import pytest

from mbflow.api.emulator_transport import EmulatorTransport
from mbflow.emulator.app import Emulator
from mbflow.emulator.server import Server
from mbflow.emulator.store import Record, Records, Store
from mbflow.model.errors import Error
from mbflow.model.text import Command

from .conftest import client

FLOW = {"steps": [{"action": "hangup"}], "title": "x" * 3000}


def refused(path):
    with pytest.raises(Error) as caught:
        Emulator(path)
    return caught.value.summary


def written(path, sql):
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


def test_a_foreign_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "shop.db"
    written(path, "CREATE TABLE orders (id); INSERT INTO orders VALUES (7);")
    before = path.read_bytes()
    assert refused(path) == f"{path} is a database of another program."
    assert path.read_bytes() == before


def test_a_database_of_another_program_without_tables_is_refused(tmp_path):
    path = tmp_path / "other.db"
    written(path, "PRAGMA application_id = 1;")
    assert refused(path) == f"{path} is a database of another program."


def test_a_database_of_another_version_is_refused(tmp_path):
    path = tmp_path / "flows.db"
    Emulator(path).close()
    written(path, "PRAGMA user_version = 9;")
    assert refused(path) == f"{path} was written by another version of mbflow."


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 999]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "flows.db"
    path.write_bytes(content)
    assert refused(path) == f"The emulator's database {path} is damaged, or is no database."
    assert path.read_bytes() == content


def test_a_database_without_its_table_is_damaged(tmp_path):
    path = tmp_path / "flows.db"
    emulator = Emulator(path, account="local")
    written(path, "DROP TABLE records;")
    with (
        client("http://emulator", EmulatorTransport(emulator)) as api,
        pytest.raises(Error) as caught,
    ):
        api.get("/call-flows")
    emulator.close()
    assert caught.value.summary == f"The emulator's database {path} is damaged, or is no database."


def test_the_embedded_emulator_is_moved_away_with_its_lock(tmp_path):
    path = tmp_path / ".mbflow" / "local" / "emulator.sqlite3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(Error) as caught:
        Emulator(path)
    assert caught.value.details[-2:] == (
        "The lock beside it names flows that are then gone, so move the whole folder:",
        Command("mv", str(path.parent), f"{path.parent}.damaged"),
    )


def test_an_empty_file_becomes_a_database(tmp_path):
    path = tmp_path / "flows.db"
    path.touch()
    Emulator(path).close()
    Emulator(path).close()
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_a_folder_or_a_missing_folder_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing" / "flows.db"):
        assert refused(path) == f"The emulator's database {path} cannot be used."


@pytest.fixture
def damaged(tmp_path):
    """A database whose tables open, and whose pages of call flows are noise."""
    path = tmp_path / "flows.db"
    emulator = Emulator(path, account="local")
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        for _ in range(20):
            api.post("/call-flows", json=FLOW)
    emulator.close()
    content = path.read_bytes()
    path.write_bytes(content[:16384] + b"\xa5" * (len(content) - 16384))
    return path


def test_damage_is_an_error_in_process(damaged):
    emulator = Emulator(damaged, account="local")
    with (
        client("http://emulator", EmulatorTransport(emulator)) as api,
        pytest.raises(Error) as caught,
    ):
        api.get("/call-flows")
    emulator.close()
    assert caught.value.summary == (
        f"The emulator's database {damaged} is damaged, or is no database."
    )
    assert caught.value.details[-1] == (
        "Move the file away; the emulator then starts with an empty one."
    )


def test_damage_is_a_500_in_the_documented_shape_on_the_socket(damaged, caplog):
    emulator = Emulator(damaged, account="local")
    server = Server(emulator, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    with client(server.url) as api:
        answer = api.get("/call-flows")
    server.stop()
    thread.join()
    emulator.close()
    assert answer.status_code == 500
    assert answer.json() == {
        "data": None,
        "errors": [{"message": "The emulator cannot use its database.", "code": 99}],
    }
    assert [record.getMessage() for record in caplog.records] == [
        f"The emulator's database {damaged} is damaged, or is no database."
    ]


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    store = Store(tmp_path / "flows.db")
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        Records(connection, "mine").add("flow", Record("1", "{}"))
        raise ZeroDivisionError
    with store.read() as connection:
        assert Records(connection, "mine").count("flow") == 0
    store.close()


def test_a_full_disk_is_an_error_and_loses_nothing(tmp_path):
    path = tmp_path / "flows.db"
    emulator = Emulator(path, account="local")
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        assert api.post("/call-flows", json=FLOW).status_code == 201
        with emulator._store.read() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(Error) as caught:
            for _ in range(20):
                api.post("/call-flows", json=FLOW)
        assert "SQLite says: database or disk is full." in caught.value.details
        assert api.get("/call-flows").status_code == 200
    emulator.close()


def test_a_database_that_another_process_keeps_busy_is_an_error(tmp_path):
    path = tmp_path / "flows.db"
    emulator = Emulator(path, account="local")
    with emulator._store.read() as connection:
        connection.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with client("http://emulator", EmulatorTransport(emulator)) as api:
        assert api.get("/call-flows").status_code == 200
        with pytest.raises(Error) as caught:
            api.post("/call-flows", json=FLOW)
        assert caught.value.summary == (
            f"The emulator's database {path} is kept busy by another process."
        )
        other.execute("ROLLBACK")
        assert api.post("/call-flows", json=FLOW).status_code == 201
    other.close()
    emulator.close()


def test_two_emulators_share_one_file(tmp_path):
    emulators = [Emulator(tmp_path / "flows.db", account="local") for _ in range(2)]
    clients = [client("http://emulator", EmulatorTransport(one)) for one in emulators]

    def write(api):
        for _ in range(25):
            assert api.post("/call-flows", json=FLOW).status_code == 201

    threads = [threading.Thread(target=write, args=(api,)) for api in clients * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    totals = [api.get("/call-flows").json()["pagination"]["totalCount"] for api in clients]
    assert totals == [100, 100]
    for api, emulator in zip(clients, emulators, strict=True):
        api.close()
        emulator.close()


def test_connections_of_ended_threads_are_closed(tmp_path):
    store = Store(tmp_path / "flows.db")

    def read():
        with store.read() as connection:
            Records(connection, "mine").count("flow")

    for _ in range(5):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert len(store._connections) <= 2
    store.close()


def test_threads_that_open_a_new_file_at_once_all_can_use_it(tmp_path):
    opened, barrier = [], threading.Barrier(6)

    def open_one(number):
        barrier.wait()
        opened.append(Store(tmp_path / f"{number}.db"))

    for number in range(10):
        threads = [threading.Thread(target=open_one, args=(number,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for store in opened:
        store.close()
    assert len(opened) == 60
