"""Public holidays of a country or region, by the library `holidays`.

It is imported where a calendar has holidays, and computes the years that are asked for.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from mbflow.model.text import listed, nearest, shortened
from mbflow.schema.messages import Mistake

NATIONWIDE = "nationwide"
"""In the place of a region: the holidays that the whole country has."""
_NAME = "holidays"


def holidays_of(country: str, region: str = NATIONWIDE) -> Callable[[int], Mapping[date, str]]:
    """Gives the public holidays of a year, with their names, of a country that has the region."""

    @cache
    def of(year: int) -> Mapping[date, str]:
        return _holidays(country, region, year)

    return of


def holiday_mistakes(stated: Mapping[str, str], year: int) -> Iterator[Mistake]:
    """A country or region that the library does not know; and a region that is missing.

    `year` is the one in which holidays of regions are compared, and the one after it.
    """
    country, region = stated["country"], stated.get("region")
    countries = _countries()
    if country not in countries.values():
        message = (
            f'No public holidays are known of a country "{shortened(country, 60)}".'
            f"{_country_meant(country, countries)} Write its code of two letters, such as GB."
        )
        yield Mistake((_NAME, "country"), message)
        return
    codes = _library(country).subdivisions
    if region is None and _differ(country, codes, year):
        message = (
            f"Holidays differ between the regions of {country}. Add region: one of "
            f"{', '.join(codes)}; or {NATIONWIDE}, for those of the whole country."
        )
        yield Mistake((_NAME,), message)
    elif region is not None and region not in (*codes, NATIONWIDE):
        guess = " Remove the line: its holidays are the same everywhere."
        if codes:
            known = {code: code for code in (*codes, NATIONWIDE)}
            guess = _meant(region, known | getattr(_library(country), "subdivisions_aliases", {}))
            guess = guess or f" There are {listed(known, last='and')}."
        message = f'{country} has no region "{shortened(region, 60)}".{guess}'
        yield Mistake((_NAME, "region"), message)


def _countries() -> dict[str, str]:
    """The names of a country, its codes among them, to its code of two letters."""
    from holidays.registry import COUNTRIES

    return {name: of[1] for of in COUNTRIES.values() for name in of}


def _library(country: str) -> Any:
    import holidays

    return getattr(holidays, country)


def _country_meant(word: str, countries: Mapping[str, str]) -> str:
    """As `_meant`, but nothing for a code that is none: GER is no misspelt GR."""
    is_known = word.casefold() in map(str.casefold, countries)
    return _meant(word, countries) if is_known or len(word) > 3 else ""


def _meant(word: str, codes: Mapping[str, str]) -> str:
    """` Did you mean "x"?` with the code of the name that the word is nearest to, or nothing."""
    found = nearest(word.replace(" ", ""), codes)
    return f' Did you mean "{codes[found]}"?' if found is not None else ""


def _differ(country: str, regions: tuple[str, ...], year: int) -> bool:
    return any(
        {*_holidays(country, region, of)} != {*_holidays(country, NATIONWIDE, of)}
        for of in (year, year + 1)
        for region in regions
    )


def _holidays(country: str, region: str, year: int) -> dict[date, str]:
    """One year: what the library gives of its neighbours, for days moved over New Year, is left."""
    part = None if region == NATIONWIDE else region
    with warnings.catch_warnings():
        # Of years that the library knows little of it warns on standard error, in its own words.
        warnings.simplefilter("ignore")
        found = _library(country)(years=year, subdiv=part)
    return {day: name for day, name in sorted(found.items()) if day.year == year}
