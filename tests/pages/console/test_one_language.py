"""What is printed speaks its reader's language throughout, whatever the office reads."""

import re
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


def test_a_form_to_print_speaks_the_guardians_language(cast: Any, office: Any) -> None:
    client, reader = office
    answer = client.get(
        f"/staff/people/{cast.person('Ada').id}/form/canteen/?guardian={cast.guardian('Gus').id}"
    )
    said = words_inside(answer.content.decode(), "paper")
    assert len(said) > 100
    assert foreign_in(said, reader, names=NAMES) == []
    assert f'lang="{reader}"' in answer.content.decode().split("<article")[1].split(">")[0]


def test_the_letter_with_a_code_speaks_the_guardians_language(cast: Any, office: Any) -> None:
    client, reader = office
    where = f"/staff/people/{cast.person('Ada').id}/letter/{cast.guardian('Gus').id}/"
    made = client.post(where).content
    check_paper(made, reader)
    said = words_of(made)
    assert foreign_in(re.sub(r"http\S+|[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", "", said), reader, names=NAMES) == []
    assert ("您已有登录账户" in said) == (reader == "zh-hans")


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
