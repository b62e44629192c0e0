"""Another app than the till can stand on terminals, credentials and faces: a gate, which knows no till."""

import ast
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from tests.architecture.source import Module, imports_of, modules

from willing.audit.models import Entry
from willing.biometrics.consent_changes import record_consent, stop_using_face
from willing.consent.decisions import NewDecision
from willing.consent.publishing import notify_guardian, publish_notices
from willing.consent.purposes import served_purposes
from willing.consent.queries import permission, require_notice
from willing.core.errors import Refused
from willing.credentials.models import FailedAttempt, PinAttempts
from willing.people.queries import today
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Device, Terminal
from willing.terminals.pairing import start_pairing
from willing.terminals.queries import asked_purposes
from willing.till.baskets import add_product, open_basket
from willing.till.identification import identify_by_pin
from willing.till.models import Basket
from willing.till.reports import day_summary
from willing.till.tills import pair_till, require_till

PROBE = Path(__file__).resolve().parents[1] / "support" / "gate_probe"
NEW_GATE = NewTerminal("Gate 1", purpose="gate", ways=("card", "pin", "face"), location="gate")


@pytest.fixture
def gate(cast, settings):
    """Install the gate's app for this test, make its table, and set up a gate."""
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.support.gate_probe"]
    from tests.support.gate_probe.models import Passage

    with connection.schema_editor() as editor:
        editor.create_model(Passage)
    publish_notices()
    add_terminal(cast.school, NEW_GATE)
    return Terminal.objects.select_related("school").get(name="Gate 1")


def refusal(deed, *args, **more):
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return refused.value.code


def agree_to_the_gate(cast):
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    adult, child = (require_notice("gate", reader, "en") for reader in ("adult", "child"))
    notify_guardian(gus, ada, adult, channel="link")
    record_consent(NewDecision(ada, "gate", "yes", adult, "link", guardian=gus))
    record_consent(NewDecision(ada, "gate", "yes", child, "desk"))
    return ada


def source_of_the_probe():
    for path in sorted(PROBE.glob("*.py")):
        name = f"tests.support.gate_probe.{path.stem}"
        yield Module(name, path, ast.parse(path.read_text(encoding="utf-8")))


def test_a_gate_imports_no_till_not_even_through_what_it_imports():
    waiting = [source for module in source_of_the_probe() for source, _name in imports_of(module)]
    reached = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [source for source, _name in imports_of(modules()[name])]
    assert {"willing.credentials.identification", "willing.biometrics.face_sessions"} <= reached
    assert not [name for name in reached if name.split(".")[1] in ("till", "pages", "api")]


def test_without_its_app_there_is_no_gate_and_nobody_is_asked_about_one(cast):
    assert [purpose.value for purpose in served_purposes()] == ["canteen", "shop"]
    assert refusal(add_terminal, cast.school, NEW_GATE) == "terminal_purpose_not_served"


def test_with_its_app_families_are_asked_about_the_gate(cast, gate):
    assert [purpose.value for purpose in served_purposes()] == ["canteen", "shop", "gate"]
    assert asked_purposes(cast.school) == ["canteen", "gate"]
    ada = cast.person("Ada")
    assert permission(ada, "canteen").granted
    assert not permission(ada, "gate").granted
    agree_to_the_gate(cast)
    assert permission(ada, "gate").granted


def test_a_gate_is_paired_with_its_own_code_and_no_till_takes_it(cast, gate):
    from tests.support.gate_probe.actions import pair_gate, require_gate

    code = start_pairing(gate)
    for device in (Device.API, Device.KIOSK):
        assert refusal(pair_till, code, key="k", device=device) == "pairing_code_unknown"
    paired = pair_gate(code, key="k")
    assert require_gate(paired.token) == gate
    assert refusal(require_till, paired.token, device=Device.API) == "terminal_does_not_sell"
    assert refusal(pair_gate, start_pairing(cast.till), key="k") == "pairing_code_unknown"
    till = pair_till(start_pairing(cast.till), key="k", device=Device.API)
    assert refusal(require_gate, till.token) == "not_a_gate"


def test_a_card_opens_the_gate_once_a_passage(cast, gate):
    from tests.support.gate_probe.actions import pass_by_card
    from tests.support.gate_probe.models import Passage

    passage_id = uuid4()
    passed = pass_by_card(gate, passage_id, cast.cards["Carl"])
    assert (passed.person, passed.way) == (cast.person("Carl"), "card")
    assert pass_by_card(gate, passage_id, cast.cards["Carl"]) == passed
    assert Passage.objects.count() == 1
    assert Entry.objects.filter(event="passage.recorded", subject=cast.person("Carl").id).count() == 1


def test_an_unknown_card_is_counted_as_tried_and_opens_nothing(cast, gate):
    from tests.support.gate_probe.actions import pass_by_card
    from tests.support.gate_probe.models import Passage

    assert refusal(pass_by_card, gate, uuid4(), "WRONG-CODE") == "code_unknown"
    assert list(FailedAttempt.objects.values_list("terminal", "way", "code")) == [
        (gate.id, "card", "code_unknown")
    ]
    assert not Passage.objects.exists()


def test_number_and_pin_open_the_gate(cast, gate):
    from tests.support.gate_probe.actions import pass_by_pin

    nia = cast.person("Nia")
    passed = pass_by_pin(gate, uuid4(), nia.till_number, cast.pins["Nia"])
    assert (passed.person, passed.way) == (nia, "pin")
    assert not PinAttempts.objects.exists()


