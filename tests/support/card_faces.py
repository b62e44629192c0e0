"""A face that only a card opens, without a browser: what a page seals, an enrolment, a look."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from willing.biometrics.capture import add_capture_frame, begin_sealing, finish_capture, start_capture
from willing.biometrics.card_sealing import SealedShare
from willing.biometrics.card_sessions import key_for_share
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.models import FaceSession, Template
from willing.consent.publishing import notify_guardian
from willing.consent.queries import require_notice
from willing.core.sealed_messages import seal_message
from willing.credentials.cards import find_live_card
from willing.people.guardians import link_guardian
from willing.terminals.models import Device, Terminal
from willing.till.baskets import add_product, show_basket
from willing.till.face_identification import open_face, submit_frame, submit_share
from willing.till.identification import identify_by_card
from willing.till.models import Basket


def seal(public: str, info: str, share: bytes) -> str:
    """Return a share as `ui/hpke.js` seals it; all in hexadecimal but the share."""
    return seal_message(bytes.fromhex(public), share, bytes.fromhex(info)).hex()


@dataclass(frozen=True)
class Held:
    """Somebody's template that only a card opens, and what that card says."""

    template: Template
    share: bytes


def card_id_of(cast: Any, name: str) -> Any:
    """Return the id of the card that one of the cast carries."""
    card = find_live_card(cast.school, cast.cards[name])
    assert card is not None
    return card.pk


def enrol_with_card(
    cast: Any,
    camera: Any,
    name: str = "Ada",
    picture: str = "person_a_2.jpg",
    *,
    purpose: str = "canteen",
    siblings: Sequence[tuple[str, bytes]] = (),
    **changed: Any,
) -> Held:
    """Enrol one of the cast with their card. siblings: names of those whose cards are there, with shares.

    changed: of the sealed share, as a thief would.
    """
    user, shots, share = cast.user("office"), camera(picture), secrets.token_bytes(16)
    capture = start_capture(cast.person(name), purpose, user=user)
    for _ in range(3):
        add_capture_frame(capture, shots.frame(), user=user, by_camera=False)
    key = begin_sealing(capture, user=user)
    sealed = changed.get("share") or seal(key.public, key.info, share)
    card = SealedShare(card_id_of(cast, changed.get("card", name)), sealed)
    others = [
        SealedShare(card_id_of(cast, one), seal(key.public, info, said))
        for (one, said), info in zip(siblings, (*key.siblings, ""), strict=False)
    ]
    return Held(finish_capture(capture, user=user, card=card, siblings=others), share)


def make_siblings(cast: Any) -> None:
    """Let Ada's guardian be Wes's too, who agrees to his face."""
    wes, gus = cast.person("Wes"), cast.guardian("Gus")
    link_guardian(gus, wes)
    notify_guardian(gus, wes, require_notice("canteen", "adult", "en"), channel="link")
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    record_consent(cast.says("Wes", "yes", guardian="Gus"))


def pair_as_kiosk() -> None:
    """Let every till be a browser with the till's page, as pairing does."""
    Terminal.objects.update(device=Device.KIOSK)


def basket_of(cast: Any) -> Basket:
    """Return the basket that is shown at the till."""
    shown = show_basket(cast.till)
    assert shown is not None
    return shown


def asked_for(session: FaceSession) -> tuple[str, str]:
    """Return what a page seals a share to, and what it binds it to."""
    asked = key_for_share(session)
    assert asked is not None
    return asked


def begin_look(cast: Any, name: str = "Ada", *, key: str = "1") -> FaceSession:
    """Read somebody's card for a meal, and press "Use my face"."""
    basket = show_basket(cast.till) or add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards[name])
    return open_face(cast.till, basket.id, key=key)


def look_with_card(cast: Any, shots: Any, share: bytes, name: str = "Ada", *, key: str = "1") -> FaceSession:
    """Look with a card that says `share`, until there is an answer."""
    session = begin_look(cast, name, key=key)
    if submit_share(cast.till, session.id, seal(*asked_for(session), share)).state == "looking":
        for _ in range(24):
            if submit_frame(cast.till, session.id, shots.frame()).state != "looking":
                break
    session.refresh_from_db()
    return session
