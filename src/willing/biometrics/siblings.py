"""Brothers and sisters of one age, who may look alike: their faces are compared while both cards are there.

Nobody can search templates that only cards open, so the desk asks, and what the school knows of families
says whom it must not leave out.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from willing.accounts.models import User
from willing.audit.actions import record
from willing.biometrics import errors
from willing.biometrics.card_messages import SIBLINGS_MAX
from willing.biometrics.card_sealing import SealedShare
from willing.biometrics.engine import load_engine
from willing.biometrics.models import Template
from willing.biometrics.rules import is_same_age
from willing.biometrics.suspension import suspend_lookalikes
from willing.core.transactions import atomic
from willing.people.models import GuardianLink, Person, School


def comparable_card(school: School, purpose: str, card_id: UUID, newcomer: Person) -> Template | None:
    """Return the face of a sibling that a card opens, or None where there is none to compare with."""
    return _comparable(school, purpose).filter(card_id=card_id).exclude(person=newcomer).first()


def known_siblings(person: Person, purpose: str) -> list[Template]:
    """Return the faces of a person's siblings of about the same age, as the school knows families."""
    guardians = GuardianLink.objects.filter(person=person, ended_at=None).values("guardian")
    links = GuardianLink.objects.filter(guardian__in=guardians, ended_at=None).exclude(person=person)
    rows = _comparable(person.school, purpose).filter(person__in=links.values("person"))
    return [row for row in rows.order_by("pk") if _is_same_age(person, row.person)]


def _is_same_age(one: Person, other: Person) -> bool:
    is_same_year = one.year_group_id is not None and one.year_group_id == other.year_group_id
    return is_same_age(one.birth_date, other.birth_date, is_same_year=is_same_year)


def _comparable(school: School, purpose: str) -> QuerySet[Template]:
    # One of an earlier model confirms nobody any more; one that is suspended might again.
    rows = Template.objects.filter(Q(person__school=school), purpose=purpose, holder=Template.Holder.CARD)
    return rows.filter(model_id=load_engine().model_id).select_related("person")


def require_siblings(person: Person, purpose: str, shares: Sequence[SealedShare]) -> list[Template]:
    """Return the faces to compare a newcomer with, one for each card that was read.

    Raises Refused sibling_without_face for a card that opens none, too_many_siblings, sibling_needed where a
    sibling of the same age that the school knows of was left out.
    """
    if len(shares) > SIBLINGS_MAX:
        raise errors.too_many_siblings()
    found: list[Template] = []
    for share in shares:
        template = comparable_card(person.school, purpose, share.card_id, person)
        if template is None:
            raise errors.sibling_without_face()
        found.append(template)
    compared = {template.pk for template in found}
    if any(template.pk not in compared for template in known_siblings(person, purpose)):
        raise errors.sibling_needed()
    return found


@atomic
def keep_apart(person: Person, purpose: str, templates: Sequence[UUID], *, by: User | None) -> None:
    """Record that a person looks like these siblings, and suspend what is stored: all pay by card and PIN."""
    siblings = Template.objects.filter(pk__in=templates).values_list("person_id", flat=True)
    facts = {"purpose": purpose, "holder": Template.Holder.CARD.value}
    for person_id in [person.id, *sorted(siblings)]:
        record("face.lookalike_found", subject=person_id, facts=facts, personal={})
    own = Template.objects.filter(person=person, purpose=purpose).values_list("pk", flat=True)
    suspend_lookalikes([*own, *templates], by=by.pk if by else None)
