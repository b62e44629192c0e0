"""Galleries in the memory of this process, kept equal to the database.

Every search compares the gallery's generation with the database's first, and a watcher clears the memory of
an idle process, so that an erased template stops matching everywhere within a second (promise 4).
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import close_old_connections, connections
from django.db.models import QuerySet

from willing.biometrics import card_processes, errors
from willing.biometrics.engine import load_engine
from willing.biometrics.erasure import finish_erasures
from willing.biometrics.memory import HeldGallery, captures, refresh_offers, searches
from willing.biometrics.models import GalleryState, Template
from willing.biometrics.queries import comparable, mode_of
from willing.biometrics.suspension import suspend_damaged
from willing.core.prepared import Parameter, prepared
from willing.core.supervision import supervise
from willing.keys.actions import newest_gallery_secret, open_gallery_secret, open_person_key
from willing.keys.errors import KeyGone, KeysUnavailable, MasterKeyWrong
from willing.people.models import School

if TYPE_CHECKING:
    from willing.face import Gallery
    from willing.face import Template as FaceTemplate
    from willing.face.protect import Rotation, SealContext

WATCH_SECONDS = 0.4
FINISH_SECONDS = 5.0
_galleries: dict[tuple[UUID, str], "LiveGallery"] = {}
_lock = threading.Lock()


class LiveGallery:
    """The gallery of one school and one purpose: everyone who may be found by a search, under one model.

    `now` is replaced as a whole where the gallery's secret is; a search takes it once.
    """

    def __init__(self, school_id: UUID, purpose: str, model_id: str) -> None:
        self.school_id, self.purpose, self.model_id = school_id, purpose, model_id
        self.generation = -1
        self.now: HeldGallery | None = None
        self.held: dict[UUID, str] = {}  # template id -> person id, as the gallery holds them
        self.issues: dict[UUID, int] = {}  # template id -> its issue, of those and of some that are gone
        self._sync_lock = threading.Lock()

    @property
    def held_now(self) -> HeldGallery:
        """What is held, as of the last `sync`."""
        assert self.now is not None
        return self.now

    @property
    def gallery(self) -> "Gallery":
        """The people, as of the last `sync`."""
        return self.held_now.gallery

    @property
    def rotation(self) -> "Rotation":
        """The rotation, as of the last `sync`."""
        return self.held_now.rotation

    def sync(self) -> None:
        """Make the gallery equal to the database, if its generation has moved on.

        Raises KeyGone where the gallery's secret was replaced since the database was saved (a backup).
        """
        with self._sync_lock:
            state = _state_of.first(school=self.school_id, purpose=self.purpose)
            generation = state.generation if state else 0
            if generation == self.generation and self.now is not None:
                return
            held = self._hold(state.secret_id if state else newest_gallery_secret(self.school_id))
            rows = searched_templates(self.school_id, self.purpose, self.model_id)
            current = dict(rows.values_list("id", "issue"))
            # A template that was refreshed is another one under the same id.
            for template_id in [one for one in self.held if self.issues[one] != current.get(one)]:
                held.gallery.remove(self.held.pop(template_id))
            for row in rows.filter(pk__in=current.keys() - self.held.keys()):
                self._add(row, held)
            self.generation = generation

    def _hold(self, secret_id: UUID) -> HeldGallery:
        """Return what is held under a secret; what was held under another one is forgotten."""
        from willing.face import Gallery

        if self.now is None or self.now.secret_id != secret_id:
            self._forget()
            self.now = HeldGallery(Gallery(), rotation_of(secret_id), secret_id)
        return self.now

    def _forget(self) -> None:
        if self.now is not None:
            for person_id in self.held.values():
                self.now.gallery.remove(person_id)
        self.held.clear()
        self.now, self.generation = None, -1

    def _add(self, row: Template, held: HeldGallery) -> None:
        try:
            held.gallery.add(str(row.person_id), open_template(row, held.rotation))
        except KeyGone:
            return  # erased; the retention job removes what is left of it
        except _unreadable():
            suspend_damaged(row.id)  # this one alone; everyone else is found
            return
        self.held[row.id], self.issues[row.id] = str(row.person_id), row.issue


def searched_templates(school_id: UUID, purpose: str, model_id: str) -> QuerySet[Template]:
    """Return the templates that a search among all may find: none where a school only verifies (1:1).

    Templates of an earlier model are left out: two models' templates do not compare.
    """
    rows = comparable(Template.objects.filter(person__school_id=school_id, model_id=model_id), purpose)
    if mode_of(School.objects.get(pk=school_id)) != Template.Mode.IDENTIFY:
        return rows.none()
    return rows.filter(mode=Template.Mode.IDENTIFY, holder=Template.Holder.CENTRAL)


def rotation_of(secret_id: UUID) -> "Rotation":
    """Return the rotation of a gallery's secret. Raises KeyGone where the secret was destroyed."""
    from willing.face.protect import Rotation

    return Rotation.from_secret(open_gallery_secret(secret_id))


