"""Says at the end how much was tried."""

from .story import applies


def pytest_terminal_summary(terminalreporter):
    if applies:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(applies.items()))
        terminalreporter.write_line(f"torture: {counts}")
