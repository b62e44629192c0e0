"""What happens after a copy was taken: a withdrawal, a revoked card, a sale; then the power goes."""

import os
import signal
import sys

import django

django.setup()

from willing.biometrics.consent_changes import record_consent  # noqa: E402
from willing.consent.decisions import NewDecision  # noqa: E402
from willing.consent.queries import require_notice  # noqa: E402
from willing.credentials.cards import revoke_cards  # noqa: E402
from willing.people.models import Guardian, Person  # noqa: E402
from willing.terminals.models import Terminal  # noqa: E402
from willing.till.baskets import add_product  # noqa: E402
from willing.till.identification import identify_by_card  # noqa: E402
from willing.till.menu_models import Product  # noqa: E402
from willing.till.payment import confirm_basket  # noqa: E402

card = sys.argv[1]


def person(name: str) -> Person:
    return Person.objects.select_related("school").get(given_name=name)


notice = require_notice("canteen", "adult", "en")
gus = Guardian.objects.get(name="Gus")
record_consent(NewDecision(person("Ada"), "canteen", "withdrawn", notice, "link", guardian=gus))
revoke_cards(person("Nia"))
terminal = Terminal.objects.select_related("school").get(name="Till 1")
for _ in range(3):
    basket = add_product(terminal, Product.objects.get(name="Pasta"))
    identify_by_card(terminal, basket.id, card)
    confirm_basket(terminal, basket.id)
os.kill(os.getpid(), signal.SIGKILL)
