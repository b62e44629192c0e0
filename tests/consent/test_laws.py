"""The laws that a school chooses from."""

import pytest

from willing.consent.laws import LAW_LABELS, consequences, require_law, suggest_law
from willing.consent.profiles import NAMES, require_profile
from willing.core.errors import Refused
from willing.people.places import countries


@pytest.mark.parametrize("given", ["gdpr", "EU", "", "../eu"])
def test_a_law_that_is_not_here_is_refused_with_those_that_are(given):
    with pytest.raises(Refused, match="law_unknown") as refused:
        require_law(given)
    assert refused.value.data["known"] == list(NAMES)


@pytest.mark.parametrize("country", countries())
def test_every_country_has_a_law_and_the_strictest_where_none_is_known(country):
    assert suggest_law(country) in NAMES
    if country not in {"GB", "CN"} and suggest_law(country) != "eu":
        assert suggest_law(country) == "strict"


def test_every_law_has_a_name_and_three_lines_of_what_follows():
    assert set(LAW_LABELS) == set(NAMES)
    for name in NAMES:
        lines = consequences(require_profile(name))
        assert len(lines) == 3
        assert all(line and "%(" not in line for line in lines)


def test_a_law_that_forbids_faces_says_so_first():
    assert (
        consequences(require_profile("new_york"))[0]
        == "No face is used at this school, even if everyone agrees."
    )


def test_what_follows_follows_from_the_profile():
    china, strict = consequences(require_profile("china")), consequences(require_profile("strict"))
    assert "Under 14 a guardian decides" in china[0]
    assert "the school may decide otherwise" in china[1]
    assert "the pupil both have to agree" in strict[0]
    assert "never identifies a person alone" in strict[1]
    assert "120 days without use" in strict[2]
