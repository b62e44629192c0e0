"""The assessment, the record of processing, the receipt and the sign say what is so, on page and paper."""

import io
import json
import re
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from django.utils import translation
from PIL import Image
from tests.support.papers import check_paper, pages_of, read_paper, sheets_of, words_of
from tests.support.till import fill_basket, identify
from tests.support.words import foreign_in

from willing.audit.actions import sign_log
from willing.audit.models import Entry
from willing.biometrics.laws import change_law
from willing.biometrics.models import FaceSession
from willing.consent.models import Notice
from willing.consent.profiles import NAMES, require_profile
from willing.consent.queries import require_notice
from willing.consent.retention import kinds
from willing.core import clock
from willing.core.errors import Refused
from willing.documents import typeset
from willing.documents.actions import sign_dpia
from willing.documents.camera_notice import camera_notice
from willing.documents.compositor import TEMPLATES
from willing.documents.consent_form import consent_form
from willing.documents.dpia import dpia_document
from willing.documents.dpia_changes import differences
from willing.documents.dpia_content import MEASURED, count_statistics, live_dpia
from willing.documents.erasure_receipt import erasure_receipt
from willing.documents.parts import Document, DocumentTable, Section
from willing.documents.pdf import letters_to_pdf, to_pdf
from willing.documents.processing_record import processing_record
from willing.documents.rules import classes_with_faces_only, permille, shown_use, slower_ways
from willing.documents.way_comparison import way_comparison
from willing.dpia.actions import NewIncident as Incident
from willing.dpia.actions import NewRisk, freeze, record_incident, record_risk
from willing.dpia.queries import latest_assessment
from willing.mail.sending import NewServer, set_mail_server
from willing.people.look import Look, look_of, set_colour, set_logo
from willing.people.models import School
from willing.people.queries import today
from willing.terminals.actions import NewTerminal, add_terminal
from willing.till.payment import confirm_basket
from willing.till.reports import WAITS_AT_LEAST, Wait, day_summary, payments_by_class, waits_by_way

ROOT = Path(__file__).resolve().parents[2]


def text_of(document):
    parts = [document.title, document.subtitle]
    for section in document.sections:
        parts += [section.title, *section.paragraphs, section.warning]
        if section.table:
            parts += [*section.table.headings, *(cell for row in section.table.rows for cell in row)]
    return "\n".join(parts)


@pytest.fixture
def buy(cast):
    """Return a function that lets one of the cast buy a meal in one of the ways in so many seconds."""

    def buy_(name, way, seconds):
        begin = clock.now() - timedelta(days=1)
        with clock.running(lambda: begin):
            basket = fill_basket(cast)
            identify(cast, basket, name, way)
        with clock.running(lambda: begin + timedelta(seconds=seconds)):
            confirm_basket(cast.till, basket.id)

    return buy_


def days(cast):
    after = today(cast.school)
    return after - timedelta(days=7), after


def test_gdansk_waits_are_compared_by_way(cast, buy):
    for number in range(WAITS_AT_LEAST):
        buy("Carl", "card", 10 + number % 2)
        buy("Ada", "staff", 25)
    waits = {wait.way: wait for wait in waits_by_way(cast.school, *days(cast))}
    assert (waits["card"].payments, waits["card"].median_s, waits["card"].p90_s) == (20, 10, 11)
    assert waits["staff"].median_s == 25
    assert waits["pin"] == Wait("pin", 0, None, None)
    assert slower_ways(list(waits.values())) == ["staff"]
    assert "much slower than the fastest: Staff look-up" in text_of(dpia_document(live_dpia(cast.school)))


def test_the_day_and_the_months_show_a_wait_from_the_same_number_of_payments(cast, buy):
    sold_on = today(cast.school) - timedelta(days=1)
    noon = datetime.combine(sold_on, time(12), ZoneInfo(cast.school.time_zone)) + timedelta(days=1)
    with clock.running(lambda: noon):
        for _ in range(WAITS_AT_LEAST):
            buy("Carl", "card", 10)
        for _ in range(WAITS_AT_LEAST - 1):
            buy("Ada", "staff", 25)
    shown = {way.way: (way.sales, way.wait_seconds) for way in day_summary(cast.school, sold_on).ways}
    assert (shown["card"], shown["staff"], shown["pin"]) == ((20, 10), (19, None), (0, None))
    later = sold_on + timedelta(days=1)
    assert {wait.way: wait.median_s for wait in waits_by_way(cast.school, sold_on, later)} == {
        way: seconds for way, (_sales, seconds) in shown.items()
    }


