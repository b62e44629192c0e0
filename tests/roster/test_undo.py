"""An import is undone within a day: what it changed comes back, what anyone did or said since stays."""

from datetime import timedelta

import pytest
from tests.roster.test_apply import adopt
from tests.roster.test_leavers import give_face
from tests.support.clocks import stopped_at

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.biometrics.consent_changes import record_refusal
from willing.biometrics.models import Template
from willing.biometrics.suspension import resume_face, suspend_face
from willing.consent.models import Decision
from willing.consent.queries import permission
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.cards import find_card_owner, issue_card
from willing.credentials.leavers import bring_back, record_leavers
from willing.credentials.models import Card, Pin
from willing.credentials.pins import find_pin_by_number
from willing.keys.actions import key_exists
from willing.people.guardians import GuardianDetails, edit_guardian, link_guardian
from willing.people.models import Guardian, GuardianLink, Person, YearGroup
from willing.people.persons import NewPerson, edit_person
from willing.privacy.guardian_merging import merge_guardians
from willing.privacy.retention_job import run_retention
from willing.roster.apply import apply_plan
from willing.roster.list_formats import find_format
from willing.roster.models import ListedChange, ListImport
from willing.roster.plan import Allowed
from willing.roster.undo import plan_undo, undo_import, undoable_import
from willing.till.baskets import add_product
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket

HEADER = "external_id,given_name,family_name,year"


@pytest.fixture
def listed(cast, tmp_path, planned):
    """Return a function that imports a list with these rows, whoever leaves by it."""

    def listed(*rows, header=HEADER, **options):
        path = tmp_path / f"list{ListImport.objects.count()}{len(rows)}.csv"
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return apply_plan(planned(path, **options), allowed=Allowed(99, 99))

    return listed


def undone(cast):
    """Undo the last import as the office. Return what was put back, and who stays for what reason."""
    made = undoable_import(cast.school)
    assert made is not None
    planned = plan_undo(cast.school, made.number)
    done = undo_import(cast.school, made.number, by=cast.user("office"))
    assert planned.counts == done.counts, "the preview says what is done"
    assert planned.stays == done.stays
    assert verify_log().ok
    return {name: count for name, count in done.counts.items() if count}, {
        (one.name, one.code) for one in done.stays
    }


def refusal(action):
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code


def test_a_leaver_of_a_list_comes_back_with_card_pin_and_face(cast, listed):
    adopt(cast, "Ada", "a1")
    face = give_face(cast.person("Ada"))
    assert listed("u1,Una,Urban,7B").faces_suspended == 1
    ada = cast.person("Ada")
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None
    assert find_pin_by_number(cast.school, ada.till_number) is None
    face.refresh_from_db()
    assert (face.suspended_for, key_exists(face.key_id)) == ("left", True)
    back, stays = undone(cast)
    assert (back, stays) == ({"deleted": 1, "returned": 1, "faces": 1}, set())
    assert find_card_owner(cast.school, cast.cards["Ada"]) == ada
    assert find_pin_by_number(cast.school, ada.till_number) is not None
    face.refresh_from_db()
    assert (face.suspended_at, face.suspended_for) == (None, "")
    assert permission(cast.person("Ada"), "canteen").granted
    assert not Person.objects.filter(external_id="u1").exists()
    assert not ListedChange.objects.exists()
    entry = Entry.objects.get(event="roster.undone")
    assert b'"returned":1' in bytes(entry.hashed)


def test_a_till_that_shows_a_leaver_charges_nothing(cast, listed):
    adopt(cast, "Carl", "c1")
    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    listed("u1,Una,Urban,7B")
    assert refusal(lambda: confirm_basket(cast.till, basket.id)) == "person_left"
    basket = add_product(cast.other_till, cast.meal)
    assert refusal(lambda: identify_by_card(cast.other_till, basket.id, cast.cards["Carl"])) == "code_unknown"


def test_a_refusal_made_meanwhile_is_never_undone(cast, listed):
    adopt(cast, "Ada", "a1")
    face = give_face(cast.person("Ada"))
    listed("u1,Una,Urban,7B")
    record_refusal(cast.person("Ada"), None, by=cast.user("office"))
    assert not Template.objects.exists()
    assert not key_exists(face.key_id)
    back, stays = undone(cast)
    assert (back["returned"], stays) == (1, {("Ada Agrees", "face_gone")})
    assert permission(cast.person("Ada"), "canteen").reasons == ("own_no",)