def test_wrong_pins_at_the_gate_and_at_the_till_count_together(cast, gate):
    from tests.support.gate_probe.actions import pass_by_pin

    nia = cast.person("Nia")
    basket = add_product(cast.till, cast.meal)
    for _ in range(4):
        assert refusal(pass_by_pin, gate, uuid4(), nia.till_number, "0000") == "pin_wrong"
    assert refusal(identify_by_pin, cast.till, basket.id, nia.till_number, "0000") == "pin_locked"
    assert refusal(pass_by_pin, gate, uuid4(), nia.till_number, cast.pins["Nia"]) == "pin_locked"
    assert list(FailedAttempt.objects.order_by("id").values_list("code", flat=True)) == [
        *["pin_wrong"] * 5,
        "pin_locked",
    ]


def test_a_gate_takes_only_the_ways_that_it_was_set_up_for(cast, gate):
    from tests.support.gate_probe.actions import open_camera, pass_by_card, pass_by_pin

    add_terminal(cast.school, NewTerminal("Gate 2", purpose="gate", ways=("pin",), location="gate"))
    narrow = Terminal.objects.select_related("school").get(name="Gate 2")
    assert refusal(pass_by_card, narrow, uuid4(), cast.cards["Carl"]) == "way_not_taken"
    assert refusal(open_camera, narrow, uuid4(), key="k") == "way_not_taken"
    add_terminal(cast.school, NewTerminal("Gate 3", purpose="gate", ways=("card",), location="gate"))
    cards_only = Terminal.objects.select_related("school").get(name="Gate 3")
    nia = cast.person("Nia")
    assert refusal(pass_by_pin, cards_only, uuid4(), nia.till_number, cast.pins["Nia"]) == "way_not_taken"
    assert not PinAttempts.objects.exists()


@pytest.mark.face
def test_a_face_opens_the_gate_with_a_permission_for_the_gate_and_with_no_other(cast, gate, portrait):
    from tests.support.gate_probe.actions import open_camera, pass_by_frame

    from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
    from willing.biometrics.engine import require_engine
    from willing.demo.frames import CameraLike

    ada, user = agree_to_the_gate(cast), cast.user("office")

    def shots(seed):
        return CameraLike(portrait("person_a_2.jpg"), require_engine(cast.school), seed=seed)

    def enrol(purpose):
        capture = start_capture(ada, purpose, user=user)
        camera = shots(1)
        for _ in range(3):
            add_capture_frame(capture, camera.frame(), user=user)
        finish_capture(capture, user=user)

    def passes():
        session = open_camera(gate, uuid4(), key="press")
        camera = shots(2)
        for _ in range(30):
            passed = pass_by_frame(gate, session.id, camera.frame())
            session.refresh_from_db()
            if session.state != "open":
                return passed
        raise AssertionError("the camera went on and on")

    enrol("canteen")
    assert passes() is None, "a template for the canteen opened the gate"
    enrol("gate")
    passed = passes()
    assert passed is not None
    assert (passed.person, passed.way, passed.terminal) == (ada, "face", gate)
    stop_using_face(ada, channel="till", recorded_by=user)
    assert not permission(ada, "gate").granted
    assert passes() is None, "a face that was erased opened the gate"


def test_nothing_is_sold_at_a_gate(cast, gate):
    assert refusal(open_basket, gate, uuid4(), [(cast.meal, 1)]) == "terminal_does_not_sell"
    assert refusal(add_product, gate, cast.meal) == "terminal_does_not_sell"
    assert not Basket.objects.exists()


def test_the_database_itself_lets_no_basket_stand_at_a_gate(gate):
    with pytest.raises(IntegrityError), transaction.atomic():
        Basket.objects.create(terminal=gate)


@pytest.mark.parametrize("purpose", ["canteen", "shop", "library"])
def test_a_gate_never_becomes_a_till(gate, purpose):
    with pytest.raises(IntegrityError), transaction.atomic():
        Terminal.objects.filter(pk=gate.pk).update(purpose=purpose)


def test_a_terminal_is_for_something_known(gate):
    with pytest.raises(IntegrityError), transaction.atomic():
        Terminal.objects.create(school=gate.school, name="Nowhere", purpose="nowhere")


def test_what_fails_at_a_gate_is_no_failure_of_a_till(cast, gate):
    from tests.support.gate_probe.actions import pass_by_card

    refusal(pass_by_card, gate, uuid4(), "WRONG-CODE")
    day = day_summary(cast.school, today(cast.school))
    assert [way.failures for way in day.ways] == [0, 0, 0, 0]


def test_whether_someone_came_in_is_a_yes_or_a_no_that_only_stops_a_message(cast, gate):
    from tests.support.gate_probe.actions import came_in, pass_by_card

    from willing.attendance import message_ports

    school, day = cast.school, today(cast.school)
    ids = [cast.person(name).id for name in ("Carl", "Ada")]
    assert message_ports.came_in(school, day, ids) == set(), "without a gate nobody is known"
    message_ports.register_gate(came_in)
    try:
        pass_by_card(gate, uuid4(), cast.cards["Carl"])
        assert message_ports.came_in(school, day, ids) == {cast.person("Carl").id}
        assert message_ports.came_in(school, day - timedelta(days=1), ids) == set()
    finally:
        message_ports.forget_gate(came_in)
