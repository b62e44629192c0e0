"""What a bank's app of the SEPA area reads from a code: the account, the payee and the reference. Pure.

EPC069-12, without a sum, where the account is of the SEPA area and the money euros; Switzerland has a code of
its own (payments.swiss_bill). Elsewhere there is none that every bank reads, and the page has text alone.
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
NAME_CHARS_MAX = 70


def payment_code(account: BankAccount, reference: str, currency: str) -> segno.QRCode | None:
    """Return the code for a transfer with a reference as printed, or None where no code is read."""
    if account.country not in SEPA or currency != "EUR":
        return None
    text = epc_text(account, reference.replace(" ", ""))
    return segno.make(text, error="m", micro=False, encoding="utf-8", boost_error=False)


def epc_text(account: BankAccount, reference: str) -> str:
    """Return EPC069-12, version 2, whose sum may be left to the payer; segno's own helper wants one."""
    is_creditor = reference.startswith("RF")
    lines = ["BCD", "002", "1", "SCT", account.bic, account.holder[:NAME_CHARS_MAX], account.number, "", ""]
    lines += [reference, ""] if is_creditor else ["", reference]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)