def test_few_payments_say_nothing_about_a_way(cast, buy):
    buy("Carl", "card", 10)
    wait = next(wait for wait in waits_by_way(cast.school, *days(cast)) if wait.way == "card")
    assert (wait.payments, wait.median_s, wait.p90_s) == (1, None, None)
    assert "too few" in text_of(dpia_document(live_dpia(cast.school)))


@pytest.mark.parametrize(
    ("medians", "slow"),
    [
        ({"card": 10, "face": 14}, []),
        ({"card": 10, "face": 15}, ["face"]),
        ({"card": 60, "face": 70}, []),
        ({"card": 60, "face": 75}, ["face"]),
        ({"card": None, "face": 20}, []),
        ({"card": 20, "face": 20}, []),
    ],
    ids=["four seconds", "five seconds", "a sixth", "a quarter", "only one known", "the same"],
)
def test_a_way_is_slower_from_a_quarter_and_five_seconds_on(medians, slow):
    waits = [Wait(way, 20, median, median) for way, median in medians.items()]
    assert slower_ways(waits) == slow


def test_badong_a_class_that_uses_only_faces_is_named_and_small_figures_are_not():
    counts = {"7A": {"face": 12}, "7B": {"face": 9, "card": 1}, "8A": {"face": 4}, "": {"face": 30}}
    assert classes_with_faces_only(counts) == ["7A"]
    assert [one.payments for one in shown_use(counts)] == [12, 9, None, None, 30]
    assert permille(3, 1000, at_least=20) == 3
    assert permille(1, 19, at_least=20) is None


def test_use_is_counted_by_class_and_way(cast, buy):
    buy("Carl", "card", 5)
    buy("Ada", "staff", 5)
    assert payments_by_class(cast.school, *days(cast)) == {"7A": {"card": 1, "staff": 1}}


def test_how_often_nobody_was_recognised_is_this_school_s_own_figure(cast):
    at = clock.now() - timedelta(days=1)
    for number in range(20):
        matched = number < 15
        FaceSession.objects.create(
            id=uuid4(),
            school=cast.school,
            purpose="canteen",
            terminal=cast.till,
            occasion_id=uuid4(),
            number=1,
            state="matched" if matched else "unknown",
            person=cast.person("Ada") if matched else None,
            opened_at=at,
            expires_at=at,
            closed_at=at,
        )
    found = count_statistics(cast.school)
    assert (found["sessions"], found["not_recognised_permille"]) == (20, 250)
    assert (found["denied"], found["confirmed_wrong"]) == (0, 0)


def test_the_makers_figures_are_those_of_the_accuracy_page():
    page = (ROOT / "docs" / "face-accuracy.md").read_text(encoding="utf-8")
    assert f"{MEASURED['people']} people, {MEASURED['photographs']} photographs" in page
    wrong = f"wrong persons | {MEASURED['wrong']} (0-{MEASURED['wrong_at_most']})"
    assert f"({MEASURED['sessions']} sessions) | {wrong}" in page
    assert f"| not recognised | {MEASURED['not_recognised']}" in page


