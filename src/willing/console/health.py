"""Health: whether everything runs as it should, for the people who can do something about it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from willing.console.pages import READS_PROTECTION, show
from willing.ops.health import conditions
from willing.people.access import allow_roles
from willing.people.queries import require_school


@require_safe
@allow_roles(*READS_PROTECTION)
def health(request: HttpRequest) -> HttpResponse:
    """List what `willing doctor` knows of this installation, what is wrong first."""
    found = conditions(require_school())
    context = {
        "faults": [condition for condition in found if not condition.is_ok],
        "in_order": [condition for condition in found if condition.is_ok],
    }
    return show(request, "console/health.html", context)
