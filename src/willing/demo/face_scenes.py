"""The scenes with faces: two say yes, are enrolled and pay; one of them withdraws."""

from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.queries import has_face
from willing.consent.decisions import NewDecision
from willing.consent.queries import permission, require_notice
from willing.core.errors import Refused
from willing.demo.stage import SceneResult, Stage, StoryBroken, expect, paid
from willing.keys.actions import key_exists
from willing.till.basket_states import stop_face_session
from willing.till.baskets import add_product, show_basket
from willing.till.face_identification import open_face_session, submit_frame
from willing.till.payment import confirm_basket

FRAMES_MAX = 12


class FaceScenes:
    """What is shown with a camera, and the decisions before and after."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

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
        """Enrol a person with frames of a portrait."""
        person, user, frame = (
            self.stage.demo.person(name),
            self.stage.demo.user("office"),
            self.stage.camera(portrait),
        )
        capture = start_capture(person, "canteen", user=user)
        good = 0
        for _ in range(FRAMES_MAX):
            good = add_capture_frame(capture, frame(), user=user).good_frames
            if good >= 5:
                break
        template = finish_capture(capture, user=user)
        expect(key_exists(template.key_id), "the template has a key of its own")
        return SceneResult(f"enrolled, {good} frames", way="face", person=name)

    def pay_by_face(self, name: str, portrait: str) -> SceneResult:
        """Be recognised on a portrait, and pay."""
        state = self._show_face(portrait)
        basket = show_basket(self.stage.terminal)
        shown = basket.person.given_name if basket and basket.person else ""
        expect(state == "matched" and shown == name, f"{name} is recognised")
        assert basket is not None
        return paid(confirm_basket(self.stage.terminal, basket.id, is_repeat_checked=True))

    def not_recognised(self, portrait: str) -> SceneResult:
        """Be taken for nobody, and be offered the other ways."""
        state = self._show_face(portrait)
        expect(state == "unknown", "the portrait belongs to nobody enrolled")
        basket = show_basket(self.stage.terminal)
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
        """Open a basket, hold a portrait before the camera, and return the outcome."""
        basket = add_product(self.stage.terminal, self.stage.meal)
        session = open_face_session(self.stage.terminal, basket.id, key="1")
        frame = self.stage.camera(portrait)
        for _ in range(FRAMES_MAX):
            answer = submit_frame(self.stage.terminal, session.id, frame())
            if answer.state != "looking":
                return answer.state
        stop_face_session(basket)
        return "unknown"
