"""The limits of a school: what holds where it set nothing, by the table of currencies, and what it set."""

from dataclasses import asdict, dataclass, replace

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.people.places import small_sum_minor
from willing.people.school import set_grace
from willing.till.errors import face_limit_above_daily
from willing.till.limit_models import SchoolLimits
from willing.till.limit_rules import NewLimits

# What holds where a school set nothing, in small sums of its currency (people/currencies.toml): about five
# school lunches each.
GRACE = 1
FACE = 1
UNUSUAL_PRICE = 2
LARGE_PAY_IN = 20
GUARDIAN_MAX = 10


@dataclass(frozen=True)
class LimitsInForce:
    """The limits of a school as they hold, in minor units.

    grace_minor: how far a main meal may take a balance below nothing. purchase_minor, daily_minor,
    weekly_minor: by all ways together, None where nothing limits it. face_daily_minor: what a face alone may
    pay in a day, never more than they let. unusual_price_minor and large_pay_in_minor: what is above is asked
    about once. guardian_max_minor: the highest limit that a guardian can choose.
    """

    grace_minor: int
    face_daily_minor: int
    daily_minor: int | None
    unusual_price_minor: int
    large_pay_in_minor: int
    guardian_max_minor: int
    purchase_minor: int | None = None
    weekly_minor: int | None = None

    @property
    def spending(self) -> NewLimits:
        """What of them limits what everyone spends."""
        return NewLimits(self.daily_minor, self.face_daily_minor, self.purchase_minor, self.weekly_minor)


@dataclass(frozen=True)
class NewSchoolLimits:
    """What a school sets, in minor units. None: what the table of currencies says, or no such limit."""

    face_daily_minor: int | None = None
    daily_minor: int | None = None
    unusual_price_minor: int | None = None
    large_pay_in_minor: int | None = None
    guardian_max_minor: int | None = None
    purchase_minor: int | None = None
    weekly_minor: int | None = None


def default_limits(currency: str) -> LimitsInForce:
    """Return what holds in a school with this currency that set nothing."""
    small = small_sum_minor(currency)
    return LimitsInForce(
        grace_minor=small * GRACE,
        face_daily_minor=small * FACE,
        daily_minor=None,
        unusual_price_minor=small * UNUSUAL_PRICE,
        large_pay_in_minor=small * LARGE_PAY_IN,
        guardian_max_minor=small * GUARDIAN_MAX,
    )


def limits_in_force(school: School) -> LimitsInForce:
    """Return the limits of a school as they hold now."""
    return limits_as_read(School.objects.select_related("limits").get(pk=school.pk))


def limits_as_read(school: School) -> LimitsInForce:
    """Return the same of a school that was read with its limits (`baskets.JOINED`)."""
    table, found = default_limits(school.currency), find_school_limits(school)
    face = _first(found.face_daily_minor, table.face_daily_minor)
    caps = [one for one in (found.daily_minor, found.weekly_minor) if one is not None]
    return LimitsInForce(
        grace_minor=school.grace_minor,
        face_daily_minor=min([face, *caps]),
        daily_minor=found.daily_minor,
        unusual_price_minor=_first(found.unusual_price_minor, table.unusual_price_minor),
        large_pay_in_minor=_first(found.large_pay_in_minor, table.large_pay_in_minor),
        guardian_max_minor=_first(found.guardian_max_minor, table.guardian_max_minor),
        purchase_minor=found.purchase_minor,
        weekly_minor=found.weekly_minor,
    )


def _first(own: int | None, table: int) -> int:
    return table if own is None else own


def find_school_limits(school: School) -> NewSchoolLimits:
    """Return what a school has set itself."""
    found: SchoolLimits | None = getattr(school, "limits", None)
    if found is None:
        return NewSchoolLimits()
    return NewSchoolLimits(
        found.face_daily_minor,
        found.daily_minor,
        found.unusual_price_minor,
        found.large_pay_in_minor,
        found.guardian_max_minor,
        found.purchase_minor,
        found.weekly_minor,
    )


@atomic
def set_school_limits(
    school: School, new: NewSchoolLimits, *, by: User, grace_minor: int | None = None
) -> SchoolLimits:
    """Set a school's limits, from the next sale on. grace_minor: None leaves it as it is.

    Raises Refused face_limit_above_daily where a face alone might pay more than all ways together.
    """
    lock(School.objects).get(pk=school.pk)
    asked = NewLimits(new.daily_minor, new.face_daily_minor, new.purchase_minor, new.weekly_minor)
    if not asked.is_consistent:
        raise face_limit_above_daily()
    limits, _ = SchoolLimits.objects.update_or_create(
        school=school,
        defaults={
            "face_daily_minor": new.face_daily_minor,
            "daily_minor": new.daily_minor,
            "unusual_price_minor": new.unusual_price_minor,
            "large_pay_in_minor": new.large_pay_in_minor,
            "guardian_max_minor": new.guardian_max_minor,
            "purchase_minor": new.purchase_minor,
            "weekly_minor": new.weekly_minor,
            "user": by,
            "set_at": now(),
        },
    )
    facts = {**{name.removesuffix("_minor"): sum_ for name, sum_ in asdict(new).items()}, "by": by.pk}
    record("limits.school_limit_set", subject=school.id, facts=facts, personal={})
    if grace_minor is not None:
        set_grace(school, grace_minor, by=by.pk)
    return limits


def set_school_face_limit(school: School, face_daily_minor: int, *, by: User) -> SchoolLimits:
    """Set how much a face alone may pay in a day, and leave the others. 0: only together with a card or PIN.

    Raises Refused face_limit_above_daily.
    """
    held = find_school_limits(School.objects.select_related("limits").get(pk=school.pk))
    return set_school_limits(school, replace(held, face_daily_minor=face_daily_minor), by=by)


def school_face_daily_minor(school: School) -> int:
    """Return how much a face alone may pay in a day at a school, in minor units."""
    return limits_in_force(school).face_daily_minor