def test_a_no_of_a_guardian_meanwhile_erases_the_face_of_a_leaver_too(cast, listed):
    adopt(cast, "Ada", "a1")
    give_face(cast.person("Ada"))
    listed("u1,Una,Urban,7B")
    record_refusal(cast.person("Ada"), cast.guardian("Gus"), by=cast.user("office"))
    assert not Template.objects.exists()
    undone(cast)
    assert not permission(cast.person("Ada"), "canteen").granted


def test_a_suspension_that_was_asked_for_meanwhile_outlasts_the_undo(cast, listed):
    adopt(cast, "Ada", "a1")
    give_face(cast.person("Ada"))
    listed("u1,Una,Urban,7B")
    assert suspend_face(cast.person("Ada"), reason="asked", by=None) == 1
    undone(cast)
    assert Template.objects.get().suspended_for == "asked"


def test_nobody_resumes_the_face_of_a_leaver(cast, listed):
    adopt(cast, "Ada", "a1")
    give_face(cast.person("Ada"))
    listed("u1,Una,Urban,7B")
    assert resume_face(cast.person("Ada"), by=cast.user("office")) == 0
    assert Template.objects.get().suspended_for == "left"


@pytest.mark.steady_clock
def test_the_first_night_after_a_day_deletes_what_was_suspended(cast, listed):
    adopt(cast, "Ada", "a1")
    face = give_face(cast.person("Ada"))
    at = clock.now()
    listed("u1,Una,Urban,7B")
    with stopped_at(at + timedelta(hours=23, minutes=59)):
        run_retention()
        assert Template.objects.get() == face
        assert Pin.objects.filter(person=cast.person("Ada")).exists()
        assert undoable_import(cast.school) is not None
    with stopped_at(at + timedelta(hours=24, minutes=1)):
        assert undoable_import(cast.school) is None
        assert key_exists(face.key_id)
        ended = run_retention().ended
        assert ended["imports"] == 2
        assert not Template.objects.exists()
        assert not key_exists(face.key_id)
        for model in (Card, Pin):
            assert not model.objects.filter(person=cast.person("Ada")).exists()
        assert not ListImport.objects.exists()
        assert not ListedChange.objects.exists()
        assert run_retention().ended["imports"] == 0
    assert Entry.objects.filter(event="card.revoked", subject=cast.person("Ada").id).exists()
    assert verify_log().ok


@pytest.mark.steady_clock
def test_a_night_that_could_not_reach_the_leavers_does_not_keep_their_faces(cast, listed, monkeypatch):
    adopt(cast, "Ada", "a1")
    give_face(cast.person("Ada"))
    at = clock.now()
    listed("u1,Una,Urban,7B")

    def broken(_before, _limit):
        raise OSError("a disk")

    monkeypatch.setattr("willing.roster.retention.purge_leavers", broken)
    with stopped_at(at + timedelta(hours=25)):
        assert run_retention().failed == {"imports": "OSError"}
        assert not Template.objects.exists()


def test_a_person_marked_by_hand_as_having_left_loses_everything_at_once(cast, listed):
    adopt(cast, "Ada", "a1")
    give_face(cast.person("Ada"))
    listed("u1,Una,Urban,7B")
    left = record_leavers([cast.person("Ada").id], by=cast.user("office"))
    assert (left.persons, left.cards, left.faces) == (0, 1, 1)
    assert not Pin.objects.filter(person=cast.person("Ada")).exists()
    back, stays = undone(cast)
    assert (back["returned"], stays) == (1, {("Ada Agrees", "face_gone")})
    assert find_card_owner(cast.school, cast.cards["Ada"]) is None


def test_who_comes_back_by_hand_within_the_day_has_what_was_suspended(cast, listed):
    adopt(cast, "Ada", "a1")
    give_face(cast.person("Ada"))
    listed("u1,Una,Urban,7B")
    kept = bring_back(cast.person("Ada").id, by=cast.user("office"))
    assert kept is not None
    assert (kept.cards, kept.has_pin, kept.faces) == (1, True, 1)
    assert Template.objects.get().suspended_at is None
    assert bring_back(cast.person("Ada").id, by=cast.user("office")) is None
    assert undone(cast) == ({"deleted": 1}, set())


