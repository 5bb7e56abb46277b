"""What all tests share: how much Hypothesis draws, what signals do, and that bytecode is kept.

By default Hypothesis draws 30 cases a law; `make test-all` takes the profile `long`, with 500. In
CI it draws the same cases every time; elsewhere it looks further with every run. There are no
deadlines, because machines differ.
"""

import gc
import os
import signal
import sys

from hypothesis import HealthCheck, settings

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile(
    "mbflow", derandomize=bool(os.environ.get("CI")), max_examples=30, **PATIENT
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


def pytest_collection_finish():
    """What was imported and collected stays: without this each garbage collection looks at it."""
    gc.collect()
    gc.freeze()
