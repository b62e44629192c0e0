"""Every paper that the program makes, as its reader gets it: tagged, with a title, in one language.

A function that returns a `Document`, or sets a paper in type itself, has a row here, or a reason beside it.
"""

import ast
import re
import sqlite3
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from tests.screens.__main__ import school
from tests.screens.pages import GUARDIAN, STAFF, Screen
from tests.screens.test_walk import PROPER
from tests.support.lines import ask
from tests.support.papers import check_paper, sheets_of, words_of
from tests.support.server import Server
from tests.support.words import foreign_in

SOURCES = Path(__file__).parents[2] / "src" / "willing"
TYPESETTERS = {"typeset", "run_compositor", "_run"}


@dataclass(frozen=True)
class Paper:
    """Where a paper is had. sent: a form's fields, by the seed's names or as they are; None for a link.

    reader: whose language it speaks: the "viewer", who asked for it, or the "school", or the "guardian".
    entered: what people entered, in their own language.
    """

    name: str
    who: str = STAFF
    known: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] | None = None
    reader: str = "viewer"
    query: str = ""
    entered: tuple[str, ...] = ()


CHOSEN = {"person": "person_id"}
PAPERS = {
    "books.exports.to_document": Paper("console:sales-file", known={"form": "pdf"}),
    "documents.arrears_letter.arrears_letter": Paper("console:arrears-letters", sent={}, reader="school"),
    "documents.breach_notice.authority_draft": Paper("console:breach-draft-pdf", known={"kind": "authority"}),
    "documents.breach_notice.breach_record": Paper("console:breach-draft-pdf", known={"kind": "record"}),
    "documents.breach_notice.family_draft": Paper("console:breach-draft-pdf", known={"kind": "families"}),
    "documents.camera_notice.camera_notice": Paper("console:camera-notice-pdf"),
    "documents.cash_list.cash_list": Paper("console:pay-outs-cash-pdf"),
    "documents.consent_form.consent_form": Paper(
        "console:print-sheets", known={"kind": "forms"}, sent=CHOSEN, reader="guardian"
    ),
    "documents.dpia.dpia_document": Paper("console:assessment-pdf", entered=("北门", "号通道")),
    "documents.drawer_report.drawer_report": Paper("console:drawer-report-pdf"),
    "documents.erasure_receipt.erasure_receipt": Paper("console:erasure-pdf"),
    "documents.evening_sheets._sheet": Paper(
        "console:evening-lists-pdf", entered=("Haus Nordlicht, vordere Stiege", "links hinten", "小明", "李")
    ),
    "documents.guardian_letter.guardian_letter": Paper(
        "console:print-sheets", known={"kind": "letters"}, sent=CHOSEN, reader="guardian"
    ),
    "documents.leavers_letter.leavers_letter": Paper("console:leaver-letters", sent={}, reader="school"),
    "documents.pay_in_letter.pay_in_letter": Paper("console:pay-in-letter-pdf", reader="guardian"),
    "documents.pay_in_receipt.pay_in_receipt": Paper("console:pay-in-receipt-pdf"),
    "documents.processing_record.processing_record": Paper("console:processing-record-pdf"),
    "documents.register_notice.register_notice": Paper("console:register-notice-pdf"),
    "documents.roll_call_sheets._sheet": Paper(
        "console:roll-call-sheets-pdf",
        entered=(
            *("城东锅炉检修有限责任公司第三工程队", "李建国", "小明", "李"),
            "adrenaline pen",
            "Theodora Alexandrina von und zu Hohenstein",
        ),
    ),
    "documents.roll_call_sheets.reunification_form": Paper("console:roll-call-handing-over-pdf"),
    "documents.sheets.card_sheets": Paper("console:print-sheets", known={"kind": "cards"}, sent=CHOSEN),
    "documents.sheets.pin_slips": Paper(
        "console:print-sheets", known={"kind": "pins"}, sent={**CHOSEN, "replace": "1"}
    ),
    "documents.statement.statement_document": Paper("portal:statement-pdf", who=GUARDIAN),
    "documents.till_test.till_test_report": Paper("console:till-test-pdf"),
    "documents.visitor_badge.print_badge": Paper("console:visitor-badge", sent={}),
    "documents.visitor_badge.visitor_notice": Paper("console:visitor-notice-pdf"),
    "pages.console.month_end._document": Paper("console:month-end-file", known={"form": "pdf"}),
}
# A language, the school's country, and the size of a sheet there, in points.
DRAWN = (
    ("en", "GB", (595, 842)),
    ("zh-hans", "GB", (595, 842)),
    ("en", "US", (612, 792)),
)
# What is only shown as a page is read by tests/screens/test_walk.py.
NOT_HERE = {
    "documents.pay_in_letter._letter": "what pay_in_letter returns",
    "documents.pdf.letters_to_pdf": "sets what others made in type",
    "documents.typeset.typeset": "sets what others made in type",
    "documents.retention.retention_document": "a page only",
    "documents.way_comparison.way_comparison": "a page only",
    "privacy.personal_data_document.access_document": "a page only",
    "documents.cards.print_card": "tests/documents/test_cards.py",
}


