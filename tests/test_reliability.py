"""The table of docs/reliability.md: the tests it names exist, as many as it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text()
ROWS = re.findall(r"^\| (?!promise)(.+?) \|.*\| (`tests.+?`) \| ([\d,]+)", PAGE, re.MULTILINE)


NAMED = {place for _, where, _ in ROWS for place in re.findall("`(.+?)`", where)}


@pytest.fixture(scope="module")
def collected(pytestconfig, collected_here):
    """`{"tests/lock/test_lock.py": 67}`, of all that the page names."""
    asked = {str(Path(one).resolve()) for one in pytestconfig.args}
    is_everything = str(ROOT / "tests") in asked
    return collected_here if is_everything else collected_anew()


def collected_anew():
    # Nothing is run, so that no assertion needs to be rewritten: half of the time.
    how = ["--collect-only", "-qqm", "", "--assert=plain", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *how, *sorted(NAMED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {path: int(count) for path, count in re.findall(r"^(\S+): (\d+)$", done.stdout, re.M)}


def test_every_row_is_read():
    assert len(ROWS) == len(re.findall(r"^\| (?!promise)", PAGE, re.MULTILINE)) > 15


@pytest.mark.parametrize(("promise", "where", "cases"), ROWS)
def test_there_are_as_many_cases_as_the_page_says(collected, promise, where, cases):
    places = re.findall("`(.+?)`", where)
    counts = [sum(n for path, n in collected.items() if path.startswith(at)) for at in places]
    assert all(counts), f"{promise}: {places} hold {counts} tests"
    assert sum(counts) >= int(cases.replace(",", ""))