def test_the_next_list_brings_a_leaver_back_with_card_and_face_and_its_undo_lets_them_go_again(cast, listed):
    adopt(cast, "Ada", "a1")
    give_face(cast.person("Ada"))
    listed("u1,Una,Urban,7B")
    left_at = cast.person("Ada").left_at
    listed("u1,Una,Urban,7B", "a1,Ada,Agrees,7A")
    assert Template.objects.get().suspended_at is None
    assert find_card_owner(cast.school, cast.cards["Ada"]) is not None
    assert undone(cast) == ({"leaving": 1}, set())
    assert cast.person("Ada").left_at == left_at
    assert Template.objects.get().suspended_for == "left"


def test_who_returned_and_got_a_card_since_stays(cast, listed):
    adopt(cast, "Bo", "b1")
    record_leavers([cast.person("Bo").id])
    listed("b1,Bo,Broke,8C")
    issue_card(cast.person("Bo"))
    assert undone(cast) == ({}, {("Bo Broke", "in_use")})
    assert cast.person("Bo").year_group.name == "8C"


def test_changes_are_put_back_and_what_was_corrected_since_stays(cast, listed):
    adopt(cast, "Carl", "c1")
    adopt(cast, "Bo", "b1")
    listed("c1,Charles,Cardmaker,8C", "b1,Bob,Broker,8C")
    bo = Person.objects.get(external_id="b1")
    edit_person(cast.school, bo.id, NewPerson("Boris", "Broker", year="8C"), by=None)
    assert undone(cast) == ({"changed": 2}, {("Boris Broker", "changed")})
    carl = cast.person("Carl")
    assert (carl.family_name, carl.year_group.name) == ("Cardholder", "7A")
    bo.refresh_from_db()
    assert (bo.given_name, bo.family_name, bo.year_group.name) == ("Boris", "Broke", "7A")
    assert not YearGroup.objects.filter(name="8C").exists()


def test_who_was_added_and_is_in_use_stays_with_their_guardians(cast, listed):
    listed("u1,Una,Urban,7B,Ulla", "v1,Vic,Vale,7B,Vera", header=HEADER + ",guardian_name")
    issue_card(Person.objects.get(external_id="u1"))
    back, stays = undone(cast)
    assert (back["deleted"], back["guardians_deleted"]) == (1, 1)
    assert stays == {("Una Urban", "in_use")}
    assert GuardianLink.objects.get(guardian__name="Ulla").ended_at is None
    assert not Guardian.objects.filter(name="Vera").exists()
    assert not Person.objects.filter(external_id="v1").exists()
    assert YearGroup.objects.filter(name="7B").exists()


def test_a_person_whose_name_the_office_corrected_or_who_has_a_guardian_by_hand_is_not_deleted(cast, listed):
    listed("u1,Una,Urban,7B", "v1,Vic,Vale,7B")
    una, vic = (Person.objects.get(external_id=one) for one in ("u1", "v1"))
    edit_person(cast.school, una.id, NewPerson("Una", "Urbane", year="7B"), by=None)
    link_guardian(cast.guardian("Gus"), vic)
    _, stays = undone(cast)
    assert stays == {("Una Urbane", "changed"), ("Vic Vale", "in_use")}


def test_the_log_no_longer_names_who_was_deleted(cast, listed):
    listed("u1,Una,Urban,7B,Ulla", header=HEADER + ",guardian_name")
    una = Person.objects.get(external_id="u1").id
    undone(cast)
    assert [one.event for one in Entry.objects.filter(subject=una).order_by("sequence")] == [
        "person.added",
        "guardian.linked",
        "person.deleted",
    ]
    assert not Entry.objects.filter(personal_json__contains="Urban").exists()


def families(cast):
    """Let Nia and Wes, and Gwen who guards both, have come with a list."""
    adopt(cast, "Nia", "n1")
    adopt(cast, "Wes", "w1")
    Guardian.objects.filter(name="Gwen").update(external_id="g1")
    GuardianLink.objects.filter(guardian__name="Gwen").update(from_roster=True)
    return HEADER + ",guardian_id,guardian_name"