def test_gdpr_35_the_signed_version_is_frozen_and_what_changed_since_is_shown(cast):
    dpo, school = cast.user("dpo"), cast.school
    signed = latest_assessment(school)
    before = dpia_document(json.loads(signed.content))
    live = dpia_document(live_dpia(school))
    assert differences(before, live) == []
    assert text_of(before).split("Is it needed?")[0] == text_of(live).split("Is it needed?")[0]
    add_terminal(school, NewTerminal("Till 3", ways=("card",)))
    record_risk(school, NewRisk("Twins are mixed up", "low", "high", "Card and face"), by=dpo)
    record_incident(school, Incident(today(school), "A screen was left open", "Locked it"), by=dpo)
    frozen = dpia_document(json.loads(latest_assessment(school).content))
    assert text_of(frozen) == text_of(before)
    found = {one.title: one for one in differences(frozen, dpia_document(live_dpia(school)))}
    assert found["Terminals"].new == ("Till 3 · Canteen · Canteen · Card or code",)
    assert found["Open risks"].new[0].startswith("Twins are mixed up")
    assert set(found) == {"Terminals", "Open risks", "Incidents"}


def test_nobody_signs_what_they_did_not_read(cast):
    read = freeze(live_dpia(cast.school))[1]
    add_terminal(cast.school, NewTerminal("Till 3", ways=("card",)))
    with pytest.raises(Refused, match="assessment_changed"):
        sign_dpia(
            cast.school,
            read_sha256=read,
            review_on=today(cast.school) + timedelta(days=9),
            by=cast.user("dpo"),
        )


def test_gdpr_30_the_record_of_processing_holds_every_kind_of_data(cast):
    School.objects.update(legal_profile="strict")
    text = text_of(processing_record(cast.school))
    assert all(kind.in_language("en").name in text for kind in kinds())
    assert "pupils, staff, guardians, visitors, and everyone who signs in" in text
    assert "120 days after the last use" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_legal_profile_is_named_in_words_in_both_languages(cast, name):
    profile = require_profile(name)
    content = live_dpia(cast.school)
    content["profile"] |= {"name": profile.name, "source": profile.source}

    def line_of(language, start):
        with translation.override(language):
            text = text_of(dpia_document(content))
            return next(line for line in text.split("\n") if line.startswith(start))

    english, chinese = line_of("en", "Legal profile: "), line_of("zh-hans", "法律配置：")
    assert f"profile: {name}" not in english
    assert not re.match(r"法律配置：[A-Za-z]", chinese)
    # Laws are cited as they are called; the sentence of the default is nobody's name.
    assert (profile.source in chinese) == (name != "strict")


def test_the_record_says_what_the_schools_mail_server_sees(cast):
    assert "E-mail goes through" not in text_of(processing_record(cast.school))
    server = NewServer("127.0.0.1", 2525, "none", "canteen@school.example")
    set_mail_server(cast.school, server, by=cast.user("administrator"))
    text = text_of(processing_record(cast.school))
    assert "E-mail goes through 127.0.0.1, which sees a guardian's address, a child's first name" in text
    assert "where a guardian has asked for that, what a child bought, or that it came in or went out." in text


def test_each_document_becomes_a_pdf(cast):
    documents = [
        dpia_document(live_dpia(cast.school)),
        processing_record(cast.school),
        camera_notice(cast.till),
    ]
    for document in documents:
        paper = check_paper(to_pdf(document, look_of(cast.school)), "en")
        assert (paper.title, paper.author) == (document.title, cast.school.name)
        assert {"H1", "H2"} <= paper.kinds
        assert ("TH" in paper.kinds) == any(one.table and one.table.rows for one in document.sections)


def test_a_document_is_on_the_paper_of_the_schools_country_and_no_template_sets_its_own(cast):
    table = DocumentTable(("Name", "Class"), (("Ada", "Year 3"),) * 90)
    long = Document("List", "Everyone", (Section("All", table=table),))
    assert sheets_of(to_pdf(long, look_of(cast.school))) == {(595, 842)}
    School.objects.update(country="US")
    school = School.objects.get()
    assert sheets_of(letters_to_pdf([long, long], look_of(school))) == {(612, 792)}
    assert len(pages_of(to_pdf(long, look_of(school)))) > 1
    written = "\n".join(path.read_text() for path in TEMPLATES.glob("*.typ"))
    assert re.findall(r"set page\(paper: ([^,)]+)", written) == ["order.sheet"]
    assert written.count("set page") == 1


