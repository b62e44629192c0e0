"""Another app than the till can stand on terminals, credentials and faces: a gate, which knows no till."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.architecture.source import imports_of, modules

from willing.attendance.message_ports import has_gate
from willing.biometrics.consent_changes import record_consent
from willing.consent.decisions import NewDecision
from willing.consent.publishing import notify_guardian
from willing.consent.purposes import served_purposes
from willing.consent.queries import permission, require_notice
from willing.core.errors import Refused
from willing.credentials.models import FailedAttempt, PinAttempts
from willing.gate.identification import pass_by_card, pass_by_look_up, pass_by_pin
from willing.gate.pairing import pair_lane, require_paired_lane
from willing.gate.passages import Press
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

NEW_GATE = NewTerminal("Gate 1", purpose="gate", ways=("card", "pin", "face"), location="gate")


@pytest.fixture
def gate(lane):
    """The terminal of a lane that takes every way."""
    Terminal.objects.filter(pk=lane.pk).update(takes_face=True)
    return Terminal.objects.select_related("school").get(pk=lane.pk)


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


def test_a_gate_imports_no_till_not_even_through_what_it_imports():
    waiting = [name for name in modules() if name.startswith("willing.gate")]
    reached = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [source for source, _name in imports_of(modules()[name])]
    assert {"willing.credentials.identification", "willing.gate.passages"} <= reached
    assert not [name for name in reached if name.split(".")[1] in ("till", "pages", "api")]


def test_without_its_app_there_is_no_gate_and_nobody_is_asked_about_one(cast, settings):
    settings.INSTALLED_APPS = [one for one in settings.INSTALLED_APPS if one != "willing.gate"]
    assert [purpose.value for purpose in served_purposes()] == ["canteen", "shop"]
    assert refusal(add_terminal, cast.school, NEW_GATE) == "terminal_purpose_not_served"


def test_without_a_lane_nobody_is_asked_about_a_gate(cast):
    assert asked_purposes(cast.school) == ["canteen"]
    assert not has_gate(cast.school)


def test_with_a_lane_families_are_asked_about_the_gate(cast, gate):
    assert [purpose.value for purpose in served_purposes()] == ["canteen", "shop", "gate"]
    assert asked_purposes(cast.school) == ["canteen", "gate"]
    ada = cast.person("Ada")
    assert permission(ada, "canteen").granted
    assert not permission(ada, "gate").granted
    agree_to_the_gate(cast)
    assert permission(ada, "gate").granted


def test_a_lane_is_paired_with_its_own_code_and_no_till_takes_it(cast, gate):
    code = start_pairing(gate)
    for device in (Device.API, Device.KIOSK):
        assert refusal(pair_till, code, key="k", device=device) == "pairing_code_unknown"
    paired = pair_lane(code, key="k")
    assert require_paired_lane(paired.token).terminal == gate
    assert refusal(require_till, paired.token, device=Device.KIOSK) == "terminal_does_not_sell"
    assert refusal(pair_lane, start_pairing(cast.till), key="k") == "pairing_code_unknown"
    till = pair_till(start_pairing(cast.till), key="k", device=Device.KIOSK)
    assert refusal(require_paired_lane, till.token) == "not_a_lane"


def test_wrong_pins_at_the_gate_and_at_the_till_count_together(cast, lane):
    nia = cast.person("Nia")
    basket = add_product(cast.till, cast.meal)
    for _ in range(4):
        assert refusal(pass_by_pin, lane, Press(uuid4()), nia.till_number, "0000") == "pin_wrong"
    assert refusal(identify_by_pin, cast.till, basket.id, nia.till_number, "0000") == "pin_locked"
    assert refusal(pass_by_pin, lane, Press(uuid4()), nia.till_number, cast.pins["Nia"]) == "pin_locked"
    assert list(FailedAttempt.objects.order_by("id").values_list("code", flat=True)) == [
        *["pin_wrong"] * 5,
        "pin_locked",
    ]


def test_a_lane_takes_only_the_ways_that_it_was_set_up_for(cast, new_lane):
    narrow = new_lane("Numbers only", ways=("pin",))
    assert refusal(pass_by_card, narrow, Press(uuid4()), cast.cards["Carl"]) == "way_not_taken"
    assert (
        refusal(pass_by_look_up, narrow, Press(uuid4()), uuid4(), by=cast.user("office")) == "way_not_taken"
    )
    cards_only, nia = new_lane("Cards only", ways=("card",)), cast.person("Nia")
    assert (
        refusal(pass_by_pin, cards_only, Press(uuid4()), nia.till_number, cast.pins["Nia"]) == "way_not_taken"
    )
    assert not PinAttempts.objects.exists()


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


def test_what_fails_at_a_gate_is_no_failure_of_a_till(cast, lane):
    refusal(pass_by_card, lane, Press(uuid4()), "WRONG-CODE")
    day = day_summary(cast.school, today(cast.school))
    assert [way.failures for way in day.ways] == [0, 0, 0, 0]
