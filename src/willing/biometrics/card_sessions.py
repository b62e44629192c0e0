"""A session of the camera whose template only the card opens: its process, and the card's share for it."""

from willing.biometrics import card_processes
from willing.biometrics.card_messages import Message, Occasion
from willing.biometrics.card_processes import CardProcess, ProcessFailed
from willing.biometrics.card_search import CardSearch
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import is_due_for_refresh as is_due
from willing.biometrics.queries import usable_template
from willing.keys.actions import open_person_key
from willing.keys.errors import KeyGone, KeysUnavailable, MasterKeyWrong


def occasion_of(session: FaceSession) -> Occasion:
    """Return what a share for this session is bound to."""
    return Occasion(str(session.school_id), str(session.id), str(session.occasion_id))


def begin_card_session(session: FaceSession) -> None:
    """Let the process of a session begin, so that the page can seal the card's share to it.

    Where it cannot, nothing is opened, and the session closes as not recognised.
    """
    try:
        card_processes.begin(session.terminal_id, occasion_of(session))
    except ProcessFailed:
        card_processes.close(session.id)


def key_for_share(session: FaceSession) -> tuple[str, str] | None:
    """Return what the page seals a card's share to, and what it binds it to, in hexadecimal; or None."""
    process = card_processes.find(session.id)
    return (process.public, occasion_of(session).info().hex()) if process else None


def open_with_share(session: FaceSession, share: str) -> bool:
    """Let a session's process open the template of whom the card named. Say whether it did.

    share: as the page sealed it, in hexadecimal; nobody here can read it. Which of card, key and template was
    wrong nobody learns. Call it outside transactions.
    """
    process = card_processes.find(session.id)
    template = usable_template(session.claimed, session.purpose) if session.claimed else None
    if process is None or template is None or template.holder != Template.Holder.CARD:
        return False
    sealed = Template.objects.values_list("sealed", flat=True).filter(pk=template.pk).first()
    try:
        half = open_person_key(template.key_id)
        asked = {"deed": "open", "share": share, "half": half.hex(), "context": context_of(template)}
        return not process.ask(Message(asked, bytes(sealed or b""))).said.get("is_refused")
    except (KeyGone, KeysUnavailable, MasterKeyWrong, ProcessFailed):
        return False


def search_with_card(session: FaceSession, template: Template, model_id: str) -> CardSearch | None:
    """Return the comparison with what the card has opened; None where there is none (any more)."""
    process: CardProcess | None = card_processes.find(session.id)
    is_same_model = template.model_id == model_id
    if process is None or not is_same_model:
        return None
    return CardSearch(process, template.person_id, keeps=is_due(template))


def context_of(template: Template, issue: int | None = None) -> dict[str, object]:
    """Return what the seal of a card's template is bound to, in the parts of face.protect.SealContext.

    issue: of the seal; None for that of the template as it is.
    """
    return {
        "person": f"{template.person_id}:{template.pk}",
        "school": str(template.person.school_id),
        "model": template.model_id,
        "version": issue or template.issue,
    }
