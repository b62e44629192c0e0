"""Legal profiles: what the law of a place asks for, as data.

They encode the rules of the texts named in each file as rules of the product; a lawyer must confirm a
school's own case. `strict`, the default, asks for everything that any of them asks for.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

NAMES = ("strict", "england_wales", "scotland_ni", "eu", "china", "illinois", "new_york")


@dataclass(frozen=True)
class Profile:
    """What must be true before a person's face may be used for a purpose, and what limits its use.

    guardians_decide_below_age: under this age, in whole years, guardians must agree.
    own_yes_from_age: from this age on the person's own yes is needed; their own no counts at any age.
    guardians_told_below_age: under this age every listed guardian must have been notified.
    keep_days_max, unused_days_max: a template expires this many days after its enrolment, and this many after
    its last use, whichever comes first.
    may_search: whether a school may decide to find a face among all who are enrolled (1:N).
    may_store_centrally: whether the school alone may be able to open a face; else half of each key lies on
    its owner's card.
    people_warn, people_stop: how many people's faces may be stored before the school is warned that it has to
    file, and before it may store no more until a filing is recorded; None where there is no such duty.
    breach_hours: within which a breach of personal data is notified to the authority, from when it is known;
    None where the law names none. breach_at_once: whether the law says "immediately".
    answer_period, answer_extension: within which a request is answered ("1 month", "45 days", "15 working
    days"), and by how much that may be extended; "" where it may not.
    """

    name: str
    source: str
    guardians_decide_below_age: int
    guardians_yes_at_least: int
    any_guardian_no_wins: bool
    own_yes_from_age: int
    guardians_told_below_age: int
    keep_days_max: int
    unused_days_max: int
    may_search: bool
    may_store_centrally: bool
    engine_may_load: bool
    breach_at_once: bool
    breach_source: str
    answer_period: str
    answer_extension: str
    answer_source: str
    breach_hours: int | None = None
    people_warn: int | None = None
    people_stop: int | None = None


@cache
def require_profile(name: str) -> Profile:
    """Return a profile by name. Raises LookupError where there is none of that name."""
    if name not in NAMES:
        raise LookupError(f"no legal profile named {name!r}")
    text = (resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8")
    return Profile(name=name, **tomllib.loads(text))
