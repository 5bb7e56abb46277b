"""Says at the end how much was tried."""

from .counting import counts


def pytest_terminal_summary(terminalreporter):
    if counts:
        words = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        terminalreporter.write_line(f"torture: {words}")
