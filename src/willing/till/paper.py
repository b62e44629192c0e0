"""Receipts on paper: a sale's lines on its till's printer. The sale is done before, whatever comes of it.

No name, no class, no balance and not who paid: a receipt lies about, and a free meal looks like any other.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from willing.core.clock import still_runs
from willing.core.money import format_minor, write_minor
from willing.terminals.errors import printer_characters_missing, printer_failed, printer_missing
from willing.terminals.escpos import CharactersMissing, ReceiptRow, find_missing, write_receipt
from willing.terminals.models import Characters, Printer, Terminal
from willing.terminals.printer_rules import TABLES, CharacterTable
from willing.terminals.printers import find_printer, print_bytes
from willing.terminals.printing import PrintResult
from willing.till.errors import sale_unknown
from willing.till.menu import menu
from willing.till.models import Sale
from willing.till.paid_by import PaidBy
from willing.till.sale_pages import find_sale_of

# A till that prints each sale leaves a printer that does not work alone for so long; a press always tries.
LEFT_ALONE = timedelta(minutes=1)


def print_receipt(terminal: Terminal, sale_id: UUID, *, is_pressed: bool) -> PrintResult:
    """Print the receipt of a till's sale. is_pressed: a person asks for it; else each sale is printed.

    Outside any transaction. Raises Refused printer_missing, sale_unknown, printer_characters_missing,
    printer_failed.
    """
    printer, sale = find_printer(terminal), find_sale_of(terminal, sale_id)
    if printer is None:
        raise printer_missing()
    if sale is None:
        raise sale_unknown()
    if not is_pressed and _is_left_alone(printer):
        raise printer_failed(printer.fault)
    return print_bytes(printer, _bytes_of(printer, lambda: receipt_rows(sale, TABLES[printer.characters])))


def print_test(printer: Printer) -> PrintResult:
    """Print a few lines that show paper, width and characters. Raises Refused as above."""
    return print_bytes(printer, _bytes_of(printer, lambda: _test_rows(printer)))


def _bytes_of(printer: Printer, rows: Callable[[], Sequence[ReceiptRow]]) -> bytes:
    with translation.override(_language_for(printer)):
        try:
            return write_receipt(rows(), columns=printer.columns, table=TABLES[printer.characters])
        except CharactersMissing as missing:
            raise printer_characters_missing(missing.missing) from None


def _language_for(printer: Printer) -> str:
    """Return the reader's language, or English where that is Chinese and the printer isn't."""
    language = translation.get_language() or "en"
    is_chinese = language.startswith("zh") and printer.characters != Characters.CHINESE
    return "en" if is_chinese else language


def _is_left_alone(printer: Printer) -> bool:
    tried_at = printer.tried_at
    return bool(printer.fault) and tried_at is not None and still_runs(tried_at + LEFT_ALONE, LEFT_ALONE)


def receipt_rows(sale: Sale, table: CharacterTable) -> list[ReceiptRow]:
    """Return what a sale's receipt says, in the active language. sale: with its lines and refunds at hand."""
    terminal, school = sale.terminal, sale.terminal.school
    at = sale.settled_at.astimezone(ZoneInfo(school.time_zone))
    bought = [
        ReceiptRow(f"{line.quantity} x {line.label}", write_minor(line.total_minor, school.currency))
        for line in sale.basket.lines.all()
    ]
    total = ReceiptRow(_("Total"), _with_sign(sale.total_minor, school.currency, table), is_bold=True)
    in_cash = _cash_rows(sale) if sale.way == PaidBy.CASH else []
    back = sale.refunded_minor
    returned = [ReceiptRow(_("Refunded"), _with_sign(back, school.currency, table))] if back else []
    return [
        ReceiptRow(school.name, is_bold=True, is_centred=True),
        ReceiptRow(),
        ReceiptRow(_("Receipt %(number)s") % {"number": sale.receipt_number}, f"{at:%Y-%m-%d %H:%M}"),
        ReceiptRow(terminal.name),
        ReceiptRow(),
        *bought,
        ReceiptRow(),
        total,
        ReceiptRow(_("Paid by: %(way)s") % {"way": PaidBy(sale.way).label}),
        *in_cash,
        *returned,
    ]


def _cash_rows(sale: Sale) -> list[ReceiptRow]:
    """Return what was due in coins that exist, what was handed over and what was handed back of it."""
    currency, cash = sale.terminal.school.currency, sale.cash
    rounding = cash.due_minor - sale.total_minor
    rounded = [
        ReceiptRow(_("Rounding"), write_minor(rounding, currency)),
        ReceiptRow(_("To pay"), write_minor(cash.due_minor, currency)),
    ]
    return [
        *(rounded if rounding else ()),
        ReceiptRow(_("Handed over"), write_minor(cash.tendered_minor, currency)),
        ReceiptRow(_("Change given"), write_minor(cash.change_minor, currency)),
    ]


def _with_sign(amount_minor: int, currency: str, table: CharacterTable) -> str:
    """Return a sum with the sign of its currency, or with its letters where the printer has no such sign."""
    written = format_minor(amount_minor, currency, translation.get_language() or "en")
    return f"{write_minor(amount_minor, currency)} {currency}" if find_missing([written], table) else written


def _test_rows(printer: Printer) -> list[ReceiptRow]:
    return [
        ReceiptRow(printer.terminal.school.name, is_bold=True, is_centred=True),
        ReceiptRow(printer.terminal.name, is_centred=True),
        ReceiptRow(),
        ReceiptRow(_("Test print: receipts are printed here.")),
        ReceiptRow("1" * printer.columns),
    ]


def unprintable_products(printer: Printer) -> list[str]:
    """Return the names of products on sale that the printer's characters don't suffice for."""
    table = TABLES[printer.characters]
    with translation.override(_language_for(printer)):
        names = [product.label for product in menu(printer.terminal.school)]
    return [name for name in names if find_missing([name], table)]