@pytest.mark.steady_clock
def test_the_no_of_a_guardian_whom_a_list_removed_counts_until_the_night_after_a_day(cast, listed):
    header = families(cast)
    listed("n1,Nia,Nay,7A,g2,Gil", "w1,Wes,Withdrew,7A,g2,Gil", header=header)
    assert GuardianLink.objects.get(guardian__name="Gwen", person=cast.person("Wes")).ended_by_list
    assert "guardian_no" in permission(cast.person("Wes"), "canteen").reasons  # Gwen withdrew
    with stopped_at(clock.now() + timedelta(hours=23)):
        run_retention()
        assert "guardian_no" in permission(cast.person("Wes"), "canteen").reasons
    with stopped_at(clock.now() + timedelta(hours=25)):
        run_retention()
        assert "guardian_no" not in permission(cast.person("Wes"), "canteen").reasons
        assert not GuardianLink.objects.filter(ended_by_list=True).exists()


def test_the_yes_of_a_removed_guardian_counts_no_more_at_once(cast, listed):
    adopt(cast, "Ada", "a1")
    Guardian.objects.filter(name="Gus").update(external_id="g9")
    GuardianLink.objects.filter(guardian__name="Gus").update(from_roster=True)
    give_face(cast.person("Ada"))
    listed("a1,Ada,Agrees,7A,g2,Gil", header=HEADER + ",guardian_id,guardian_name")
    assert "guardian_yes_missing" in permission(cast.person("Ada"), "canteen").reasons
    assert not Template.objects.exists()


def test_undo_lists_removed_guardians_again_and_new_ones_no_more(cast, listed):
    header = families(cast)
    listed("n1,Nia,Nay,7A,g2,Gil", "w1,Wes,Withdrew,7A,g2,Gil", header=header)
    assert undone(cast) == ({"linked": 2, "unlinked": 2, "guardians_deleted": 1}, set())
    links = GuardianLink.objects.filter(person=cast.person("Wes"))
    assert [(one.guardian.name, one.ended_at, one.ended_by_list) for one in links] == [("Gwen", None, False)]
    assert not Guardian.objects.filter(name="Gil").exists()


def test_a_guardian_of_the_list_who_said_no_meanwhile_stays_listed(cast, listed):
    header = families(cast)
    listed("n1,Nia,Nay,7A,g2,Gil", "w1,Wes,Withdrew,7A,g2,Gil", header=header)
    record_refusal(cast.person("Wes"), cast.guardian("Gil"), by=cast.user("office"))
    back, stays = undone(cast)
    assert (back, stays) == ({"linked": 2, "unlinked": 1}, {("Gil", "said_no")})
    assert GuardianLink.objects.get(guardian__name="Gil", person=cast.person("Wes")).ended_at is None


def test_a_guardian_who_was_removed_and_listed_again_by_hand_stays_as_the_office_has_it(cast, listed):
    header = families(cast)
    listed("n1,Nia,Nay,7A,g2,Gil", "w1,Wes,Withdrew,7A,g2,Gil", header=header)
    link_guardian(cast.guardian("Gwen"), cast.person("Wes"))
    back, _ = undone(cast)
    assert back["linked"] == 1
    link = GuardianLink.objects.get(guardian__name="Gwen", person=cast.person("Wes"))
    assert (link.ended_at, link.from_roster, link.ended_by_list) == (None, False, False)


def test_a_guardians_name_and_address_are_put_back_unless_they_were_corrected(cast, listed):
    header = families(cast) + ",guardian_email"
    Guardian.objects.filter(name="Gwen").update(email="gwen@example.org")
    rows = [f"{one},g1,Gwendolyn,new@example.org" for one in ("n1,Nia,Nay,7A", "w1,Wes,Withdrew,7A")]
    listed(*rows, header=header)
    gwen = Guardian.objects.get(external_id="g1")
    version = gwen.link_version
    edit_guardian(gwen.id, GuardianDetails("Gwen N.", "new@example.org"), by=None)
    assert undone(cast) == ({"guardians_changed": 1}, {("Gwen N.", "changed")})
    gwen.refresh_from_db()
    assert (gwen.name, gwen.email) == ("Gwen N.", "gwen@example.org")
    assert gwen.link_version == version + 1  # what was sent to the other address opens nothing


