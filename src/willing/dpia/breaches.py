"""The writers of breaches: what is known, what is decided, that it was notified. They only ever add."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.consent.profiles import require_profile
from willing.core.clock import now
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.dpia import errors
from willing.dpia.breach_models import Authority, Breach, BreachAccount, BreachStep
from willing.dpia.breach_rules import NOTIFIED, may_add, needs_why_late
from willing.dpia.queries import require_dpo
from willing.people.models import School


@dataclass(frozen=True)
class BreachDetails:
    """What is known of a breach (GDPR article 33(3)), without names; None, "" where that is not known yet."""

    what: str
    whom: str
    data: str
    people: int | None = None
    records: int | None = None
    consequences: str = ""
    measures: str = ""


@atomic
def record_breach(school: School, known_at: datetime, account: BreachDetails, *, by: User) -> Breach:
    """Record a breach; from `known_at` on the hours count.

    Raises Refused not_the_dpo, breach_not_described.
    """
    require_dpo(by, school)
    if known_at > now():
        raise errors.breach_not_described()
    school = lock(School.objects).get(pk=school.pk)
    breach = Breach.objects.create(
        school=school,
        number=next_number(Breach.objects.filter(school=school)),
        known_at=known_at,
        recorded_by=by,
        recorded_at=now(),
    )
    facts = {"number": breach.number, "known_at": known_at.isoformat(), "by": by.pk}
    record("breach.recorded", subject=breach.id, facts=facts, personal={})
    _add_account(breach, account, by)
    return breach


@atomic
def amend_breach(breach: Breach, account: BreachDetails, *, by: User) -> BreachAccount:
    """Add what is known by now; the earlier account stays.

    Raises Refused not_the_dpo, breach_not_described.
    """
    require_dpo(by, breach.school)
    breach = lock(Breach.objects).select_related("school").get(pk=breach.pk)
    row = _add_account(breach, account, by)
    record("breach.amended", subject=breach.id, facts={"account": row.number, "by": by.pk}, personal={})
    return row


def _add_account(breach: Breach, account: BreachDetails, by: User) -> BreachAccount:
    what, whom, data = account.what.strip(), account.whom.strip(), account.data.strip()
    if not (what and whom and data):
        raise errors.breach_not_described()
    return BreachAccount.objects.create(
        breach=breach,
        number=next_number(BreachAccount.objects.filter(breach=breach)),
        what=what,
        whom=whom,
        people=account.people,
        data=data,
        records=account.records,
        consequences=account.consequences.strip(),
        measures=account.measures.strip(),
        by=by,
        at=now(),
    )


@dataclass(frozen=True)
class NewStep:
    """A decision, with its reason; or a notification, with sent_at, reference and why_late."""

    recipient: str
    step: str
    reason: str = ""
    sent_at: datetime | None = None
    reference: str = ""
    why_late: str = ""


@atomic
def add_step(breach: Breach, new: NewStep, *, by: User) -> BreachStep:
    """Record whether the authority or the families are notified, and why; or that they were.

    Raises Refused not_the_dpo, reason_missing, breach_step_not_next, breach_time_not_valid, breach_late.
    """
    require_dpo(by, breach.school)
    breach = lock(Breach.objects).select_related("school").get(pk=breach.pk)
    rows = BreachStep.objects.filter(breach=breach)
    earlier = list(rows.filter(recipient=new.recipient).order_by("number").values_list("step", flat=True))
    if not may_add(earlier, new.step):
        raise errors.breach_step_not_next()
    sent_at = _require_time(breach, new) if new.step == NOTIFIED else None
    if new.step != NOTIFIED and not new.reason.strip():
        raise errors.reason_missing()
    row = BreachStep.objects.create(
        breach=breach,
        number=next_number(rows),
        recipient=new.recipient,
        step=new.step,
        reason=new.reason.strip(),
        sent_at=sent_at,
        reference=new.reference.strip() if sent_at else "",
        why_late=new.why_late.strip() if sent_at else "",
        by=by,
        at=now(),
    )
    event = "breach.notified" if sent_at else "breach.decided"
    facts = {"recipient": row.recipient, "step": row.step, "is_late": bool(row.why_late), "by": by.pk}
    record(event, subject=breach.id, facts=facts, personal={"reason": row.reason, "why_late": row.why_late})
    return row


def _require_time(breach: Breach, new: NewStep) -> datetime:
    if new.sent_at is None or not breach.known_at <= new.sent_at <= now():
        raise errors.breach_time_not_valid()
    hours = require_profile(breach.school.legal_profile).breach_hours
    is_late = needs_why_late(new.step, new.recipient, breach.known_at, hours, new.sent_at)
    if is_late and not new.why_late.strip():
        raise errors.breach_late()
    return new.sent_at


@atomic
def set_authority(school: School, name: str, contact: str, *, by: User) -> None:
    """Enter whom the school notifies. Raises Refused not_the_dpo, text_missing."""
    require_dpo(by, school)
    if not name.strip():
        raise errors.text_missing()
    row = Authority.objects.filter(school=school).first() or Authority(school=school)
    row.name, row.contact = name.strip(), contact.strip()
    row.set_by, row.set_at = by, now()
    row.save()
    record("authority.set", subject=school.id, facts={"by": by.pk}, personal={"name": row.name})


def require_breach(school: School, breach_id: UUID) -> Breach:
    """Return a breach of this school. Raises Refused unknown_breach."""
    found = Breach.objects.filter(school=school, pk=breach_id).select_related("school", "recorded_by").first()
    if found is None:
        raise errors.unknown_breach()
    return found
