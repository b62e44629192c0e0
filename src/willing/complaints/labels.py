"""What followed from an answer, in words that a family reads."""

from django.utils.translation import get_language, gettext

from willing.core.money import format_minor
from willing.people.models import School
from willing.till.refund_models import Refund


def describe_refund(refund: Refund, school: School) -> list[str]:
    """Return what went back and where it is now, a sentence for each who had paid."""
    language = get_language() or "en"
    sums = (
        (refund.wallet_minor, gettext("%(sum)s was refunded and is on the balance.")),
        (refund.entitled_minor, gettext("%(sum)s was refunded to what the school pays for meals.")),
        (refund.carried_minor, gettext("%(sum)s was refunded to the school, which had paid it.")),
    )
    return [text % {"sum": format_minor(minor, school.currency, language)} for minor, text in sums if minor]
