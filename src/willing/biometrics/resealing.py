"""Seal a face that the school alone could open anew, so that only its owner's card opens it: at the desk.

The law may have changed, or the family may prefer it. Nobody has to sit in front of the camera again. It is
not done at a till: siblings have to be asked for first, and during a sale the server opens nobody's face.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from willing.accounts.models import User
from willing.biometrics import errors
from willing.biometrics.card_sealing import SealingCard, seal_with
from willing.biometrics.engine import load_engine, require_engine
from willing.biometrics.enrolment import (
    key_of_template,
    next_issue,
    record_enrolled,
    require_permission,
)
from willing.biometrics.erasure import erase_templates
from willing.biometrics.gallery import open_template, rotation_of
from willing.biometrics.memory import overwrite
from willing.biometrics.models import GalleryState, Template
from willing.biometrics.queries import kinds_of
from willing.biometrics.siblings import require_siblings
from willing.core.transactions import atomic, lock
from willing.keys.errors import KeyGone, KeysUnavailable, MasterKeyWrong
from willing.people.models import Person

if TYPE_CHECKING:
    from willing.face.types import Float32


def may_seal_anew(template: Template, kinds: frozenset[str]) -> bool:
    """Say whether a template may be sealed with its owner's card. kinds: those that its school enrols.

    Not one that is suspended for a reason of its own, or of an earlier model: its owner is enrolled anew.
    """
    is_central = template.holder == Template.Holder.CENTRAL and Template.Holder.CARD in kinds
    is_held_up = template.suspended_for not in {"", Template.Suspension.CENTRAL} or template.unconfirmed_since
    return is_central and not is_held_up and template.model_id == load_engine().model_id


def seal_anew(person: Person, purpose: str, card: SealingCard, *, user: User) -> Template:
    """Seal the references of a person with their card; the old template goes, and the key that opened it.

    Raises Refused not_permitted, face_not_available, face_not_usable, card_needed, sibling_needed,
    sibling_without_face, too_many_siblings, looks_alike.
    """
    require_engine(person.school)
    siblings = require_siblings(person, purpose, card.siblings)
    with key_of_template(person, purpose, user) as keyed:
        return _replace(person, purpose, keyed, (card, siblings, user))


@atomic
def _replace(
    person: Person,
    purpose: str,
    keyed: tuple[UUID, bytes],
    sealing: tuple[SealingCard, Sequence[Template], User],
) -> Template:
    card, siblings, user = sealing
    locked = lock(Person.objects).select_related("school").get(pk=person.pk)
    granted = require_permission(locked, purpose)
    old = Template.objects.filter(person=locked, purpose=purpose).select_related("person__school").first()
    if old is None or not may_seal_anew(old, kinds_of(locked.school)):
        raise errors.face_not_usable()
    rows = _open(old)
    template = Template(
        person=locked,
        purpose=purpose,
        mode=Template.Mode.VERIFY,
        key_id=keyed[0],
        holder=Template.Holder.CARD,
        card_id=card.of.card_id,
        issue=next_issue(locked),
        model_id=old.model_id,
        references=old.references,
        own_decision_id=granted.own_decision,
        guardian_decision_id=granted.guardian_decision,
        enrolled_by=old.enrolled_by,
        enrolled_at=old.enrolled_at,  # as old as its pictures
        refreshed_at=old.refreshed_at,
    )
    template.sealed = seal_with(card, template, rows, keyed[1], siblings)
    erase_templates([old], "sealed_anew")
    template.save(force_insert=True)
    record_enrolled("face.resealed", template, by=user)
    return template


def _open(template: Template) -> "Float32":
    """Return the references of a template as the engine made them. Raises Refused face_not_usable."""
    import numpy as np

    from willing.face import FaceError

    state = GalleryState.objects.get(school_id=template.person.school_id, purpose=template.purpose)
    try:
        rotation = rotation_of(state.secret_id)
        rotated = open_template(template, rotation)
    except (KeyGone, KeysUnavailable, MasterKeyWrong, FaceError):
        raise errors.face_not_usable() from None
    plain = [rotation.undo(one) for one in rotated]
    rows = np.stack([one.vector for one in plain]).astype("<f4", copy=False)
    overwrite([*rotated, *plain])
    return rows
