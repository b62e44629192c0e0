"""One lunch hour, step by step with the real actions on the real database.

Every step asserts what it shows: a story that does not come out as written raises StoryBroken.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from willing.audit.verify_database import verify_log
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.engine import require_engine
from willing.biometrics.enrolment import add_capture_frame, finish_capture, start_capture
from willing.biometrics.erasure import erase_faces
from willing.biometrics.queries import has_face
from willing.consent.decisions import NewDecision
from willing.consent.queries import permission, require_notice
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.demo import portraits
from willing.demo.school import CAST, DemoSchool
from willing.demo.tampering import alter_a_copy
from willing.keys.actions import key_exists
from willing.ledger.actions import pay_in
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.models import Person
from willing.people.places import small_sum_minor
from willing.terminals.models import Terminal
from willing.till.basket_states import stop_face_session
from willing.till.baskets import add_product, cancel_basket, show_basket
from willing.till.face_identification import open_face_session, submit_frame
from willing.till.identification import identify_by_card, identify_by_pin
from willing.till.limits import NewLimits, limits_of, set_limits, spent_today
from willing.till.menu_models import Product
from willing.till.models import Limits, Sale
from willing.till.payment import confirm_basket
from willing.till.school_limits import set_school_face_limit

FRAMES_MAX = 12
PORTRAITS = ("person_a_1.jpg", "person_a_2.jpg", "person_b_1.jpg", "person_b_2.jpg", "impostor_1.jpg")


class StoryBroken(Exception):
    """A step did not come out as the story tells it."""


@dataclass(frozen=True)
class Step:
    """One line of the story; amounts in minor units, ms measured."""

    step: str
    way: str
    person: str
    outcome: str
    amount: int | None
    balance: int | None
    ms: float


@dataclass(frozen=True)
class SceneResult:
    """What a scene brings, before it is timed."""

    outcome: str
    way: str = ""
    person: str = ""
    amount: int | None = None
    balance: int | None = None


Scene = Callable[[], SceneResult]


class Story:
    """The demo's lunch hour at till 2; `without_faces` says why nobody pays by face, or is empty."""

    def __init__(self, demo: DemoSchool, *, without_faces: str = "") -> None:
        self.demo = demo
        self.without_faces = without_faces
        self.terminal: Terminal = demo.till("Till 2")
        self.meal = Product.objects.filter(school=demo.school, is_main_meal=True).order_by("position")[0]
        self._cameras: dict[str, object] = {}

    def tell(self) -> Iterator[Step]:
        """Yield each step as it happens. Raises StoryBroken where a visitor changed the school too much."""
        for name, scene in self._scenes():
            begin = time.perf_counter()
            try:
                result = scene()
            except Refused as refused:
                raise StoryBroken(f"{name}: {refused.message} ({refused.code})") from refused
            ms = (time.perf_counter() - begin) * 1000
            yield Step(
                name, result.way, result.person, result.outcome, result.amount, result.balance, round(ms, 1)
            )

    def _scenes(self) -> list[tuple[str, Scene]]:
        faces = not self.without_faces
        scenes: list[tuple[str, Scene]] = [("the till opens", self._prepare)]
        scenes += [
            ("Alex and a guardian say yes", lambda: self._agree("Alex")),
            ("Bea and a guardian say yes", lambda: self._agree("Bea")),
        ]
        if faces:
            scenes += [
                ("Alex is enrolled", lambda: self._enrol("Alex", "person_a_2.jpg")),
                ("Bea is enrolled", lambda: self._enrol("Bea", "person_b_1.jpg")),
                (
                    "Alex pays, on a portrait taken years apart",
                    lambda: self._pay_by_face("Alex", "person_a_1.jpg"),
                ),
                (
                    "Bea pays, on a portrait taken years apart",
                    lambda: self._pay_by_face("Bea", "person_b_2.jpg"),
                ),
                ("a stranger looks into the camera", lambda: self._not_recognised("impostor_1.jpg")),
            ]
        scenes += [
            ("who was not recognised pays by PIN", lambda: self._pay_by_pin("Sam")),
            ("a card code pays", lambda: self._pay_by_card("Dina")),
            ("one basket, confirmed three times", lambda: self._confirm_three_times("Dina")),
            ("an empty balance still gets the main meal", lambda: self._pay_by_card("Chen")),
        ]
        if faces:
            scenes += [
                ("Alex's guardian withdraws", lambda: self._withdraw("Alex")),
                ("the same portrait, a second later", lambda: self._not_recognised("person_a_1.jpg")),
            ]
        return [
            *scenes,
            ("Alex's card still pays", lambda: self._pay_by_card("Alex")),
            ("the ledger is verified", self._verify_ledger),
            ("the log is verified", self._verify_log),
            ("one row is altered in a copy of the log", self._alter_a_copy),
        ]

    def _prepare(self) -> SceneResult:
        basket = show_basket(self.terminal)
        if basket is not None:
            cancel_basket(self.terminal, basket.id)
        for name in ("Alex", "Bea"):
            erase_faces(self.demo.person(name), cause="demo restarted")
            self._lift_limits(self.demo.person(name))
        for name, (_family, _year, balance) in CAST.items():
            missing = balance - available_minor(self.demo.person(name))
            if missing > 0:  # what earlier tellings and visitors spent
                pay_in(self.demo.person(name), missing, key=new_id())
        if self.without_faces:
            return SceneResult("ready, without faces")
        require_engine(self.demo.school)  # loading takes its second here, not in anyone's lunch
        return SceneResult("ready")

    def _lift_limits(self, person: Person) -> None:
        """Let a person pay with a face whose limit for today an earlier telling, or a visitor, used up."""
        office, bought = self.demo.user("office"), spent_today(person).by_face_alone_minor
        if limits_of(person).face_daily_minor - bought >= self.meal.price_minor:
            return
        if Limits.objects.filter(person=person).exists():
            set_limits(person, NewLimits(), by=office)
        set_school_face_limit(
            self.demo.school, bought + small_sum_minor(self.demo.school.currency), by=office
        )

    def _agree(self, name: str) -> SceneResult:
        person = self.demo.person(name)
        notices = {reader: require_notice("canteen", reader, "en") for reader in ("adult", "child")}
        guardian = self.demo.guardian(name)
        record_consent(NewDecision(person, "canteen", "yes", notices["adult"], "link", guardian=guardian))
        record_consent(
            NewDecision(
                person, "canteen", "yes", notices["child"], "desk", recorded_by=self.demo.user("office")
            )
        )
        _expect(permission(person, "canteen").granted, "both said yes, so there is a permission")
        return SceneResult("permitted", person=name)

    def _camera(self, portrait: str) -> Callable[[], bytes]:
        from willing.demo.frames import CameraLike

        camera = self._cameras.get(portrait)
        if not isinstance(camera, CameraLike):
            camera = CameraLike(
                portraits.read(portrait), require_engine(self.demo.school), seed=sum(portrait.encode())
            )
            self._cameras[portrait] = camera
        return camera.frame

    def _enrol(self, name: str, portrait: str) -> SceneResult:
        person, user, frame = self.demo.person(name), self.demo.user("office"), self._camera(portrait)
        capture = start_capture(person, "canteen", user=user)
        good = 0
        for _ in range(FRAMES_MAX):
            good = add_capture_frame(capture, frame(), user=user).good_frames
            if good >= 5:
                break
        template = finish_capture(capture, user=user)
        _expect(key_exists(template.key_id), "the template has a key of its own")
        return SceneResult(f"enrolled, {good} frames", way="face", person=name)

    def _show_face(self, portrait: str) -> str:
        """Open a basket, hold a portrait before the camera, and return the outcome."""
        basket = add_product(self.terminal, self.meal)
        session = open_face_session(self.terminal, basket.id, key="1")
        frame = self._camera(portrait)
        for _ in range(FRAMES_MAX):
            answer = submit_frame(self.terminal, session.id, frame())
            if answer.state != "looking":
                return answer.state
        stop_face_session(basket)
        return "unknown"

    def _pay_by_face(self, name: str, portrait: str) -> SceneResult:
        state = self._show_face(portrait)
        basket = show_basket(self.terminal)
        shown = basket.person.given_name if basket and basket.person else ""
        _expect(state == "matched" and shown == name, f"{name} is recognised")
        assert basket is not None
        return self._paid(confirm_basket(self.terminal, basket.id))

    def _not_recognised(self, portrait: str) -> SceneResult:
        state = self._show_face(portrait)
        _expect(state == "unknown", "the portrait belongs to nobody enrolled")
        basket = show_basket(self.terminal)
        _expect(basket is not None and basket.person is None, "nobody is shown")
        return SceneResult("UNKNOWN: the other ways are offered", way="face")

    def _pay_by_pin(self, name: str) -> SceneResult:
        person = self.demo.person(name)
        basket = show_basket(self.terminal) or add_product(self.terminal, self.meal)
        identify_by_pin(self.terminal, basket.id, person.till_number, self.demo.pins[name])
        return self._paid(confirm_basket(self.terminal, basket.id))

    def _pay_by_card(self, name: str) -> SceneResult:
        basket = show_basket(self.terminal) or add_product(self.terminal, self.meal)
        identify_by_card(self.terminal, basket.id, self.demo.cards[name])
        return self._paid(confirm_basket(self.terminal, basket.id))

    def _confirm_three_times(self, name: str) -> SceneResult:
        before = available_minor(self.demo.person(name))
        basket = add_product(self.terminal, self.meal)
        identify_by_card(self.terminal, basket.id, self.demo.cards[name])
        sales = {confirm_basket(self.terminal, basket.id).id for _ in range(3)}
        charged = before - available_minor(self.demo.person(name))
        _expect(len(sales) == 1 and charged == self.meal.price_minor, "three confirmations charge once")
        paid = self._paid(Sale.objects.get(pk=sales.pop()))
        return SceneResult("charged once", paid.way, paid.person, paid.amount, paid.balance)

    def _paid(self, sale: Sale) -> SceneResult:
        person = Person.objects.get(pk=sale.person_id)
        _expect(sale.receipt_number > 0, "the sale has its receipt")
        return SceneResult(
            f"paid, receipt {sale.receipt_number}",
            sale.way,
            person.given_name,
            sale.total_minor,
            available_minor(person),
        )

    def _withdraw(self, name: str) -> SceneResult:
        person, notice = self.demo.person(name), require_notice("canteen", "adult", "en")
        withdrawal = NewDecision(
            person, "canteen", "withdrawn", notice, "link", guardian=self.demo.guardian(name)
        )
        decided = record_consent(withdrawal)
        _expect(decided.erasure is not None and decided.erasure.keys_destroyed == 1, "the key is destroyed")
        _expect(not has_face(person), "no template is left")
        try:
            start_capture(person, "canteen", user=self.demo.user("office"))
        except Refused as refused:
            _expect(refused.code == "not_permitted", "nobody can enrol against a no")
        else:
            raise StoryBroken("a withdrawal was followed by an enrolment")
        assert decided.erasure is not None
        return SceneResult(f"key destroyed, log entry {decided.erasure.log_sequence}", person=name)

    def _verify_ledger(self) -> SceneResult:
        check = verify_ledger()
        _expect(check.ok, "every balance follows from the transfers")
        return SceneResult(f"{check.transfers} transfers, every balance right")

    def _verify_log(self) -> SceneResult:
        found = verify_log()
        _expect(found.ok, "the log is whole")
        return SceneResult(f"{found.entries} entries, whole")

    def _alter_a_copy(self) -> SceneResult:
        altered = alter_a_copy()
        if altered is None:
            return SceneResult("left out: the copy is made of SQLite files only")
        _expect(
            [fault.sequence for fault in altered.faults] == [altered.sequence], "the altered row is named"
        )
        return SceneResult(f"found: entry {altered.sequence} was {altered.faults[0].code}")


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise StoryBroken(f"the story says: {what}; it is not so")
