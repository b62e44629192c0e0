"""Let Chen say yes, be enrolled, and pay for lunch with a face. Runs in a process of its own.

Without the engine: what it would have matched is written as the till writes it.
"""

import os
from types import SimpleNamespace

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.support.till import give_face, pay_by_face  # noqa: E402  (Django must be set up before the rooms)

from willing.biometrics.consent_changes import record_consent  # noqa: E402
from willing.consent.decisions import NewDecision  # noqa: E402
from willing.consent.queries import permission, require_notice  # noqa: E402
from willing.people.models import Person, School  # noqa: E402
from willing.terminals.models import Terminal  # noqa: E402
from willing.till.menu_models import Product  # noqa: E402

NAME = "Chen"


def run() -> None:
    """Do it."""
    person = Person.objects.select_related("school").get(given_name=NAME)
    record_consent(NewDecision(person, "canteen", "yes", require_notice("canteen", "child", "en"), "desk"))
    assert permission(person, "canteen").granted, "the guardian says yes first"
    lunch = SimpleNamespace(
        person=lambda _name: person,
        school=School.objects.get(),
        till=Terminal.objects.select_related("school").get(),
        meal=Product.objects.get(),
    )
    give_face(lunch, NAME)
    pay_by_face(lunch, NAME)


if __name__ == "__main__":
    run()
