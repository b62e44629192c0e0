"""An installation that has sold before is brought up to date, its sales with it."""

import pytest
from django.core.management import call_command
from tests.api.caller import Till

from willing.till.models import Sale, Terminal


@pytest.mark.parametrize("paired", [True, False])
def test_sales_of_before_name_their_till_and_paired_tills_are_browsers(cast, paired):
    till = Till(cast, cast.till)
    sale = till.sell(cast)
    if not paired:
        Terminal.objects.update(token_digest="", device="", may_refund=False)
    call_command("migrate", "till", "0003", verbosity=0)
    call_command("migrate", verbosity=0)
    assert Sale.objects.get(pk=sale["id"]).terminal == cast.till
    assert cast.till.device == ("kiosk" if paired else "")
    answer = till.get("/menu")
    assert answer.status_code == 401  # fail closed: a till of another maker is paired anew
