"""What the assessment calls the rules, roles, modes and legal profiles."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from willing.accounts.models import Role

RULE_LABELS: Mapping[str, Any] = {
    "guardians_decide_below_age": _("Guardians decide below the age of"),
    "guardians_yes_at_least": _("Guardians who must say yes"),
    "any_guardian_no_wins": _("Any guardian's no is final"),
    "own_yes_from_age": _("The pupil's own yes is needed from the age of"),
    "guardians_told_below_age": _("Every guardian is notified first, below the age of"),
    "keep_days_max": _("A template is deleted after enrolment, in days"),
    "unused_days_max": _("A template is deleted without use, in days"),
    "engine_may_load": _("The law here allows faces"),
    "may_store_centrally": _("The law here allows faces that the school alone can open"),
}


ROLE_SEES: Mapping[str, Any] = {
    Role.Kind.CASHIER: _(
        "At the till: the name and year of the person paying; the day's sales without names"
    ),
    Role.Kind.OFFICE: _("People, decisions, cards, payments; enrols at the desk. Each view is logged"),
    Role.Kind.CANTEEN: _("The day's sales without names; refunds payments"),
    Role.Kind.DPO: _("This assessment, the log, how long data is kept; signs, locks and unlocks"),
    Role.Kind.ADMINISTRATOR: _("Terminals, the log, the computer itself. Cannot change the log unnoticed"),
}


MODE_LABELS: Mapping[str, Any] = {
    "identify": _("A face alone identifies the person, by searching among everyone enrolled (1:N)."),
    "verify": _("A face only confirms a card, a code or a PIN: it is compared with that one person (1:1)."),
}


# A profile's source names laws in their own language; only the default's describes itself.
SOURCE_LABELS: Mapping[str, Any] = {
    "strict": _("The requirements of all profiles together, except New York's ban. The default."),
}
