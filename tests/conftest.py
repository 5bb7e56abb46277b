"""What all tests share: Hypothesis without deadlines, because machines differ.

In CI it draws the same cases every time; elsewhere it looks further with every run.
`pytest --hypothesis-profile=thorough` looks twenty times as long.
"""

import os

from hypothesis import HealthCheck, settings

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("mbflow", derandomize=bool(os.environ.get("CI")), **PATIENT)
settings.register_profile("thorough", max_examples=2000, **PATIENT)
settings.load_profile("mbflow")