def live_gallery(school: School, purpose: str) -> LiveGallery:
    """Return the gallery of a school and purpose, equal to the database at this moment.

    Raises Refused face_not_available where its secret is gone or out of reach.
    """
    model_id = load_engine().model_id
    with _lock:
        live = _galleries.get((school.id, purpose))
        if live is None or live.model_id != model_id:
            live = _galleries[school.id, purpose] = LiveGallery(school.id, purpose, model_id)
    try:
        live.sync()
    except (KeyGone, KeysUnavailable, MasterKeyWrong):
        # The keys can't be reached, or the secret does not open, or was replaced since this copy was saved.
        raise errors.face_not_available() from None
    return live


@prepared
def _state_of(school: Parameter, purpose: Parameter) -> QuerySet[GalleryState]:
    return GalleryState.objects.filter(school_id=school, purpose=purpose)


def find_gallery_of_one(row: Template, model_id: str) -> HeldGallery | None:
    """Return a gallery that holds one person alone, for one comparison (1:1).

    None where there is nothing to compare: the key is gone or out of reach, or the model is another one.
    """
    from willing.face import Gallery

    if row.model_id != model_id or row.holder != Template.Holder.CENTRAL:
        return None
    state = GalleryState.objects.get(school_id=row.person.school_id, purpose=row.purpose)
    try:
        held = HeldGallery(Gallery(), rotation_of(state.secret_id), state.secret_id)
    except (KeyGone, KeysUnavailable, MasterKeyWrong):
        return None
    try:
        held.gallery.add(str(row.person_id), open_template(row, held.rotation))
    except (KeyGone, KeysUnavailable):
        return None
    except _unreadable():
        suspend_damaged(row.id)
        return None
    return held


def _unreadable() -> tuple[type[Exception], ...]:
    """Return what opening a damaged template raises: its seal, wrapped key or numbers are not right."""
    from willing.face import FaceError

    return (FaceError, MasterKeyWrong, ValueError)


def seal_context(row: Template, rotation: "Rotation") -> "SealContext":
    """Return what a sealed template is bound to; another person's, school's or model's does not open."""
    from willing.face.protect import SealContext

    return SealContext(
        person=f"{row.person_id}:{row.id}",
        school=str(row.person.school_id),
        model=row.model_id,
        version=row.issue,
        rotation=rotation.id,
    )


def seal_references(
    row: Template, rotated: "Sequence[FaceTemplate]", key: bytes, rotation: "Rotation"
) -> bytes:
    """Return the rotated references of a template, sealed under its person's key."""
    import numpy as np

    from willing.face.protect import seal

    return seal(np.stack([one.vector for one in rotated]), key, seal_context(row, rotation))


def open_template(row: Template, rotation: "Rotation") -> "list[FaceTemplate]":
    """Return the rotated references of a sealed template. Raises KeyGone after erasure.

    Raises SealBroken, MasterKeyWrong where it, or its wrapped key, is damaged.
    """
    from willing.face import Template as FaceTemplate
    from willing.face.protect import open_sealed

    rows = open_sealed(bytes(row.sealed), open_person_key(row.key_id), seal_context(row, rotation))
    return [FaceTemplate.from_array(one, model_id=row.model_id, rotation_id=rotation.id) for one in rows]


def drop_all_galleries() -> None:
    """Drop every gallery of this process (a changed school, tests)."""
    with _lock:
        _galleries.clear()


def held_persons(school_id: UUID, purpose: str) -> Sequence[str]:
    """Return the ids of the persons whom this process could match now, without looking at the database."""
    live = _galleries.get((school_id, purpose))
    return sorted(live.held.values()) if live else []


def start_watching() -> None:
    """Start the threads that keep this process equal to the database, and finish erasures (servers only)."""
    supervise("gallery-watcher", watch_once, every_seconds=WATCH_SECONDS)
    supervise("erasures", finish_erasures, every_seconds=FINISH_SECONDS)


def watch_once() -> None:
    """Compare each gallery of this process with the database, and drop it where that fails.

    Better no gallery than an old one: the next search builds it anew. Raises what failed, once all were seen.
    """
    searches.tidy()
    captures.tidy()
    refresh_offers.tidy()
    card_processes.tidy()
    failed: Exception | None = None
    for live in list(_galleries.values()):
        try:
            live.sync()
        except Exception as error:  # noqa: BLE001  # one gallery must not keep the others old
            failed = error
            with _lock:
                _galleries.pop((live.school_id, live.purpose), None)
            connections.close_all()
    close_old_connections()
    if failed is not None:
        raise failed