def makers() -> Iterator[str]:
    """Yield the functions of the program that make a paper, as room.module.function."""
    for path in sorted(SOURCES.rglob("*.py")):
        module = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for one in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(one, ast.FunctionDef):
                continue
            returns = ast.unparse(one.returns) if one.returns else ""
            called = {ast.unparse(part.func) for part in ast.walk(one) if isinstance(part, ast.Call)}
            if returns == "Document" or (returns == "bytes" and called & TYPESETTERS):
                yield f"{module}.{one.name}"


def test_every_paper_of_the_program_is_checked_here_or_says_why_not() -> None:
    assert {*makers()} == {*PAPERS, *NOT_HERE}


def fetch(server: Server, seeded: Mapping[str, Any], paper: Paper, language: str) -> bytes:
    """Return a paper as a browser in a language gets it."""
    # A paper whose address says its language is asked for in the viewer's.
    known = {
        **seeded,
        "language": language,
        **{part: seeded.get(value, value) for part, value in paper.known.items()},
    }
    token = "t" * 32
    cookies = {"sessionid": seeded["sessions"][paper.who], "django_language": language, "csrftoken": token}
    said = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "X_CSRFToken": token}
    method, sent = "GET", None
    if paper.sent is not None:
        fields = {name: seeded.get(value, value) for name, value in paper.sent.items()}
        method, sent = "POST", urlencode({"key": str(uuid4()), **fields}).encode()
        said["Content_Type"] = "application/x-www-form-urlencoded"
    path = Screen(paper.name).address(known) + paper.query
    answer = ask(server.port, method, path, sent, 60, **said)
    assert answer.status == 200, (paper.name, answer.status)
    assert answer.headers["Content-Type"] == "application/pdf", paper.name
    assert "no-store" in answer.headers["Cache-Control"], paper.name
    return answer.body


def left_of(words: str, entered: tuple[str, ...] = ()) -> str:
    """Return a paper's words without addresses, codes, digests, names and what people entered."""
    for name in (*PROPER, *entered):
        # A column breaks it where its width on that sheet says so; Chinese has no blank there.
        words = re.sub(r"\s*".join(map(re.escape, name)), " ", words)
    return re.sub(r"https?://\S+|\S+@\S+|[0-9a-f]{12,}|[0-9A-Z]{4}(?:-[0-9A-Z]{4})+|Year \d+", " ", words)


def move_to(server: Server, country: str) -> None:
    """Move the school of a server that is running to another country."""
    with closing(sqlite3.connect(server.home / "willing.sqlite3", timeout=10)) as base, base:
        base.execute("UPDATE people_school SET country = ?", (country,))


@pytest.mark.whole
def test_every_paper_is_tagged_has_a_title_speaks_its_readers_language_and_is_on_its_countrys_sheet() -> None:
    found: list[str] = []
    with school("full") as (server, seeded):
        readers = {"school": "en", "guardian": "en"}
        for language, country, sheet in DRAWN:
            move_to(server, country)
            for maker, paper in PAPERS.items():
                reader = readers.get(paper.reader, language)
                try:
                    made = fetch(server, seeded, paper, language)
                    check_paper(made, reader)
                    assert sheets_of(made) == {sheet}
                except (AssertionError, OSError) as error:
                    where = traceback.extract_tb(error.__traceback__)[-1].line
                    found.append(f"{maker} ({language}): {error} {where}"[:300])
                    continue
                foreign = foreign_in(left_of(words_of(made), paper.entered), reader)
                found += [f"{maker} ({language}): {one}" for one in foreign]
    assert not found, "\n" + "\n".join(found)
