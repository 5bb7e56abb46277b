"""Tables whose cells come from a service."""

from mbflow.views.text import fitting, right_aligned, sharing, table

FLOOD = "x" * 1_000_000


def test_one_long_cell_does_not_widen_every_row_without_bound():
    rows = 1000
    columns = [
        ["ID", FLOOD, *map(str, range(rows))],
        right_aligned(["STATE", FLOOD, *map(str, range(rows))]),
        ["NAME", FLOOD, *map(str, range(rows))],
    ]
    for shown in (columns, fitting(columns, 10**9), sharing(columns, 10**9)):
        lines = table(shown).splitlines()
        assert max(map(len, lines)) < 3 * 2010
        assert lines[1].count("…") == 3
        assert lines[-1].split() == ["999", "999", "999"]


def test_a_url_of_the_greatest_length_is_whole():
    url = f"https://example.com/{'x' * 1980}"
    assert table([["ID", "1"], ["URL", url], ["TOKEN", "yes"]]).splitlines()[1] == (
        f"1   {url}  yes"
    )
