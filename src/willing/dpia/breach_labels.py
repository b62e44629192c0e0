"""How much time is left to notify a breach, in words."""

from django.utils.translation import gettext, ngettext

from willing.consent.profiles import require_profile
from willing.dpia.breach_queries import BreachState
from willing.dpia.breach_rules import whole_hours


def time_left(state: BreachState) -> str:
    """Return how long there is to notify the authority, or for how long it is late; as of now."""
    profile = require_profile(state.breach.school.legal_profile)
    if state.clock.left is None:
        if profile.breach_at_once:
            return gettext("The law says: notify immediately.")
        return gettext("The law names no hours: notify without unreasonable delay.")
    hours, minutes = whole_hours(state.clock.left)
    facts = {"hours": hours, "minutes": minutes}
    if state.clock.is_overdue:
        late = ngettext("%(hours)d hour late.", "%(hours)d hours late.", hours)
        return late % facts
    if not hours:
        return ngettext("%(minutes)d minute left.", "%(minutes)d minutes left.", minutes) % facts
    return ngettext("%(hours)d hour left.", "%(hours)d hours left.", hours) % facts