@pytest.mark.parametrize("country", ["GB", "US"])
def test_a_consent_form_has_its_boxes_name_and_signature_on_one_page(cast, country):
    School.objects.update(country=country)
    ada, gus, notices = cast.person("Ada"), cast.guardian("Gus"), Notice.objects.all()
    forms = [consent_form(ada.school, ada, gus, one) for one in notices]
    made = letters_to_pdf(forms, look_of(ada.school))
    assert sheets_of(made) == {(612, 792) if country == "US" else (595, 842)}
    signed = [page for page in pages_of(made) if re.search("^(Sign here|签字)$", page, re.MULTILINE)]
    assert len(signed) == len(forms) > 4
    for page in signed:
        assert "Ada Agrees · Gus" in page
        assert "Please tick one and sign" in page or "请勾选一项并签字" in page


@pytest.mark.parametrize("between", [" ", "\n"])
def test_a_risk_described_at_any_length_is_whole_on_the_pages_of_the_pdf(cast, between):
    words = [f"word{number}" for number in range(250)]
    record_risk(cast.school, NewRisk("Breach", "low", "high", between.join(words)), by=cast.user("dpo"))
    made = to_pdf(dpia_document(live_dpia(cast.school)), Look())
    assert set(words_of(made).split()) >= set(words)


