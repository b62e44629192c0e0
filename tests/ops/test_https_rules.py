"""Which names a school's certificate has, and when it is renewed."""

from datetime import UTC, datetime, timedelta

import pytest

from willing.ops.https_rules import is_due, refuse_certificate, refuse_names

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["lunch.school.example"], None),
        (["lunch.school.example", "willing.local"], None),
        ([], "name the server"),
        (["192.168.1.5"], "is a number"),
        (["[::1]"], "is a number"),
        (["lunch.school.example:8443"], "no name of a computer"),
        ([".school.example"], "no name of a computer"),
        (["my_lunch.example"], "no name of a computer"),
        (["localhost"], "this computer alone"),
        (["till.localhost"], "this computer alone"),
        (["lunch"], "has no dot"),
    ],
)
def test_a_certificate_is_for_a_name_of_the_schools(names: list[str], said: str | None) -> None:
    found = refuse_names(names)
    assert found is None if said is None else said in str(found)


def test_it_is_renewed_when_a_third_of_its_time_is_left() -> None:
    begins, ends = NOON, NOON + 30 * DAY
    assert not is_due(begins, ends, NOON + 19 * DAY)
    assert is_due(begins, ends, NOON + 20 * DAY)
    assert is_due(begins, ends, NOON + 40 * DAY)


def test_a_certificate_that_names_nobody_or_is_out_of_its_time_is_refused() -> None:
    names = ["lunch.school.example"]
    assert refuse_certificate(names, NOON - DAY, NOON + DAY, NOON) is None
    assert "names no computer" in str(refuse_certificate([], NOON - DAY, NOON + DAY, NOON))
    assert "expired on 2026-09-01" in str(refuse_certificate(names, NOON - DAY, NOON, NOON))
    assert "valid from 2026-09-02" in str(refuse_certificate(names, NOON + DAY, NOON + 2 * DAY, NOON))
