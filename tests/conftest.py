"""What all tests share: Hypothesis without deadlines, because machines differ.

In CI it draws the same cases every time; elsewhere it looks further with every run.
`pytest --hypothesis-profile=thorough` looks twenty times as long.
"""

import os
import signal

from hypothesis import HealthCheck, settings

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("mbflow", derandomize=bool(os.environ.get("CI")), **PATIENT)
settings.register_profile("thorough", max_examples=2000, **PATIENT)
settings.load_profile("mbflow")

# A shell that starts the tests in the background ignores SIGINT for them, and every program that
# they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