HOSTILE = (
    '#import "/etc/hostname": *',
    "#eval(sys.inputs.data)",
    "*bold* _it_ = no heading @key <label> $x^2$ `raw` // note /* note */",
    "C:\\new\\\"quoted\" 'single' [a] {b} ~ \\u{41} --- ...",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_ever_a_command_to_the_typesetter(text):
    table = DocumentTable((text, "Item"), ((text, "Cell"),))
    document = Document(text, text, (Section(text, (text,), warning=text, table=table),))
    made = to_pdf(document, Look(school=text))
    assert words_of(made).count(text) == 7
    paper = read_paper(made)
    assert (paper.title, paper.author) == (text, text)


def test_what_no_font_has_is_a_question_mark_and_what_is_not_seen_is_left_out():
    text = "Ali علي \U0001f600 a\x07b\u200b\ue000 e\u0301 \ufeffend"
    words = words_of(to_pdf(Document("Names", "", (Section(text),)), Look()))
    assert words == "Names Ali ??? ? a b? é end"


def test_letters_in_several_languages_say_so_part_by_part():
    letters = [Document("Balance", "", (Section("Hello"),), language="en")]
    letters.append(Document("余额", "", (Section("您好"),), language="zh-hans"))
    paper = check_paper(letters_to_pdf(letters, Look()), "en")
    assert {one.language for one in paper.parts} == {"", "zh-CN"}


@pytest.mark.parametrize("cell", ["x" * 4000, "面" * 4000, "\n" * 4000, "x " * 2000])
def test_a_table_with_a_cell_of_any_text_becomes_a_pdf(cell):
    table = DocumentTable(
        ("", "What", "Who", "When", "Where", "Why"), (("1", cell, "A", "B", "C", "D" * 70),)
    )
    assert to_pdf(Document("Risks", "All", (Section("Risks", (), table=table),)), Look()).startswith(b"%PDF-")


def test_a_chinese_document_becomes_a_pdf_with_its_characters(cast):
    with translation.override("zh-hans"):
        made = to_pdf(camera_notice(cast.till), Look())
    check_paper(made, "zh-hans")
    assert camera_notice(cast.till).title not in words_of(made)
    assert "人脸" in words_of(made)


def test_without_a_chinese_font_english_is_set_and_chinese_is_refused_in_words(cast, monkeypatch):
    monkeypatch.setattr(typeset, "find_font", lambda: None)
    assert to_pdf(processing_record(cast.school), Look()).startswith(b"%PDF-")
    with translation.override("zh-hans"), pytest.raises(Refused, match="pdf_font_missing"):
        to_pdf(camera_notice(cast.till), Look())


def test_a_process_that_sets_no_type_is_a_refusal_and_none_of_its_words_are_kept(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(Refused, match="document_not_made") as refused:
        to_pdf(Document("Hello", "", ()), Look())
    assert refused.value.__suppress_context__


def test_gdpr_17_a_receipt_says_what_was_destroyed_and_how_to_check_it(cast):
    from django.db import transaction

    from willing.audit.actions import record_now

    with transaction.atomic():
        facts = {"keys_destroyed": 1, "cause": "stopped"}
        entry = record_now("face.erased", subject=cast.person("Ada").id, facts=facts, personal={})
    entry = Entry.objects.get(pk=entry.pk)
    text = text_of(erasure_receipt(cast.school, entry))
    assert "signed once a day" in text
    assert bytes(entry.entry_hash).hex() in text
    assert "Ada" not in text
    sign_log()
    text = text_of(erasure_receipt(cast.school, entry))
    assert "python -m willing.audit.verify receipt" in text
    assert "signed once a day" not in text


def test_figures_end_with_yesterday(cast):
    found = count_statistics(cast.school)
    assert datetime.fromisoformat(found["after"]).date() == today(cast.school)


def test_a_pdf_has_the_schools_logo_and_its_colour_for_headings(cast):
    plain = to_pdf(processing_record(cast.school), look_of(cast.school))
    picture = io.BytesIO()
    Image.new("RGB", (300, 100), "red").save(picture, "PNG")
    school = cast.school
    set_colour(school, "#7a1030")
    set_logo(school, picture.getvalue())
    made = to_pdf(processing_record(school), look_of(school))
    assert "Figure" not in read_paper(plain).kinds
    assert school.name in {one.alt for one in check_paper(made, "en").parts}
    assert {(122, 16, 48), (255, 0, 0)} <= colours_on(made)
    assert not {(122, 16, 48), (255, 0, 0)} & colours_on(plain)


def colours_on(made):
    paper = pypdfium2.PdfDocument(made)
    try:
        drawn = paper[0].render(scale=2).to_pil().convert("RGB")
    finally:
        paper.close()
    return {colour for _, colour in drawn.getcolors(1_000_000)}


def test_a_colour_that_is_hard_to_read_on_paper_is_not_used(cast):
    School.objects.update(colour="#ffee00")
    assert look_of(School.objects.get()).colour == ""


def test_the_assessment_and_the_record_say_who_can_open_a_face_and_what_that_leaves_open(cast):
    said = (dpia_document(live_dpia(cast.school)), processing_record(cast.school))
    for text in map(text_of, said):
        assert "The school alone: template and key lie in two databases" in text
        assert "Only together with the pupil's card" not in text
    change_law(cast.school, "strict")
    school = School.objects.get()
    assessment, record = text_of(dpia_document(live_dpia(school))), text_of(processing_record(school))
    for text in (assessment, record):
        assert "The school alone: template" not in text
        assert "A copied, stolen or seized computer opens no such face" in text
        assert "ook-alikes of different families" in text
    for risk in ("alters the server", "signed release", "witnesses outside the school", "A card is lost"):
        assert risk in assessment


def test_a_notice_says_who_can_open_a_face_as_the_law_of_the_school_has_it(cast):
    assert "can open the template alone, or only together" in require_notice("canteen", "adult", "en").text
    change_law(cast.school, "eu")
    for reader, words in (("adult", "opens no face"), ("self", "opens no face"), ("child", "on your card")):
        assert words in require_notice("canteen", reader, "en").text
    assert "一半的密钥只在孩子的打印卡上" in require_notice("canteen", "adult", "zh-hans").text


ENTERED = ("Letter and evening", "Most want it as one way among others", "card is lost", "It is revoked")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_document_keeps_to_one_language_under_every_law(cast, language):
    found = set()
    for law in NAMES:
        School.objects.update(legal_profile=law)
        school = School.objects.get()
        # Laws are cited as they are called, commands as they are typed, and a risk as it was entered.
        names = (require_profile(law).source, "willing backup take", *ENTERED)
        with translation.override(language):
            made = (
                dpia_document(live_dpia(school)),
                processing_record(school),
                camera_notice(cast.till),
                way_comparison(school),
            )
        for document in made:
            foreign = foreign_in(text_of(document), language, names=names)
            found |= {(document.title, one) for one in foreign}
    assert found == set()
