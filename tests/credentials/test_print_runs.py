"""Sheets count once a person says that they came out: of cards, PIN slips and letters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from willing.accounts.models import Invitation
from willing.accounts.sign_ins import invite_guardian, require_invitation
from willing.audit.models import Entry
from willing.core.clock import now
from willing.core.errors import Refused
from willing.credentials.cards import code_of, find_card_owner, issue_card
from willing.credentials.many_pins import draw_pins, new_pin
from willing.credentials.models import Card, Pin
from willing.credentials.pin_attempts import is_right_pin
from willing.credentials.print_models import PrintedItem, PrintRun
from willing.credentials.print_queries import (
    children_of,
    find_run,
    open_runs,
    recipients,
    require_run,
    run_state,
    waiting_guardians,
    waiting_persons,
)
from willing.credentials.print_rules import PrintLayout
from willing.credentials.print_runs import (
    NewRun,
    abandon_run,
    confirm_sheets,
    finish_cards,
    finish_letters,
    finish_pins,
    note_made,
    purge_print_runs,
    start_run,
    void_waiting,
)
from willing.credentials.rules import is_simple_pin
from willing.people.models import Person
from willing.people.persons import mark_left

NAMES = ("Ada", "Carl", "Nia")


def begin(cast: Any, kind: str, layout: PrintLayout, total: int) -> PrintRun:
    return start_run(NewRun(cast.school, kind, layout, total, uuid4()), by=cast.user("office"))


def print_cards(
    cast: Any,
    persons: Sequence[Person],
    *,
    instead_of: PrintRun | None = None,
    layout: PrintLayout = PrintLayout.CARDS_TEN,
) -> PrintRun:
    run = begin(cast, "cards", layout, len(persons))
    finish_cards(run, persons, by=cast.user("office"), instead_of=instead_of)
    return run


def people(cast: Any) -> list[Person]:
    return [cast.person(name) for name in NAMES]


def owner(cast: Any, run: PrintRun, person: Person) -> Person | None:
    return find_card_owner(cast.school, code_of(person, run.pk))


def test_a_new_card_pays_at_once_and_ends_the_earlier_one_when_its_sheet_is_confirmed(cast: Any) -> None:
    ada = cast.person("Ada")
    run = print_cards(cast, [ada])
    assert owner(cast, run, ada) == find_card_owner(cast.school, cast.cards["Ada"]) == ada
    assert run_state(run).cards_revoked == 1
    assert confirm_sheets(run.pk, until=None, by=cast.user("office")) == 1
    assert owner(cast, run, ada) == ada
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None
    assert open_runs(cast.school) == []
    assert PrintRun.objects.get(pk=run.pk).closed_at is not None


def test_what_did_not_come_out_is_printed_anew_and_the_unconfirmed_cards_no_longer_pay(cast: Any) -> None:
    pupils = Person.objects.bulk_create(
        [
            Person(school=cast.school, given_name=f"P{number}", till_number=5000 + number)
            for number in range(12)
        ]
    )
    run = print_cards(cast, pupils)
    assert confirm_sheets(run.pk, until=1, by=cast.user("office")) == 10
    state = run_state(run)
    assert (state.confirmed, state.waiting, state.next_sheet, state.sheets) == (10, 2, 2, 2)
    rest = [one for one in pupils if one.pk in set(waiting_persons(run))]
    again = print_cards(cast, rest, instead_of=run)
    assert [owner(cast, run, one) for one in pupils[:10]] == pupils[:10]
    assert [owner(cast, run, one) for one in rest] == [None, None]
    assert [owner(cast, again, one) for one in rest] == rest
    assert [one.pk for one in open_runs(cast.school)] == [again.pk]
    assert PrintRun.objects.get(pk=run.pk).closed_at is not None


def test_what_is_given_up_works_no_more_and_the_earlier_card_still_does(cast: Any) -> None:
    ada = cast.person("Ada")
    run = print_cards(cast, [ada])
    assert void_waiting(run, by=cast.user("office")) == 1
    assert owner(cast, run, ada) is None
    assert find_card_owner(cast.school, cast.cards["Ada"]) == ada
    assert void_waiting(run, by=cast.user("office")) == 0
    assert confirm_sheets(run.pk, until=None, by=cast.user("office")) == 0


def test_of_two_runs_for_one_person_the_confirmed_one_closes_the_other(cast: Any) -> None:
    ada = cast.person("Ada")
    first, second = print_cards(cast, [ada]), print_cards(cast, [ada])
    confirm_sheets(second.pk, until=None, by=cast.user("office"))
    assert owner(cast, first, ada) is None
    assert PrintedItem.objects.get(run=first).state == PrintedItem.State.VOID
    assert open_runs(cast.school) == []


def test_a_run_begins_once_for_somebody_and_for_no_more_than_it_can(cast: Any) -> None:
    office, key = cast.user("office"), uuid4()
    with pytest.raises(Refused, match="nothing_to_print"):
        begin(cast, "cards", PrintLayout.CARDS_TEN, 0)
    with pytest.raises(Refused, match="too_many_to_print"):
        begin(cast, "pins", PrintLayout.LABELS_TWENTY_ONE, 501)
    with pytest.raises(Refused, match="too_many_to_print"):
        begin(cast, "letters", PrintLayout.LETTER, 1001)
    start_run(NewRun(cast.school, "cards", PrintLayout.CARDS_TEN, 1, key), by=office)
    with pytest.raises(Refused, match="sheets_printed_already"):
        start_run(NewRun(cast.school, "cards", PrintLayout.CARDS_TEN, 1, key), by=office)


def test_a_run_that_could_not_be_made_is_forgotten_and_nothing_is_asked_about_it(cast: Any) -> None:
    run = begin(cast, "cards", PrintLayout.CARDS_TEN, 3)
    note_made(run, 2)
    found = find_run(cast.school, run.pk)
    assert found is not None
    assert found.made == 2
    assert not run_state(found).is_broken_off
    with pytest.raises(Refused, match="unknown_print_run"):
        require_run(cast.school, run.pk)
    with pytest.raises(Refused, match="unknown_print_run"):
        confirm_sheets(run.pk, until=None, by=cast.user("office"))
    PrintRun.objects.filter(pk=run.pk).update(started_at=now() - timedelta(hours=1))
    assert run_state(PrintRun.objects.get(pk=run.pk)).is_broken_off
    abandon_run(run)
    assert find_run(cast.school, run.pk) is None
    finished = print_cards(cast, [cast.person("Ada")])
    abandon_run(finished)
    assert find_run(cast.school, finished.pk) is not None


@pytest.mark.parametrize("until", [0, 2, 9999])
def test_a_sheet_that_there_is_not_confirms_nothing(cast: Any, until: int) -> None:
    run = print_cards(cast, people(cast))
    with pytest.raises(Refused, match="sheet_unknown"):
        confirm_sheets(run.pk, until=until, by=cast.user("office"))
    assert run_state(run).waiting == 3


def test_nobody_who_left_meanwhile_gets_a_card(cast: Any) -> None:
    run, persons = begin(cast, "cards", PrintLayout.CARDS_TEN, 3), people(cast)
    mark_left([persons[0].pk])
    before = Card.objects.count()
    with pytest.raises(Refused, match="has_left"):
        finish_cards(run, persons, by=cast.user("office"), instead_of=None)
    assert Card.objects.count() == before


def test_pins_are_drawn_as_long_as_the_schools_and_work_from_the_slip_on(cast: Any) -> None:
    persons, made = people(cast), list[int]()
    drawn = dict(zip(persons, draw_pins(cast.school, persons, note_made=made.append), strict=True))
    assert made == [1, 2, 3]
    assert all(len(one.pin) == 4 and not is_simple_pin(one.pin) for one in drawn.values())
    run = begin(cast, "pins", PrintLayout.LABELS_TWENTY_ONE, 3)
    finish_pins(run, drawn, by=cast.user("office"), instead_of=None)
    for person, one in drawn.items():
        assert is_right_pin(one.pin, Pin.objects.get(person=person))
    again = begin(cast, "pins", PrintLayout.LABELS_TWENTY_ONE, 3)
    finish_pins(again, drawn, by=cast.user("office"), instead_of=run)
    assert Pin.objects.filter(person__in=persons).count() == 3
    void_waiting(again, by=cast.user("office"))
    assert not Pin.objects.filter(person__in=persons).exists()


def test_a_pin_that_everyone_tries_first_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter((1111, 1234, 7))
    monkeypatch.setattr("secrets.randbelow", lambda _below: next(drawn))
    assert new_pin(4) == "0007"


def test_a_letters_code_replaces_the_earlier_one_and_is_revoked_with_its_sheet(cast: Any) -> None:
    office, ada = cast.user("office"), cast.person("Ada")
    (guardian, children), *_more = recipients([ada])
    before = invite_guardian(guardian, by=office)
    run = begin(cast, "letters", PrintLayout.LETTER, 1)
    codes = {guardian.pk: "A" * 16}
    finish_letters(run, [(guardian, children[0])], codes, by=office, instead_of=None)
    assert require_invitation("A" * 16).guardian == guardian
    with pytest.raises(Refused, match="invitation_ended"):
        require_invitation(before)
    assert waiting_guardians(run) == [guardian.pk]
    assert ada.pk in children_of([guardian.pk])
    again = begin(cast, "letters", PrintLayout.LETTER, 1)
    finish_letters(again, [(guardian, ada)], {guardian.pk: "B" * 16}, by=office, instead_of=run)
    assert require_invitation("B" * 16).guardian == guardian
    void_waiting(again, by=office)
    assert not Invitation.objects.filter(guardian=guardian, used_at=None, revoked_at=None).exists()


def test_a_guardian_of_two_gets_one_letter_where_the_first_child_is(cast: Any) -> None:
    both = recipients([cast.person("Nia"), cast.person("Ada"), cast.person("Wes")])
    assert [(guardian.name, [one.given_name for one in children]) for guardian, children in both] == [
        ("Gwen", ["Nia", "Wes"]),
        ("Gus", ["Ada"]),
    ]


def test_each_step_is_in_the_log_and_says_who_pressed(cast: Any) -> None:
    run = print_cards(cast, people(cast))
    confirm_sheets(run.pk, until=None, by=cast.user("office"))
    void_waiting(print_cards(cast, [cast.person("Ada")]), by=cast.user("office"))
    events = [one.event for one in Entry.objects.filter(event__startswith="print_run.").order_by("sequence")]
    assert events == ["print_run.made", "print_run.confirmed", "print_run.made", "print_run.voided"]


def test_old_runs_are_deleted_and_their_cards_stay(cast: Any) -> None:
    ada = cast.person("Ada")
    run = print_cards(cast, [ada])
    PrintRun.objects.filter(pk=run.pk).update(started_at=now() - timedelta(days=91))
    assert purge_print_runs(now() - timedelta(days=90), 10) == 1
    assert owner(cast, run, ada) == ada
    assert not PrintedItem.objects.exists()
    assert issue_card(ada)
