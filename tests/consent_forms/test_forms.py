"""Signed forms: sealed, named by their decision, looked at with a line in the log, erased with their time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from willing.audit.models import Entry
from willing.biometrics.retention import purge_faces
from willing.consent import publishing
from willing.consent.models import Decision, Notification
from willing.consent.publishing import _next_wording, publish_notices
from willing.consent.queries import permission, require_notice
from willing.consent_forms.actions import purge_forms, record_form, view_form
from willing.consent_forms.models import ConsentForm
from willing.consent_forms.queries import forms_of, require_form
from willing.consent_forms.rules import BYTES_MAX, find_kind
from willing.core import clock
from willing.core.errors import Refused
from willing.keys.actions import destroy_person_keys, key_exists, key_ids
from willing.people.guardians import add_guardian
from willing.people.persons import mark_left

PDF = b"%PDF-1.4 a signed form with a photograph stapled to it"


@pytest.fixture
def signed(cast):
    """Return a function that enters a guardian's form about Carl, whose guardian is Cora."""
    add_guardian(cast.person("Carl"), "Cora")

    def sign(answer="yes", scan=PDF):
        return record_form(cast.says("Carl", answer, guardian="Cora"), scan, by=cast.user("office"))

    return sign


def test_gdpr_7_a_decision_on_paper_names_its_signed_form(cast, signed):
    decided = signed()
    decision = Decision.objects.get(pk=decided.decision.pk)
    assert (decision.channel, decision.answer) == ("paper", "yes")
    assert decision.recorded_by == cast.user("office")
    paper = ConsentForm.objects.get()
    assert decision.form_id == paper.id
    assert Notification.objects.filter(guardian=cast.guardian("Cora"), channel="paper").exists()
    assert permission(cast.person("Carl"), "canteen").reasons == ("own_yes_missing",)
    assert str(paper.id).encode() in bytes(Entry.objects.filter(event="consent.decided").last().hashed)


def test_a_form_is_sealed_under_a_key_of_its_own(cast, signed):
    signed()
    paper = ConsentForm.objects.get()
    assert PDF not in bytes(paper.sealed)
    assert b"photograph" not in bytes(paper.sealed)
    assert key_exists(paper.id)
    assert view_form(paper, by=cast.user("office")) == PDF
    destroy_person_keys([paper.id])
    with pytest.raises(Refused, match="paper_gone"):
        view_form(paper, by=cast.user("office"))


@pytest.mark.sqlite
def test_while_the_keys_are_out_of_reach_a_form_is_neither_kept_nor_shown(cast, signed, db):
    signed()
    (db / "keys.sqlite3").rename(db / "elsewhere")
    with pytest.raises(Refused, match="keys_unavailable"):
        signed("no")
    with pytest.raises(Refused, match="keys_unavailable"):
        view_form(ConsentForm.objects.get(), by=cast.user("office"))


def test_every_look_at_a_form_is_in_the_log(cast, signed):
    signed()
    for user in ("office", "office"):
        view_form(ConsentForm.objects.get(), by=cast.user(user))
    looks = Entry.objects.filter(event="consent_form.viewed", subject=cast.person("Carl").id)
    assert looks.count() == 2


def test_a_form_moved_to_somebody_else_does_not_open(cast, signed):
    signed()
    paper = ConsentForm.objects.get()
    paper.person = cast.person("Ada")
    with pytest.raises(Refused, match="paper_gone"):
        view_form(paper, by=cast.user("office"))
    with pytest.raises(Refused, match="paper_gone"):
        require_form(cast.person("Ada"), paper.id)


@pytest.mark.parametrize(
    ("scan", "kind"),
    [
        (PDF, "pdf"),
        (b"\xff\xd8\xff\xe0abc", "jpeg"),
        (b"\x89PNG\r\n\x1a\nabc", "png"),
        (b"GIF89a", None),
        (b"", None),
    ],
    ids=["pdf", "jpeg", "png", "gif", "empty"],
)
def test_a_form_is_a_pdf_a_jpeg_or_a_png(scan, kind):
    assert find_kind(scan) == kind


def test_what_is_no_form_leaves_neither_a_decision_nor_a_key(cast, signed):
    before = Decision.objects.count()
    with pytest.raises(Refused, match="paper_not_readable"):
        signed(scan=b"<html>")
    with pytest.raises(Refused, match="paper_too_large"):
        signed(scan=PDF + bytes(BYTES_MAX))
    with pytest.raises(Refused, match="not_a_guardian"):
        record_form(cast.says("Ada", "yes", guardian="Cora"), PDF, by=cast.user("office"))
    assert Decision.objects.count() == before
    assert not ConsentForm.objects.exists()
    assert not key_ids()


def test_the_same_word_again_keeps_no_second_form(cast, signed):
    assert signed().decision == signed().decision
    assert len(forms_of(cast.person("Carl"))) == 1
    assert len(key_ids()) == 1


def test_a_no_on_paper_ends_a_permission(cast):
    record_form(cast.says("Ada", "no", guardian="Gus"), PDF, by=cast.user("office"))
    assert "guardian_no" in permission(cast.person("Ada"), "canteen").reasons


def test_the_sweep_of_faces_leaves_the_keys_of_forms_alone(cast, signed):
    signed()
    with clock.running(lambda: datetime.now(UTC) + timedelta(hours=1)):
        assert purge_faces().orphan_keys == 0
    assert key_exists(ConsentForm.objects.get().id)


def test_a_form_ends_with_its_time_key_first(cast, signed):
    signed()
    form_id = ConsentForm.objects.get().id
    mark_left([cast.person("Carl").id])
    soon, later = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    assert purge_forms(soon, 10) == 0
    assert purge_forms(later, 10) == 1
    assert not key_exists(form_id)
    assert not ConsentForm.objects.exists()
    assert Decision.objects.filter(form_id=form_id).exists()
    assert Entry.objects.filter(event="consent_form.deleted").count() == 1
    assert purge_forms(later, 10) == 0


def test_nobody_changes_a_form(cast, signed):
    signed()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE consent_forms_consentform SET kind = 'png'")


def test_pofa_28_no_engine_and_no_till_knows_a_form():
    """The import contracts say the same; this says it where the law is looked for."""
    import ast
    from pathlib import Path

    source = Path(__file__).resolve().parents[2] / "src" / "willing"

    def imports(room):
        for path in (source / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    yield node.module or ""
                elif isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)

    assert not [name for name in imports("papers") if name.startswith("willing.face")]
    for room in ("face", "biometrics", "till", "kiosk", "api", "portal"):
        assert not [name for name in imports(room) if name.startswith("willing.consent_forms")], room


def test_a_form_signed_on_an_old_notice_grants_nothing(cast, signed, monkeypatch):

    real = _next_wording
    monkeypatch.setattr(
        publishing, "_next_wording", lambda source, *rest: real(source.replace("eight", "nine"), *rest)
    )
    old = require_notice("canteen", "adult", "en")
    publish_notices()
    word = cast.says("Carl", "yes", guardian="Cora")
    assert word.notice.version == 2
    from dataclasses import replace

    record_form(replace(word, notice=old), PDF, by=cast.user("office"))
    assert "notice_changed" in permission(cast.person("Carl"), "canteen").reasons
