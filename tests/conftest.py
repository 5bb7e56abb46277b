"""What all tests share: how much Hypothesis draws, what signals do, and that bytecode is kept.

By default Hypothesis draws 15 cases a law; `make test-all` takes the profile `long`, with 500. In
CI it draws the same cases every time; elsewhere it looks further with every run. There are no
deadlines, because machines differ.
"""

import gc
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# What is imported and collected stays: each look for garbage would go through all of it.
gc.set_threshold(50_000)

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile(
    "mbflow", derandomize=bool(os.environ.get("CI")), max_examples=15, **PATIENT
)
settings.register_profile("long", settings.get_profile("mbflow"), max_examples=500)
settings.load_profile("mbflow")

# A shell that starts the tests in the background ignores SIGINT for them, `nohup` SIGHUP, and every
# program that they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)

# Without kept bytecode each program that a test starts would compile everything anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Many databases are opened and closed, and each would wait for the disk. A small container has no
# room there.
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

COLLECTED = pytest.StashKey[Counter[str]]()
"""How many tests each file holds, the long ones too: `tests/state/test_lock.py` to 67."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    config.stash[COLLECTED] = Counter(item.nodeid.partition("::")[0] for item in items)


@pytest.fixture(scope="session")
def collected_here(pytestconfig):
    return pytestconfig.stash[COLLECTED]


def pytest_collection_finish():
    gc.collect()
    gc.freeze()