def test_how_lists_are_read_and_which_school_it_is_are_put_back(cast, listed):
    mapped = {"external_id": "Nr", "given_name": "Vorname"}
    listed("u1,Una", header="Nr,Vorname", columns=mapped)
    assert find_format(cast.school).columns == mapped
    undone(cast)
    assert find_format(cast.school) is None


def test_only_the_last_import_is_undone_and_only_once(cast, listed):
    listed("u1,Una,Urban,7B")
    first = undoable_import(cast.school).number
    listed("u1,Una,Urban,7C")
    assert refusal(lambda: undo_import(cast.school, first, by=None)) == "undo_not_last"
    assert undone(cast) == ({"changed": 1}, set())
    assert undoable_import(cast.school) is None
    assert refusal(lambda: undo_import(cast.school, first, by=None)) == "no_import_to_undo"
    assert refusal(lambda: plan_undo(cast.school, first + 1)) == "no_import_to_undo"


def test_the_same_list_again_leaves_the_import_before_it_to_be_undone(cast, listed):
    listed("u1,Una,Urban,7B")
    listed("u1,Una,Urban,7B")
    assert ListImport.objects.count() == 1
    assert undone(cast) == ({"deleted": 1}, set())


def test_decisions_are_what_they_were_after_an_undo(cast, listed):
    adopt(cast, "Ada", "a1")
    before = list(Decision.objects.order_by("pk").values_list("pk", "answer"))
    listed("u1,Una,Urban,7B")
    undone(cast)
    assert list(Decision.objects.order_by("pk").values_list("pk", "answer")) == before


def test_a_record_of_an_import_made_by_a_clock_that_ran_ahead_undoes_nothing(cast, listed):
    with stopped_at(clock.now() + timedelta(days=3)):
        listed("u1,Una,Urban,7B")
    assert undoable_import(cast.school) is None


def test_the_wrong_list_and_the_right_one_after_its_undo_give_the_school_as_it_should_be(cast, listed):
    adopt(cast, "Carl", "c1")
    listed("u1,Una,Urban,7B")
    undone(cast)
    listed("c1,Carl,Cardholder,7A", "u1,Una,Urban,7B")
    assert find_card_owner(cast.school, cast.cards["Carl"]) == cast.person("Carl")
    assert Person.objects.get(external_id="u1").left_at is None


def test_a_guardians_telephone_and_language_come_with_a_list_stay_where_it_is_silent_and_are_put_back(
    cast, listed
):
    header = families(cast)
    wide = header + ",guardian_phone,guardian_language"
    rows = [f"{one},g1,Gwen" for one in ("n1,Nia,Nay,7A", "w1,Wes,Withdrew,7A")]
    done = listed(*(f"{row},020 1234,Chinese" for row in rows), header=wide)
    assert done.counts.guardians_changed == 1
    gwen = Guardian.objects.get(external_id="g1")
    assert (gwen.phone, gwen.language, gwen.link_version) == ("020 1234", "zh-hans", 1)
    assert listed(*rows, header=header).counts.guardians_changed == 0
    assert undone(cast) == ({"guardians_changed": 1}, set())
    gwen.refresh_from_db()
    assert (gwen.phone, gwen.language) == ("", "en")


def test_a_new_guardian_without_a_language_is_written_to_in_the_schools(cast, listed):
    header = HEADER + ",guardian_name,guardian_phone,guardian_language"
    listed("u1,Una,Urban,7B,Ulla,,", "v1,Vic,Vale,7B,,030 99,en", header=header)
    assert Guardian.objects.get(name="Ulla").language == cast.school.language
    assert not Guardian.objects.filter(phone="030 99").exists(), "a number alone is nobody"


def test_guardians_whose_records_were_merged_since_are_left_alone(cast, listed):
    header = families(cast)
    listed("n1,Nia,Nay,7A,g1,Gwen", "w1,Wes,Withdrew,7A,g2,Gwen B", header=header)
    kept, gone = (Guardian.objects.get(external_id=one) for one in ("g1", "g2"))
    details = GuardianDetails(kept.name, kept.email, kept.phone, kept.language)
    merge_guardians(cast.school, gone.id, kept.id, details, by=cast.user("office"))
    _, stays = undone(cast)
    assert ("Gwen B", "changed") in stays
    links = GuardianLink.objects.filter(guardian=kept, person=cast.person("Wes"))
    assert links.get().ended_at is None
