"""Any bank's list of bookings: which column means what, and what a row books. Pure."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources

from babel.numbers import get_currency_precision

from willing.core.money import AmountNotValid, read_minor
from willing.payments import errors
from willing.payments.bookings import (
    ENTRIES_MAX,
    NAME_CHARS_MAX,
    NUMBER_CHARS_MAX,
    TEXT_CHARS_MAX,
    Booking,
    EntryRefused,
    StatementFile,
    bank_number,
    require_sum,
    tidy,
)

# What a list can say. `amount` alone carries a sign; some banks have a column for each direction instead.
FIELDS = ("date", "amount", "credit", "debit", "text", "text_2", "payer", "account", "number", "currency")
DATE_FORMS = {
    "": (),
    "dmy": ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", "%d %b %Y", "%d %B %Y"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"),
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S"),
}
DECIMALS = ("", ",", ".")


@cache
def _guesses() -> Mapping[str, Sequence[str]]:
    text = (resources.files(__package__) / "bank_columns.toml").read_text(encoding="utf-8")
    found: Mapping[str, Sequence[str]] = tomllib.loads(text)
    return found


@dataclass(frozen=True)
class BankListFormat:
    """How a bank's list is read. columns: field -> its column; date_form and decimal: "" to find out."""

    columns: Mapping[str, str]
    date_form: str = ""
    decimal: str = ""
    encoding: str = ""
    header_line: int = 0

    @property
    def is_complete(self) -> bool:
        """True where a date and a sum can be read."""
        return "date" in self.columns and any(name in self.columns for name in ("amount", "credit"))


@dataclass(frozen=True)
class BankListRow:
    """A row of a list, by column, and its line in the file."""

    line: int
    cells: Mapping[str, str] = field(repr=False)


def guess_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return which columns mean what, by their names; a column that says nothing is left out."""
    found: dict[str, str] = {}
    for name, guesses in _guesses().items():
        folded = {_fold(column): column for column in columns}
        hit = next((folded[one] for one in guesses if one in folded), None)
        if hit is not None and hit not in found.values():
            found[name] = hit
    return found


def _fold(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def read_list(rows: Iterable[BankListRow], format_: BankListFormat, currency: str) -> StatementFile:
    """Return what the rows of a list book. Raises Refused statement_columns_missing, statement_too_large."""
    if not format_.is_complete:
        raise errors.statement_columns_missing()
    every = list(rows)
    if len(every) > ENTRIES_MAX:
        raise errors.statement_too_large()
    date_form = format_.date_form or _find_date_form(every, format_.columns["date"])
    read = StatementFile("CSV")
    for row in every:
        try:
            booking = _booking(row.cells, format_, date_form, currency)
        except EntryRefused as refused:
            read.refuse(str(row.line), str(refused))
            continue
        if booking is None:
            read.left_out["debit"] += 1
        else:
            read.bookings.append(booking)
    return read


def _booking(
    cells: Mapping[str, str], format_: BankListFormat, date_form: str, currency: str
) -> Booking | None:
    said = {name: cells.get(column, "") for name, column in format_.columns.items()}
    if said.get("currency", "").strip() and said["currency"].strip().upper() != currency:
        raise EntryRefused("other_currency")
    amount = _amount(said, format_.decimal, currency)
    if amount < 0:
        return None
    texts = filter(None, (said.get("text"), said.get("text_2")))
    return Booking(
        booked_on=_date(said["date"], date_form),
        amount_minor=require_sum(amount),
        bank_number=bank_number(said.get("number")),
        payer=tidy(said.get("payer"), NAME_CHARS_MAX),
        payer_account=re.sub(r"\s", "", tidy(said.get("account"), NUMBER_CHARS_MAX)),
        text=tidy(" ".join(texts), TEXT_CHARS_MAX),
    )


def _amount(row: Mapping[str, str], decimal: str, currency: str) -> int:
    """Return a row's sum in minor units, below zero for money that left."""
    if (credit := row.get("credit", "").strip()) and read_signed(credit, decimal, currency):
        return abs(read_signed(credit, decimal, currency))
    if debit := row.get("debit", "").strip():
        return -abs(read_signed(debit, decimal, currency))
    if not (text := row.get("amount", "").strip()):
        raise EntryRefused("amount_unreadable")
    return read_signed(text, decimal, currency)


def read_signed(text: str, decimal: str, currency: str) -> int:
    """Return a sum with a sign before or behind it, or in brackets, in minor units; never through a float.

    decimal: the mark before the minor units, "" to find out. Raises EntryRefused amount_unreadable.
    """
    plain = text.strip().replace("−", "-")
    is_below = plain.startswith(("-", "(")) or plain.endswith(("-", " DR", " D"))
    plain = re.sub(r"^[-+(]|[-+)]$|\s(?:DR|CR|D|C)$", "", plain).strip()
    if decimal:
        other = "," if decimal == "." else "."
        plain = re.sub(rf"[{other}'’\s]", "", plain)
        if plain.count(decimal) > 1:
            raise EntryRefused("amount_unreadable")
        whole, mark, part = plain.partition(decimal)
        if len(part := part.rstrip("0")) > get_currency_precision(currency):
            raise EntryRefused("amount_unreadable")  # or it would be read as thousands
        plain = f"{whole or '0'}{mark}{part}" if part else whole or "0"
    try:
        amount = read_minor(plain, currency)
    except AmountNotValid:
        raise EntryRefused("amount_unreadable") from None
    return -amount if is_below else amount


def _find_date_form(rows: Sequence[BankListRow], column: str) -> str:
    """Return the one form that reads every date of a list; "dmy" where several do."""
    texts = [text for row in rows if (text := row.cells.get(column, "").strip())]
    fitting = [form for form in DATE_FORMS if form and all(_read_date(text, form) for text in texts)]
    for form in ("ymd", "dmy", "mdy"):
        if form in fitting:
            return form
    return "dmy"


def _read_date(text: str, form: str) -> date | None:
    for pattern in DATE_FORMS[form]:
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007  # a date has no time zone
        except ValueError:
            continue
    return None


def _date(text: str, form: str) -> date:
    found = _read_date(text, form)
    if found is None:
        raise EntryRefused("date_unreadable")
    return found
