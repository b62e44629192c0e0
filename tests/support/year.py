"""The pages that list something of a large school's year, as every role asks for them."""

from datetime import date, timedelta

STAFF = (
    "", "staff/today/", "staff/money/", "staff/money/month/", "staff/money/tax/", "staff/menu/",
    "staff/people/", "staff/people/?q=pupil+77", "staff/people/classes/", "staff/enrol/", "staff/faces/",
    "staff/reports/", "staff/meals/", "staff/meals/carried/", "staff/meals/arrears/",
    "staff/meals/duplicates/",
    "staff/meals/entitlements/", "staff/money/drawers/", "staff/money/leavers/", "staff/money/bank/",
    "staff/money/pay-outs/",
    "staff/terminals/", "staff/calendar/", "staff/limits/", "staff/staff/", "staff/data-protection/",
    "staff/data-protection/assessment/", "staff/mail/", "staff/settings/", "staff/health/", "staff/log/",
    "staff/ways/", "staff/no/?q=pupil",
)  # fmt: skip
REPORTS = ("product", "category", "way", "hour", "class", "meal", "tax", "refunded")


def staff_pages(day: date, person: str) -> list[str]:
    """Return the pages of staff with every role, as of a day."""
    year, month = f"first={day - timedelta(days=364)}&last={day}", day.replace(day=1) - timedelta(days=31)
    asked = [f"/{path}" for path in STAFF]
    asked += [f"/staff/today/?day={day - timedelta(days=1)}", f"/staff/people/{person}/"]
    asked += [f"/staff/people/{person}/everything/"]
    for by in REPORTS:
        asked += [f"/staff/money/sales/?by={by}&{span}" for span in (f"first={month}&last={day}", year)]
    return [*asked, f"/staff/money/sales/file.csv?by=product&{year}"]


def family_pages(person: str, day: date) -> list[str]:
    """Return the pages of a guardian of a person, the statements of a month among them."""
    child = f"/family/child/{person}/"
    statement = f"{child}statement/{day.year}-{day.month}"
    return [
        "/family/", child, f"{child}?all", f"{child}data/", f"{child}money/", f"{child}balance/",
        f"{statement}/", f"{statement}.csv", f"{statement}.pdf",
    ]  # fmt: skip


def api_pages(day: date) -> list[str]:
    """Return what a till of another maker asks for."""
    return [f"/api/v1{path}" for path in ("/terminal", "/menu", "/sales", f"/days/{day - timedelta(days=1)}")]
