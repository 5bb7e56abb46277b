"""What all tests share: Hypothesis without deadlines, because machines differ.

`pytest --hypothesis-profile=thorough` looks twenty times as long.
"""

from hypothesis import HealthCheck, settings

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("mbflow", **PATIENT)
settings.register_profile("thorough", max_examples=2000, **PATIENT)
settings.load_profile("mbflow")
