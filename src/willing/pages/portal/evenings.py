"""A boarder's own marks in the evening lists, in words, for the family and the boarder."""

from collections import defaultdict
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from willing.boarding.queries import Evening, evenings_of, house_of, is_boarder
from willing.pages.portal.access import FamilyViewer, show


@require_safe
def evenings(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show what holds in each list that is still kept, the last night first."""
    if not is_boarder(seat.person):
        raise Http404
    nights: defaultdict[date, list[Evening]] = defaultdict(list)
    for one in evenings_of(seat.person):
        nights[one.found.night].append(one)
    context = {"nights": list(nights.items()), "living_in": house_of(seat.person)}
    return show(request, seat, "portal/evenings.html", context)
