"""What a bank's app reads from a code: the account, the payee and the reference, never a sum. Pure.

EPC069-12 where the account is of the SEPA area and the money euros; Switzerland's and Liechtenstein's QR-bill
in francs and euros. Elsewhere there is no code that every bank reads, and the page has text alone.
"""

import segno

from willing.payments.account_rules import BankAccount

# Countries in which banks take credit transfers of SEPA, by the letters of their IBANs.
SEPA = frozenset(
    {
        "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR",
        "GB", "GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD",
        "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
    }
)  # fmt: skip
SWISS = ("CH", "LI")
NAME_CHARS_MAX, TEXT_CHARS_MAX = 70, 140


def payment_code(account: BankAccount, reference: str, message: str, currency: str) -> segno.QRCode | None:
    """Return the code for a transfer with a reference, or None where no code is read.

    reference: as printed. message: what the payer's own statement says, where a code carries one.
    """
    compact = reference.replace(" ", "")
    if account.country in SWISS and currency in ("CHF", "EUR") and account.town:
        return segno.make(swiss_bill(account, compact, message, currency), error="m", micro=False)
    if account.country in SEPA and currency == "EUR":
        text = epc_text(account, compact)
        return segno.make(text, error="m", micro=False, encoding="utf-8", boost_error=False)
    return None


def epc_text(account: BankAccount, reference: str) -> str:
    """Return EPC069-12, version 2, whose sum may be left to the payer; segno's own helper wants one."""
    is_creditor = reference.startswith("RF")
    lines = ["BCD", "002", "1", "SCT", account.bic, account.holder[:NAME_CHARS_MAX], account.number, "", ""]
    lines += [reference, ""] if is_creditor else ["", reference]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def swiss_bill(account: BankAccount, reference: str, text: str, currency: str) -> str:
    """Return the data of a Swiss QR-bill (version 2.0, structured address), without a sum and a payer."""
    is_creditor = reference.startswith("RF")
    lines = ["SPC", "0200", "1", account.number]
    lines += ["S", account.holder[:NAME_CHARS_MAX], account.street, "", account.postcode, account.town]
    lines += [account.country, *[""] * 7, "", currency, *[""] * 7]
    lines += ["SCOR" if is_creditor else "NON", reference if is_creditor else ""]
    message = text if is_creditor else f"{reference} {text}".strip()
    return "\r\n".join([*lines, message[:TEXT_CHARS_MAX], "EPD"])
