"""The legal profiles as a school chooses one: their names, which goes with a country, and what follows."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.consent import errors
from willing.consent.profiles import NAMES, Profile, require_profile

LAW_LABELS: Mapping[str, Promise] = {
    "strict": gettext_lazy("Strict"),
    "england_wales": gettext_lazy("England and Wales"),
    "scotland_ni": gettext_lazy("Scotland and Northern Ireland"),
    "eu": gettext_lazy("European Union"),
    "china": gettext_lazy("China"),
    "illinois": gettext_lazy("Illinois"),
    "new_york": gettext_lazy("New York"),
}
# The Union's members, and those of the European Economic Area, whose law is the same here.
EUROPEAN = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


def require_law(name: str) -> Profile:
    """Return a legal profile by name. Raises Refused law_unknown, which names those that exist."""
    if name not in NAMES:
        raise errors.law_unknown(name, NAMES)
    return require_profile(name)


def suggest_law(country: str) -> str:
    """Return the profile that most likely holds in a country; the strictest where none is known."""
    if country in EUROPEAN:
        return "eu"
    return {"GB": "england_wales", "CN": "china"}.get(country, "strict")


def consequences(profile: Profile) -> tuple[str, str, str]:
    """Return in three sentences what follows: who decides, how a face works, how long it stays."""
    return (_decides(profile), _works(profile), _stays(profile))


def _decides(profile: Profile) -> str:
    if not profile.engine_may_load:
        return _("No face is used at this school, even if everyone agrees.")
    age = profile.guardians_decide_below_age
    if profile.own_yes_from_age == 0:
        text = _("Under %(age)s, a guardian and the pupil both have to agree; one no is enough to stop it.")
    elif profile.own_yes_from_age < age:
        text = _("Under %(age)s a guardian has to agree, from %(own)s the pupil too; one no is enough.")
    else:
        text = _("Under %(age)s a guardian decides, from then on the pupil; one no is enough to stop it.")
    return text % {"age": age, "own": profile.own_yes_from_age}


def _works(profile: Profile) -> str:
    if not profile.engine_may_load:
        return _("Everyone pays by card, code or PIN, or is looked up by the cashier.")
    if not profile.may_search:
        return _("A face only confirms a card, a code or a PIN, and never identifies a person alone.")
    return _("A face only confirms a card, a code or a PIN; the school may decide otherwise and say why.")


def _stays(profile: Profile) -> str:
    if not profile.engine_may_load:
        return _("Nothing of a face is stored, so nothing has to be deleted.")
    days = {"days": profile.keep_days_max, "unused": profile.unused_days_max}
    if profile.unused_days_max == profile.keep_days_max:
        return _("A face is deleted %(days)s days after enrolment, and at once when someone says no.") % days
    return (
        _("A face is deleted after %(unused)s days without use or %(days)s in all; at once after a no.")
        % days
    )
