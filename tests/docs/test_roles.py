"""Each thing that a role lacked in the walk of 0.1.0 (SCHOOL.md) has its row in `docs/develop/roles.md`.

And each fault that was seen there has its own in `docs/develop/faults.md`.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (ROOT / "docs/develop/roles.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
SCHOOL = ROOT.parent / "shared" / "SCHOOL.md"
DPO, DESK, CANTEEN = "data protection officer", "enrolment desk", "canteen manager"
# What was asked, as it was written, and how the row that answers it begins, or each of several rows.
ASKED = {
    "cashier": {
        "categories as tabs and search": ["categories as tabs"],
        "quantity": ["quantity"],
        "park a basket": ["put a basket aside"],
        '"already had a main meal at 12:05"': ["“already had a main meal”"],
        "allergy band after the name": ["what a person must not eat"],
        "visitor and cash": ["cash of a visitor"],
        "void of the last sale": ["the last sale voided"],
        "cashier change by PIN": ["change of cashier by PIN"],
        "X report": ["the till's own X report"],
        "second screen that faces the pupil": ["second screen that faces the pupil"],
        "way back to the till": ["way back to the till"],
    },
    "pupil": {
        "today's menu": ["today's menu"],
        "what is left to spend": ["what is left to spend"],
        "lost-card report": ["a lost card"],
        "sign-in by scanning the card's QR with the phone": ["sign-in by the QR code on the card"],
    },
    "guardian": {
        "pay in": ["account, reference and code to pay in"],
        "see what was paid in": ["balance and statement by month"],
        "statement by month": ["balance and statement by month"],
        "mail for low balance / purchase / answer / changed text": [
            "an e-mail below a balance",
            "the day's receipts by e-mail",
            "mail for an answer or a changed text",
        ],
        "move money between siblings": ["money to a brother or sister"],
        "own mail": ["own mail, telephone and language"],
        "phone and language": ["own mail, telephone and language"],
        "menu": ["today's menu"],
        "allergens confirmed": ["allergies entered, and confirmed"],
    },
    "office": {
        "set-up": ["set-up in the browser"],
        "add and edit and merge pupils and guardians and classes": [
            "add and edit pupils and guardians",
            "merge two records of one person",
            "merge two records of one guardian",
            "classes",
        ],
        "import with preview on a page": ["import with a preview"],
        "staff accounts": ["staff accounts"],
        "school settings": ["school settings"],
        "tills": ["tills: edit"],
        "bulk": ["cards, PIN slips, letters and consent forms"],
        "arrears": ["balances below zero"],
        '"carried by the school"': ["meals that the school carried"],
        "who has no card / PIN / guardian / consent": ["people filtered"],
        "help beside the page": ["help beside each page"],
        "a front page that says what waits": ["a front page that says what waits"],
    },
    DESK: {
        "ready / waiting for pupil / waiting for guardian with counts": ["a queue with counts"],
        "next": ["a queue with counts, the next pupil"],
        "scan a card to find": ["a queue with counts, the next pupil, a scanned card"],
    },
    CANTEEN: {
        "menu": ["menu, prices"],
        "prices": ["menu, prices"],
        "allergens": ["allergens of products"],
        "sold out": ["menu, prices, sold out"],
        "close the day": ["the day closed, drawer by drawer"],
        "drawer": ["the day closed, drawer by drawer"],
        "meals by kind": ["sales by product"],
        "week and month": ["sales by product"],
        "export": ["sales as CSV"],
    },
    DPO: {
        "who did it": ["the log with who did it"],
        "filters by person": ["the log with who did it, filters by person"],
        "date and event": ["the log with who did it, filters by person, day, event"],
        "export": ["the log with who did it"],
        "guided checklist": ["a guided checklist", "no signature without a risk considered"],
        "camera notice reachable": ["the camera notice within reach"],
        "breach clock of 72 hours": ["the clock of 72 hours"],
        "request register with due dates": ["a register of requests with due dates"],
    },
    "operator": {
        "service": ["the server and its nightly jobs as a service"],
        "HTTPS": ["HTTPS with the school's certificate", "HTTPS without one"],
        "health page": ["age of backups"],
        "restore that checks itself": ["a restore that checks itself"],
        "update that is not `git pull`": ["an update, verified"],
    },
}
# Whose row it is where another role does what was asked.
ALSO = {"office": {"administrator"}, CANTEEN: {"office"}}

FAULTS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (ROOT / "docs/develop/faults.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
# What was also seen, as it was written, and how its row begins.
ALSO_SEEN = {
    "a blue focus box around the greeting after each scanned card": "a blue box around the greeting",
    '"Total" beside "Paid"': "“Total” beside “Paid”",
    "the till's header 146 px on a phone": "a header of 146 px",
    '"Typical wait 0 s"': "a typical wait of 0 seconds",
    "three near-equal letters at each guardian": "three near-equal letters",
    '"Can\'t be told" in bare green': "“Can’t be told” in bare green",
    "the demo prints `willing …`, which is not found": "what the demo printed was not found",
    "the camera notice leads back to the wrong page": "the camera notice led back",
    '"ok: nightly job never finished"': "a nightly job that never finished",
    "recovery codes without print or copy": "recovery codes without print",
    "a leaver's page that offers Pay in": "a leaver's page that offered",
    "a person's page 1,241 px wide on a phone with a long name": "a page 1,241 px wide",
    "the limit for a face above the limit for all": "a face's limit above",
    "no way back for a forgotten PIN": "no way back for a forgotten PIN",
}


@pytest.mark.parametrize(("role", "asked"), [(role, one) for role, all_ in ASKED.items() for one in all_])
def test_what_a_role_lacked_has_its_row_with_page_and_proof(role: str, asked: str) -> None:
    for begin in ASKED[role][asked]:
        found = [row for row in ROWS if row[1].startswith(begin)]
        assert found, f"roles.md has no row for {begin!r} ({asked})"
        assert {role, *ALSO.get(role, ())} & set(found[0][0].split(", ")), (begin, found[0][0])


@pytest.mark.skipif(not SCHOOL.exists(), reason="needs ../shared/SCHOOL.md; its twin ran")
def test_each_thing_of_the_schools_own_table_is_asked_here() -> None:
    text = SCHOOL.read_text(encoding="utf-8")
    table = text[text.index("## What each role lacked") :].split("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    lacked = {role.strip(): items for role, items in rows if role.strip() != "role"}
    assert lacked.keys() == ASKED.keys()
    for role, items in lacked.items():
        without_details = re.sub(r" ?\([^)]*\)", "", items)
        assert [one.strip() for one in re.split("[,;]", without_details)] == list(ASKED[role]), role


def test_each_fault_of_the_walk_has_its_row_with_what_it_is_now_and_a_proof() -> None:
    assert {row[0] for row in FAULTS} >= {str(number) for number in range(1, 14)}
    assert all(len(row) == 4 and all(row) and "::" in row[3] for row in FAULTS if row[0].isdigit())
    for seen, begin in ALSO_SEEN.items():
        assert [row for row in FAULTS if row[0] == "13" and row[1].startswith(begin)], seen


@pytest.mark.skipif(not SCHOOL.exists(), reason="needs ../shared/SCHOOL.md; its twin ran")
def test_each_fault_of_the_schools_own_list_is_asked_here() -> None:
    text = SCHOOL.read_text(encoding="utf-8")
    listed = text[text.index("## Faults seen") :].partition("\n## ")[0]
    numbers = re.findall(r"^(\d+)\. ", listed, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 14)]
    also = listed.partition("13. Also seen: ")[2].strip().rstrip(".")
    assert [one.strip() for one in also.split("; ")] == list(ALSO_SEEN)
