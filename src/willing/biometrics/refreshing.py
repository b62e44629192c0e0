"""Put a later reference behind those of the desk: by one press, after a match at a till that a card began.

The frame is kept for half a minute after the match, where it was taken: for a template that a card opens in
the session's process, else in this one. Without the press nothing of it is left. The desk's references stay,
and are what a later one has to match; there is one at most, and the next takes its place.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from willing.accounts.models import User
from willing.biometrics import card_processes, errors
from willing.biometrics.card_messages import Message
from willing.biometrics.card_processes import ProcessFailed
from willing.biometrics.card_sessions import context_of
from willing.biometrics.enrolment import record_enrolled, require_permission
from willing.biometrics.gallery import live_gallery, open_template, rotation_of, seal_references
from willing.biometrics.generations import invalidate_gallery, lock_gallery
from willing.biometrics.lookalikes import find_lookalikes
from willing.biometrics.memory import FaceSearch, RefreshOffer, overwrite, refresh_offers
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.pictures import is_seen_alive
from willing.biometrics.queries import is_due_for_refresh, may_refresh, usable_template
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.dpia.queries import lock_of
from willing.keys.actions import open_person_key
from willing.keys.errors import KeyGone, KeysUnavailable, MasterKeyWrong
from willing.people.models import Person
from willing.terminals.models import Terminal

if TYPE_CHECKING:
    from willing.face import Template as FaceTemplate


def offer_refresh(session: FaceSession, template: Template, seen: FaceSearch | None) -> None:
    """Keep the best frame of a match for a press, where its owner may refresh the template. Writes nothing.

    Called before the session is closed, while it still has what watches it and its process.
    """
    is_begun_by_claim = session.mode == Template.Mode.VERIFY
    if not is_begun_by_claim or not is_seen_alive(session) or not may_refresh(template):
        return
    kept, process = None, None
    if template.holder == Template.Holder.CARD:
        process = card_processes.set_aside(session.id)
    elif seen is not None and seen.keeper is not None:
        kept = seen.keeper.best
    if kept is None and process is None:
        return
    offer = RefreshOffer(
        session.id, session.occasion_id, template.person_id, template.pk, template.issue, kept, process
    )
    refresh_offers.put(session.terminal_id, offer)


def find_offer(terminal: Terminal, occasion_id: UUID) -> RefreshOffer | None:
    """Return what one press may still do after the match for an occasion (a basket) at a terminal."""
    offer = refresh_offers.find(terminal.id)
    return offer if offer is not None and offer.occasion_id == occasion_id else None


def refresh_template(terminal: Terminal, occasion_id: UUID, *, by: User | None) -> Template:
    """Put the kept frame of the match for an occasion behind the desk's references. One press, once.

    by: who was signed on at the till. Raises Refused refresh_over, refresh_unlike, not_permitted.
    """
    offer = find_offer(terminal, occasion_id)
    if offer is None or refresh_offers.drop(terminal.id) is not offer:
        raise errors.refresh_over()
    try:
        return _refresh(offer, terminal, by)
    finally:
        if offer.process is not None:
            card_processes.close_aside(offer.process)
        if offer.kept is not None:
            overwrite([offer.kept])


@atomic
def _refresh(offer: RefreshOffer, terminal: Terminal, by: User | None) -> Template:
    # Locked, so that a withdrawal at the same moment is seen here, or erases what is written here.
    person = lock(Person.objects).select_related("school").get(pk=offer.person_id)
    session = FaceSession.objects.filter(pk=offer.session_id, terminal=terminal, person=person).first()
    if (
        session is None
        or session.state != FaceSession.State.MATCHED
        or not lock_of(person.school).is_unlocked
    ):
        raise errors.refresh_over()
    require_permission(person, session.purpose)
    usable = usable_template(person, session.purpose)
    held = lock(Template.objects).select_related("person__school").filter(pk=offer.template_id).first()
    if usable is None or held is None or (held.pk, held.issue) != (usable.pk, offer.issue):
        raise errors.refresh_over()
    if not is_due_for_refresh(held) or not may_refresh(held):
        raise errors.refresh_over()
    try:
        sealed = _seal_with_card(held, offer) if offer.process else _seal(held, offer)
    except (KeyGone, KeysUnavailable, MasterKeyWrong, ProcessFailed):
        raise errors.refresh_over() from None
    # One row, in one statement: whatever happens, the template is as before or as it is then.
    held.sealed, held.issue, held.refreshed_at = sealed, held.issue + 1, now()
    held.save(update_fields=["sealed", "issue", "refreshed_at"])
    invalidate_gallery(person.school_id, held.purpose)
    record_enrolled("face.refreshed", held, by=by)
    return held


def _seal_with_card(held: Template, offer: RefreshOffer) -> bytes:
    """Let the process that opened the template seal it anew. Raises Refused refresh_unlike; ProcessFailed."""
    assert offer.process is not None
    context = context_of(held, held.issue + 1)
    asked = {"deed": "refresh", "desk": held.references, "context": context}
    answered = offer.process.ask(Message(asked))
    if answered.said.get("is_refused"):
        raise ProcessFailed("nothing is kept to refresh with")
    if answered.said["is_unlike"]:
        raise errors.refresh_unlike()
    return bytes(answered.blob)


def _seal(held: Template, offer: RefreshOffer) -> bytes:
    """Seal a template that the school opens. Raises Refused refresh_unlike, and where its key is gone."""
    from willing.face import FaceError
    from willing.face.refresh import is_like_desk

    assert offer.kept is not None
    state = lock_gallery(held.person.school_id, held.purpose)
    rotation = rotation_of(state.secret_id)
    try:
        desk = open_template(held, rotation)[: held.references]
    except (FaceError, ValueError):
        raise errors.refresh_over() from None
    rows: list[FaceTemplate] = [*desk, rotation.apply(offer.kept)]
    if not is_like_desk(desk, rows[-1]):
        raise errors.refresh_unlike()
    if find_lookalikes(live_gallery(held.person.school, held.purpose), rows, held.person):
        raise errors.refresh_unlike()
    anew = Template(pk=held.pk, person=held.person, model_id=held.model_id, issue=held.issue + 1)
    return seal_references(anew, rows, open_person_key(held.key_id), rotation)
