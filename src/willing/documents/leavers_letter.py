"""The letter to the family of someone who has left: what they have left, and what may become of it."""

from django.utils import translation
from django.utils.translation import gettext

from willing.core.dates import write_day
from willing.core.money import format_minor
from willing.documents.parts import Document, Section
from willing.people.models import School
from willing.people.queries import family_language, today
from willing.wallets.queries import LeaverBalance
from willing.wallets.rules import CHOICE_DAYS, Leaver


def leavers_letter(school: School, one: LeaverBalance) -> Document:
    """Return the letter about one leaver's money, in the family's language, dated today.

    For one who owes the school there is the letter about what is owed (arrears_letter).
    """
    assert one.state is not Leaver.OWES, "another letter"
    language = family_language(one.person)
    with translation.override(language):
        amount = format_minor(one.balance_minor, school.currency, language)
        name = one.person.full_name
        return Document(
            gettext("Money left for the canteen"),
            " · ".join((school.name, write_day(today(school)))),
            (
                Section(
                    gettext("To the family of %(name)s") % {"name": name},
                    (
                        gettext("%(name)s has left the school. %(amount)s is left, and it is yours.")
                        % {"name": name, "amount": amount},
                        *_what_next(one),
                    ),
                ),
                Section(gettext("Your choice"), _choices()),
            ),
        )


def _what_next(one: LeaverBalance) -> tuple[str, ...]:
    if one.state is Leaver.ASKED:
        return (gettext("A pay-out is asked for already; the school office is working on it."),)
    if one.state is Leaver.DUE:
        return (
            gettext(
                "The %(days)s days in which families choose are over, and the school does not know "
                "where to send the money. Please tell the school office."
            )
            % {"days": CHOICE_DAYS},
        )
    return (
        gettext("Please choose by %(day)s.") % {"day": write_day(one.until)},
        gettext(
            "If you do nothing, the school pays it out after that day to the account from which you last "
            "paid in by the bank. Where it knows none, it asks you. The money is never kept."
        ),
    )


def _choices() -> tuple[str, ...]:
    return (
        gettext("Paid out, to a bank account or in cash at the school office against a signature."),
        gettext("To a brother or sister at this school."),
        gettext("As a gift to the school's meals, if you wish."),
        gettext("You choose on your own page, or at the school office. It costs nothing."),
    )
