"""How much all stories of this process tried, for those who read what a run says at its end."""

from collections import Counter

counts = Counter()
"""Applies, plans, crashes, refusals, and instants at which was looked where numbers lead."""
places = Counter()
"""Where they were killed."""
led = Counter()
"""What became of numbers: a quirk or a fault, and a status, to how often."""


def count_number(outcome, troubles):
    """Under each of the quirks and faults that act on numbers."""
    counts[f"numbers {outcome.status.value}"] += 1
    for trouble in troubles or ("peace",):
        led[trouble, outcome.status.value] += 1
