"""What was paid goes back once, to where it came from."""

from uuid import uuid4

import pytest
from tests.support.till import pay

from willing.core.errors import Refused
from willing.ledger.accounts import open_school_account
from willing.ledger.models import Account
from willing.ledger.queries import available_minor, verify_ledger
from willing.terminals import devices
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till.refunds import RefundedBy, refund_sale


def test_a_refund_gives_back_to_where_it_came_from_once(cast):
    for _ in range(6):
        pay(cast, "Bo")
    sale = pay(cast, "Bo")  # carried by the school
    by = RefundedBy(user=cast.user("office"), reason="cold")
    key = uuid4()
    assert refund_sale(sale.id, key=key, by=by) == refund_sale(sale.id, key=key, by=by)
    with pytest.raises(Refused, match="already_refunded"):
        refund_sale(sale.id, key=uuid4(), by=by)
    assert available_minor(cast.person("Bo")) == -1500
    assert open_school_account(cast.school, Account.Kind.MEALS).available_minor == 0
    assert verify_ledger().ok


def allow_refunds(cast, terminal):
    pair_terminal(start_pairing(terminal), key="api")
    devices.allow_refunds(terminal, by=cast.user("office"))


def test_what_is_not_this_tills_is_not_refunded(cast):
    allow_refunds(cast, cast.till)
    allow_refunds(cast, cast.other_till)
    sale = pay(cast, "Carl")
    with pytest.raises(Refused, match="sale_unknown"):
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(terminal=cast.other_till))
