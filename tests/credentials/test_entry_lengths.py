"""After how many digits an entry at a till is whole: only where all of a school's have as many."""

from willing.credentials.models import Pin
from willing.credentials.pins import set_pin
from willing.credentials.queries import EntryLengths, entry_lengths
from willing.people.persons import NewPerson, add_person, mark_left


def test_a_school_with_four_digits_everywhere_needs_no_key_after_the_last(cast):
    assert entry_lengths(cast.school) == EntryLengths(number=4, pin=4)


def test_one_longer_pin_asks_everybody_for_a_key_until_its_owner_has_left(cast):
    set_pin(cast.person("Carl"), "８１ ２５３")
    assert entry_lengths(cast.school) == EntryLengths(number=4, pin=0)
    mark_left([cast.person("Carl").id])
    assert entry_lengths(cast.school) == EntryLengths(number=4, pin=4)


def test_a_number_of_another_length_does_likewise(cast):
    eve = add_person(cast.school, NewPerson("Eve"))
    type(eve).objects.filter(pk=eve.pk).update(till_number=77)
    eve.refresh_from_db()
    assert entry_lengths(cast.school).number == 4, "who has no PIN types no number"
    set_pin(eve, "7153")
    assert entry_lengths(cast.school).number == 0


def test_a_pin_whose_length_nobody_knows_is_never_cut_short(cast):
    Pin.objects.filter(person=cast.person("Carl")).update(digits=0)
    assert entry_lengths(cast.school).pin == 0
    Pin.objects.all().delete()
    assert entry_lengths(cast.school) == EntryLengths(0, 0)
