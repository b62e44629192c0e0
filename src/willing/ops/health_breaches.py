"""What Health says of breaches of personal data whose clock is running."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.dpia.breach_labels import time_left
from willing.dpia.breach_queries import running_breaches
from willing.dpia.breach_rules import AUTHORITY
from willing.ops.condition import Condition
from willing.people.models import School


def breaches_settled(school: School) -> Iterator[Condition]:
    """Name each breach of which something is left to do; a school without one hears nothing."""
    for state in running_breaches(school):
        label = gettext_lazy("A personal data breach waits for a decision or a notification.")
        number = _("Breach %(number)s.") % {"number": state.breach.number}
        rest = time_left(state) if state.is_open[AUTHORITY] else _("The families are still to decide about.")
        yield Condition("breach", False, label, f"{number} {rest}")
