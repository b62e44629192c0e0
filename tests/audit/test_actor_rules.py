"""Who did what an entry says, by table."""

import pytest

from willing.audit.actor_rules import GUARDIAN, PERSON, SYSTEM, TILL, USER, Actor, actor_of

CASES = [
    ("card.issued", {"by": 7}, Actor(USER, "7")),
    ("card.issued", {"by": None}, Actor(SYSTEM)),
    ("retention.completed", {}, Actor(SYSTEM)),
    ("consent.decided", {"by": "self", "guardian": None}, Actor(PERSON)),
    ("consent.decided", {"by": "a1"}, Actor(GUARDIAN, "a1")),
    ("sale.settled", {"terminal": "t1", "cashier": 4}, Actor(USER, "4")),
    ("sale.settled", {"terminal": "t1", "cashier": None}, Actor(TILL, "t1")),
    ("record.downloaded", {"by": 3, "guardian": "a1"}, Actor(USER, "3")),
    ("allergen.recorded", {"by": None, "guardian": "a1"}, Actor(GUARDIAN, "a1")),
    ("complaint.raised", {"raised_by": "guardian", "guardian": "a1"}, Actor(GUARDIAN, "a1")),
    ("complaint.raised", {"raised_by": "pupil", "guardian": None}, Actor(PERSON)),
    ("mail.sent", {"guardian": "a1"}, Actor(SYSTEM)),
    ("invitation.used", {"user": 9}, Actor(USER, "9")),
    ("user.anonymised", {"user": 9}, Actor(SYSTEM)),
    ("low_balance.set", {"guardian": "a1"}, Actor(GUARDIAN, "a1")),
]


@pytest.mark.parametrize(("event", "facts", "actor"), CASES)
def test_who_did_it_follows_from_the_facts(event, facts, actor):
    assert actor_of(event, facts) == actor
