"""How much of a user's time mbflow takes, against a floor and against peers, in one run.

`python -m benchmarks.speed`; docs/speed.md says how to read what it prints.
"""
