"""Galleries in the memory of this process, kept equal to the database.

Every search compares the gallery's generation with the database's first, and a watcher clears the memory of
an idle process, so that an erased template stops matching everywhere within a second (promise 4).
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import close_old_connections, connections
from django.db.utils import DatabaseError

from willing.biometrics.models import GalleryState, Template
from willing.biometrics.sessions import captures, looking
from willing.keys.actions import open_person_key, require_gallery_secret
from willing.keys.errors import KeyGone
from willing.people.models import School

if TYPE_CHECKING:
    from willing.face import Template as FaceTemplate
    from willing.face.protect import Rotation, SealContext

WATCH_SECONDS = 0.4
SEAL_VERSION = 1
log = logging.getLogger("willing.biometrics")
_galleries: dict[tuple[UUID, str], "LiveGallery"] = {}
_lock = threading.Lock()
_watcher: threading.Thread | None = None


class LiveGallery:
    """The gallery of one school and one purpose, with the rotation that its templates carry."""

    def __init__(self, school_id: UUID, purpose: str) -> None:
        from willing.face import Gallery
        from willing.face.protect import Rotation

        self.school_id, self.purpose = school_id, purpose
        self.rotation: Rotation = Rotation.from_secret(require_gallery_secret(school_id))
        self.gallery: Gallery = Gallery()
        self.generation = -1
        self.held: dict[UUID, str] = {}  # template id -> person id, as the gallery holds them
        self._sync_lock = threading.Lock()

    def sync(self) -> None:
        """Make the gallery equal to the database, if its generation has moved on."""
        with self._sync_lock:
            state = GalleryState.objects.filter(school_id=self.school_id, purpose=self.purpose).first()
            generation = state.generation if state else 0
            if generation == self.generation:
                return
            rows = Template.objects.filter(
                person__school_id=self.school_id, purpose=self.purpose, mode=Template.Mode.IDENTIFY
            )
            current = dict(rows.values_list("id", "person_id"))
            for template_id in self.held.keys() - current.keys():
                self.gallery.remove(self.held.pop(template_id))
            for row in rows.filter(pk__in=current.keys() - self.held.keys()):
                self._add(row)
            self.generation = generation

    def _add(self, row: Template) -> None:
        try:
            self.gallery.add(str(row.person_id), open_template(row, self.rotation))
        except KeyGone:
            return  # erased; the sweep removes what is left of it
        self.held[row.id] = str(row.person_id)


def live_gallery(school: School, purpose: str) -> LiveGallery:
    """Return the gallery of a school and purpose, equal to the database at this moment."""
    with _lock:
        live = _galleries.get((school.id, purpose))
        if live is None:
            live = _galleries[school.id, purpose] = LiveGallery(school.id, purpose)
    live.sync()
    return live


def seal_context(row: Template, rotation: "Rotation") -> "SealContext":
    """Return what a sealed template is bound to; another person's, school's or model's does not open."""
    from willing.face.protect import SealContext

    return SealContext(
        person=f"{row.person_id}:{row.id}",
        school=str(row.person.school_id),
        model=row.model_id,
        version=SEAL_VERSION,
        rotation=rotation.id,
    )


def open_template(row: Template, rotation: "Rotation") -> "list[FaceTemplate]":
    """Return the rotated references of a sealed template. Raises KeyGone after erasure, SealBroken."""
    from willing.face import Template as FaceTemplate
    from willing.face.protect import open_sealed

    rows = open_sealed(bytes(row.sealed), open_person_key(row.key_id), seal_context(row, rotation))
    return [FaceTemplate.from_array(one, model_id=row.model_id, rotation_id=rotation.id) for one in rows]


def forget_all() -> None:
    """Drop every gallery of this process (a changed school, tests)."""
    with _lock:
        _galleries.clear()


def held_persons(school_id: UUID, purpose: str) -> Sequence[str]:
    """Return the ids of the persons whom this process could match now, without looking at the database."""
    live = _galleries.get((school_id, purpose))
    return sorted(live.held.values()) if live else []


def start_watching() -> None:
    """Start the thread that keeps this process's galleries equal to the database (servers only)."""
    global _watcher
    with _lock:
        if _watcher is None:
            _watcher = threading.Thread(target=_watch, name="willing-gallery-watcher", daemon=True)
            _watcher.start()


def _watch() -> None:
    while True:
        time.sleep(WATCH_SECONDS)
        looking.tidy()
        captures.tidy()
        for live in list(_galleries.values()):
            try:
                live.sync()
            except DatabaseError:
                # Better no gallery than an old one: the next search builds it anew.
                log.exception("the gallery could not be compared with the database; dropping it")
                with _lock:
                    _galleries.pop((live.school_id, live.purpose), None)
                connections.close_all()
        close_old_connections()
