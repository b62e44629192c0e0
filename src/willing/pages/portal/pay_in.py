"""How to pay in by the bank: for a guardian about a child, and for a pupil."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from willing.ledger.queries import available_minor
from willing.pages.portal.access import FamilyViewer, show
from willing.payments.pay_in import pay_in_details


@require_safe
def pay_in(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show account, reference and code, how long it takes, and that it costs nothing."""
    person = seat.person
    details = pay_in_details(person.school, [person]).get(person.pk)
    context = {
        "details": details,
        "code": details.picture if details else "",
        "balance_minor": available_minor(person),
    }
    return show(request, seat, "portal/pay_in.html", context)
