"""Tables whose cells come from a service."""

from mbflow.views.text import align_right, fit_columns, share_width, table

FLOOD = "x" * 1_000_000


def test_one_long_cell_does_not_widen_every_row_without_bound():
    rows = 1000
    columns = [
        ["ID", FLOOD, *map(str, range(rows))],
        align_right(["STATE", FLOOD, *map(str, range(rows))]),
        ["NAME", FLOOD, *map(str, range(rows))],
    ]
    for shown in (columns, fit_columns(columns, 10**9), share_width(columns, 10**9)):
        lines = table(shown).splitlines()
        assert max(map(len, lines)) < 3 * 2010
        assert lines[1].count("…") == 3
        assert lines[-1].split() == ["999", "999", "999"]


def test_a_url_of_the_greatest_length_is_whole():
    url = f"https://example.com/{'x' * 1980}"
    assert table([["ID", "1"], ["URL", url], ["TOKEN", "yes"]]).splitlines()[1] == (
        f"1   {url}  yes"
    )
