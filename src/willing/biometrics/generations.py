"""The generation of each gallery, raised with each change, so that every process notices at once."""

from uuid import UUID

from django.db.models import F

from willing.biometrics.models import GalleryState
from willing.core.transactions import lock
from willing.keys.actions import newest_gallery_secret


def lock_gallery(school_id: UUID, purpose: str) -> GalleryState:
    """Return the state of a gallery, locked, so that nobody replaces its secret meanwhile.

    Raises KeysUnavailable where there is no gallery yet and no secret for it can be made.
    """
    rows = lock(GalleryState.objects).filter(school_id=school_id, purpose=purpose)
    state = rows.first()
    if state is None:
        secret_id = newest_gallery_secret(school_id)
        GalleryState.objects.get_or_create(
            school_id=school_id, purpose=purpose, defaults={"secret_id": secret_id}
        )
        state = rows.get()
    return state


def invalidate_gallery(school_id: UUID, purpose: str) -> None:
    """Let every process make its gallery equal to the database before it next answers."""
    state = lock_gallery(school_id, purpose)
    GalleryState.objects.filter(pk=state.pk).update(generation=F("generation") + 1)
