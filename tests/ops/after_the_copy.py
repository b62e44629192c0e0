"""What happens after a copy was taken: a withdrawal, a revoked card, a sale; then the power goes."""

import os
import signal
import sys

import django

django.setup()

from willing.biometrics.actions import decide  # noqa: E402
from willing.consent.actions import Decided  # noqa: E402
from willing.consent.queries import require_notice  # noqa: E402
from willing.people.models import Guardian, Person  # noqa: E402
from willing.till import actions as till  # noqa: E402
from willing.till.models import Product, Terminal  # noqa: E402

card = sys.argv[1]


def person(name: str) -> Person:
    return Person.objects.select_related("school").get(given_name=name)


notice = require_notice("canteen", "adult", "en")
gus = Guardian.objects.get(name="Gus")
decide(Decided(person("Ada"), "canteen", "withdrawn", notice, "link", guardian=gus))
till.revoke_cards(person("Nia"))
terminal = Terminal.objects.select_related("school").get(name="Till 1")
for _ in range(3):
    basket = till.add_product(terminal, Product.objects.get(name="Pasta"))
    till.identify_by_card(terminal, basket.id, card)
    till.confirm_basket(terminal, basket.id)
os.kill(os.getpid(), signal.SIGKILL)
