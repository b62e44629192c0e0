"""What is printed speaks its reader's language throughout, whatever the office reads."""

from typing import Any

import pytest
from django.test import Client
from tests.payments.test_pay_in import SWISS
from tests.support.papers import check_paper, words_of
from tests.support.signing import sign_in
from tests.support.words import foreign_in, words_inside

from willing.payments.bank_details import set_bank_details
from willing.payments.models import BankDetails
from willing.people.models import School

PAIRS = [(viewer, reader) for viewer in ("en", "zh-hans") for reader in ("en", "zh-hans")]
NAMES = ("Test School", "Ada Agrees")


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0]} prints for {pair[1]}")
def office(cast: Any, request: pytest.FixtureRequest) -> tuple[Client, str]:
    """An office in one language, and Ada's guardian in the same or another: their language."""
    viewer, reader = request.param
    gus = cast.guardian("Gus")
    gus.language = reader
    gus.save()
    client = sign_in(Client(), cast.user("office"))
    client.cookies["django_language"] = viewer
    return client, reader


def test_a_form_and_a_letter_to_print_speak_the_guardians_language(cast: Any, office: Any) -> None:
    client, reader = office
    person = f"/staff/people/{cast.person('Ada').id}"
    gus = cast.guardian("Gus").id
    pages = {
        "form": client.get(f"{person}/form/canteen/?guardian={gus}"),
        "invitation": client.post(f"{person}/invite/{gus}/"),
        "link": client.post(f"{person}/link/{gus}/"),
    }
    for name, answer in pages.items():
        said = words_inside(answer.content.decode(), "paper")
        assert len(said) > 100, name
        assert foreign_in(said, reader, names=NAMES) == [], name
        assert f'lang="{reader}"' in answer.content.decode().split("<article")[1].split(">")[0], name


def test_a_letter_as_pdf_speaks_the_familys_language(cast: Any, office: Any) -> None:
    client, reader = office
    School.objects.update(currency="CHF")
    set_bank_details(School.objects.get(), SWISS, BankDetails.References.CREDITOR, by=cast.user("office"))
    made = client.get(f"/staff/people/{cast.person('Ada').id}/pay-in-letter.pdf").content
    check_paper(made, reader)
    # The payment slip has four languages by its rules; none of them is Chinese, and ours is English.
    said = words_of(made).split("Separate before paying in")[0]
    assert foreign_in(said, reader, names=NAMES) == []
    assert ("银行转账" in said) == (reader == "zh-hans")
