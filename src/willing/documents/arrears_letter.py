"""The letter to a family whose balance is below zero, in the family's language. It blames nobody."""

from django.utils import translation
from django.utils.translation import gettext

from willing.core.dates import write_day
from willing.core.money import format_minor
from willing.documents.parts import Document, Section
from willing.meals.owed import Arrears
from willing.people.models import School
from willing.people.queries import family_language, today


def arrears_letter(school: School, owed: Arrears) -> Document:
    """Return the letter about what one person's wallet owes, dated today."""
    language = family_language(owed.person)
    with translation.override(language):
        amount = format_minor(owed.owed_minor, school.currency, language)
        name = owed.person.full_name
        year = owed.person.year_group.name if owed.person.year_group else ""
        paragraphs = (
            gettext("The balance of %(name)s for the canteen is %(amount)s below zero.")
            % {"name": name, "amount": amount},
            gettext("Please pay in at least this sum when you can. The school office is glad to help."),
            gettext(
                "Your child is served a main meal every day, whatever the balance is. No screen at the "
                "till shows it."
            ),
            gettext("If you think that this is wrong, or if paying is difficult, please talk to us."),
        )
        return Document(
            gettext("Balance for the canteen"),
            " · ".join(one for one in (school.name, write_day(today(school)), year) if one),
            (Section(gettext("To the family of %(name)s") % {"name": name}, paragraphs),),
        )
