"""Give a school's templates a new gallery secret, without anyone coming again.

That renews sealed templates. It is no remedy for opened ones: pairwise scores stay (`face.protect`).

One transaction a purpose: before it the gallery is wholly under the old secret, after it wholly under the new
one, and the state of the gallery says which. A run that was broken off goes on with the secret it had made.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, QuerySet

from willing.audit.actions import record
from willing.biometrics.engine import load_engine
from willing.biometrics.gallery import open_template, rotation_of, seal_references
from willing.biometrics.generations import lock_gallery
from willing.biometrics.models import GalleryState, Template
from willing.biometrics.suspension import suspend_damaged
from willing.core.transactions import atomic
from willing.keys.actions import (
    create_gallery_secret,
    destroy_gallery_secrets_but,
    newest_gallery_secret,
    open_person_key,
)
from willing.keys.errors import KeyGone, MasterKeyWrong
from willing.people.models import School

if TYPE_CHECKING:
    from willing.face import Rotation

BATCH = 200


@dataclass(frozen=True)
class GalleryPlan:
    """What a run has to do for one purpose.

    outdated: templates of an earlier model; they get the new secret too, but nobody is recognised by them.
    is_done: whether the run that was broken off has done it already.
    """

    purpose: str
    templates: int
    outdated: int
    is_done: bool


@dataclass(frozen=True)
class ReissuePlan:
    """What a run would do. is_resumed: whether it goes on with one that was broken off."""

    galleries: tuple[GalleryPlan, ...]
    is_resumed: bool


@dataclass(frozen=True)
class Reissued:
    """What a run did. unreadable: templates whose key is gone, or which are damaged."""

    templates: int
    unreadable: int
    secrets_destroyed: int


def plan_reissue(school: School) -> ReissuePlan:
    """Return what `reissue` would do, without doing anything."""
    newest, states = newest_gallery_secret(school.id), _states(school)
    is_resumed = any(state.secret_id != newest for state in states)
    galleries = tuple(
        _gallery(school, state.purpose, is_done=is_resumed and state.secret_id == newest) for state in states
    )
    return ReissuePlan(galleries, is_resumed)


def _gallery(school: School, purpose: str, *, is_done: bool) -> GalleryPlan:
    rows = _templates(school, purpose)
    outdated = rows.exclude(model_id=load_engine().model_id).count()
    return GalleryPlan(purpose, rows.count(), outdated, is_done)


def reissue(school: School, *, on_done: Callable[[], None] = lambda: None) -> Reissued:
    """Put every template of a school under a new secret and destroy the old one.

    on_done is called after each template. Raises KeyGone where the old secret is gone (a restored backup).
    """
    is_resumed = plan_reissue(school).is_resumed
    secret_id = newest_gallery_secret(school.id) if is_resumed else create_gallery_secret(school.id)
    done = unreadable = 0
    for state in _states(school):
        if state.secret_id == secret_id:
            continue
        turned, broken = _rotate(state, secret_id, on_done)
        done, unreadable = done + turned, unreadable + broken
    used = {state.secret_id for state in _states(school)} | {secret_id}
    return Reissued(done, unreadable, destroy_gallery_secrets_but(school.id, used))


@atomic
def _rotate(state: GalleryState, secret_id: UUID, on_done: Callable[[], None]) -> tuple[int, int]:
    """Put one gallery under a secret. Return how many templates were turned, and how many not readable."""
    from willing.face import SealBroken

    locked = lock_gallery(state.school_id, state.purpose)
    old, new = rotation_of(locked.secret_id), rotation_of(secret_id)
    turned = unreadable = 0
    ids = list(_templates(state.school, state.purpose).values_list("pk", flat=True))
    for row in _in_batches(ids):
        try:
            sealed = _reseal(row, old, new)
        except KeyGone:
            unreadable += 1
        except (SealBroken, MasterKeyWrong):
            suspend_damaged(row.pk)
            unreadable += 1
        else:
            Template.objects.filter(pk=row.pk).update(sealed=sealed)
            turned += 1
        on_done()
    GalleryState.objects.filter(pk=locked.pk).update(secret_id=secret_id, generation=F("generation") + 1)
    facts = {"purpose": state.purpose, "templates": turned, "unreadable": unreadable, "rotation": new.id}
    record("face.reissued", subject=state.school_id, facts=facts, personal={})
    return turned, unreadable


def _in_batches(ids: Sequence[UUID]) -> Iterator[Template]:
    for begin in range(0, len(ids), BATCH):
        yield from Template.objects.filter(pk__in=ids[begin : begin + BATCH]).select_related("person")


def _reseal(row: Template, old: "Rotation", new: "Rotation") -> bytes:
    from willing.face import reissue as turn

    templates = [turn(template, old, new) for template in open_template(row, old)]
    return seal_references(row, templates, open_person_key(row.key_id), new)


def _states(school: School) -> list[GalleryState]:
    return list(GalleryState.objects.filter(school=school).select_related("school").order_by("purpose"))


def _templates(school: School, purpose: str) -> QuerySet[Template]:
    """Return the templates that carry the gallery's secret: a card's has none, and only the card opens it."""
    held = Template.Holder.CENTRAL
    return Template.objects.filter(person__school=school, purpose=purpose, holder=held)
