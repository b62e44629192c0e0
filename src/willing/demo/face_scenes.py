"""The scenes with faces: two say yes, are enrolled and pay, one of them with her card; one withdraws."""

from collections.abc import Callable
from uuid import UUID

from willing.biometrics.capture import add_capture_frame, begin_sealing, finish_capture, start_capture
from willing.biometrics.card_sealing import SealedShare
from willing.biometrics.card_sessions import key_for_share
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import has_face
from willing.consent.decisions import NewDecision
from willing.consent.queries import permission, require_notice
from willing.core.errors import Refused
from willing.core.sealed_messages import seal_message
from willing.credentials.cards import find_live_card
from willing.credentials.shares import new_share
from willing.demo.stage import DemoStage, SceneResult, StoryBroken, expect, paid
from willing.keys.actions import key_exists
from willing.terminals.models import Terminal
from willing.till.basket_states import stop_face_session
from willing.till.baskets import add_product, cancel_basket, show_basket
from willing.till.face_identification import open_face, prepare_face, submit_frame, submit_share
from willing.till.identification import identify_by_card
from willing.till.models import Basket
from willing.till.payment import confirm_basket

FRAMES_MAX = 12


class FaceScenes:
    """What is shown with a camera, and the decisions before and after."""

    def __init__(self, stage: DemoStage) -> None:
        self.stage = stage
        self._shares: dict[str, bytes] = {}
        self._presses = 0

    def agree(self, name: str) -> SceneResult:
        """Both who must say yes do: the person, and a guardian."""
        person = self.stage.demo.person(name)
        notices = {reader: require_notice("canteen", reader, "en") for reader in ("adult", "child")}
        guardian = self.stage.demo.guardian(name)
        record_consent(NewDecision(person, "canteen", "yes", notices["adult"], "link", guardian=guardian))
        record_consent(
            NewDecision(
                person, "canteen", "yes", notices["child"], "desk", recorded_by=self.stage.demo.user("office")
            )
        )
        expect(permission(person, "canteen").granted, "both said yes, so there is a permission")
        return SceneResult("permitted", person=name)

    def enrol(self, name: str, portrait: str) -> SceneResult:
        """Enrol a person with frames of a portrait; the school alone can open their template."""
        capture, good = self._capture(name, portrait)
        template = finish_capture(capture, user=self.stage.demo.user("office"))
        expect(key_exists(template.key_id), "the template has a key of its own")
        return SceneResult(f"enrolled, {good} frames", way="face", person=name)

    def enrol_with_card(self, name: str, portrait: str) -> SceneResult:
        """Enrol a person with their card, on which half of the key to their template is from then on.

        The card's share is in this process only because nobody holds the card to a reader here.
        """
        capture, good = self._capture(name, portrait)
        user, share = self.stage.demo.user("office"), new_share()
        card = find_live_card(self.stage.demo.school, self.stage.demo.cards[name])
        assert card is not None
        key = begin_sealing(capture, user=user)
        sealed = SealedShare(card.pk, _seal(key.public, key.info, share))
        template = finish_capture(capture, user=user, card=sealed)
        expect(template.holder == Template.Holder.CARD, "the school alone can't open this template")
        self._shares[name] = share
        return SceneResult(f"enrolled, {good} frames, half a key on the card", way="face", person=name)

    def _capture(self, name: str, portrait: str) -> tuple[UUID, int]:
        """Begin to enrol a person. Return the capture and how many good frames it has."""
        person, user = self.stage.demo.person(name), self.stage.demo.user("office")
        frame, good = self.stage.camera(portrait), 0
        capture = start_capture(person, "canteen", user=user)
        for _ in range(FRAMES_MAX):
            good = add_capture_frame(capture, frame(), user=user).good_frames
            if good >= 5:
                break
        return capture, good

    def pay_by_face(self, name: str, portrait: str) -> SceneResult:
        """Be recognised on a portrait at till 1, and pay."""
        state = self._show_face(portrait)
        basket = show_basket(self.stage.central)
        shown = basket.person.given_name if basket and basket.person else ""
        expect(state == "matched" and shown == name, f"{name} is recognised")
        assert basket is not None
        return paid(confirm_basket(self.stage.central, basket.id, is_repeat_checked=True))

    def pay_by_card_and_face(self, name: str, portrait: str) -> SceneResult:
        """Be confirmed on a portrait at till 2 by the template that the card opens, and pay."""
        expect(self._show_card_and_face(name, portrait) == "matched", f"{name}'s card opens their template")
        basket = show_basket(self.stage.terminal)
        assert basket is not None
        sold = paid(confirm_basket(self.stage.terminal, basket.id, is_repeat_checked=True))
        return SceneResult(sold.outcome, "card and face", sold.person, sold.amount, sold.balance)

    def not_confirmed(self, name: str, portrait: str) -> SceneResult:
        """Hold somebody's card and look into the camera at till 2, and not be taken for them."""
        state = self._show_card_and_face(name, portrait)
        expect(state == "unknown", f"the portrait is not {name}'s")
        basket = show_basket(self.stage.terminal)
        assert basket is not None
        cancel_basket(self.stage.terminal, basket.id)
        return SceneResult("UNKNOWN: the cashier looks who it is", way="card and face")

    def not_recognised(self, portrait: str) -> SceneResult:
        """Be taken for nobody at till 1, and be offered the other ways."""
        state = self._show_face(portrait)
        expect(state == "unknown", "the portrait belongs to nobody enrolled")
        basket = show_basket(self.stage.central)
        expect(basket is not None and basket.person is None, "nobody is shown")
        return SceneResult("UNKNOWN: the other ways are offered", way="face")

    def withdraw(self, name: str) -> SceneResult:
        """Withdraw, and find that key and template are gone and nobody can enrol again."""
        person, notice = self.stage.demo.person(name), require_notice("canteen", "adult", "en")
        withdrawal = NewDecision(
            person, "canteen", "withdrawn", notice, "link", guardian=self.stage.demo.guardian(name)
        )
        decided = record_consent(withdrawal)
        expect(decided.erasure is not None and decided.erasure.keys_destroyed == 1, "the key is destroyed")
        expect(not has_face(person), "no template is left")
        try:
            start_capture(person, "canteen", user=self.stage.demo.user("office"))
        except Refused as refused:
            expect(refused.code == "not_permitted", "nobody can enrol against a no")
        else:
            raise StoryBroken("a withdrawal was followed by an enrolment")
        assert decided.erasure is not None
        return SceneResult(f"key destroyed, log entry {decided.erasure.log_sequence}", person=name)

    def _show_face(self, portrait: str) -> str:
        """Hold a portrait before the camera of till 1 for a meal, and return the outcome."""
        till = self.stage.central
        basket = show_basket(till) or add_product(till, self.stage.meal)
        session = open_face(till, basket.id, key=f"{self._next_press()}")
        return self._show(till, session, self.stage.camera(portrait), basket)

    def _show_card_and_face(self, name: str, portrait: str) -> str:
        """Read a card at till 2 for a meal, hold a portrait before its camera, and return the outcome."""
        till = self.stage.terminal
        basket = show_basket(till) or add_product(till, self.stage.meal)
        basket = identify_by_card(till, basket.id, self.stage.demo.cards[name])
        prepare_face(basket)
        session = open_face(till, basket.id, key=f"{self._next_press()}")
        asked = key_for_share(session)
        expect(asked is not None, "a process waits for the card's share")
        assert asked is not None
        if submit_share(till, session.id, _seal(*asked, self._shares[name])).state != "looking":
            return "unknown"
        return self._show(till, session, self.stage.camera(portrait), basket)

    def _next_press(self) -> int:
        self._presses += 1
        return self._presses

    @staticmethod
    def _show(till: Terminal, session: FaceSession, frame: Callable[[], bytes], basket: Basket) -> str:
        for _ in range(FRAMES_MAX):
            answer = submit_frame(till, session.id, frame())
            if answer.state != "looking":
                return answer.state
        stop_face_session(basket)
        return "unknown"


def _seal(public: str, info: str, share: bytes) -> str:
    """Return a share as a page seals it to the process that opens the template."""
    return seal_message(bytes.fromhex(public), share, bytes.fromhex(info)).hex()
