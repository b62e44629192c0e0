"""What an account is, and whether what was typed can be one. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from willing.payments import errors

HOLDER_CHARS_MAX, NUMBER_CHARS_MIN = 70, 6
LOCAL = re.compile(r"[0-9A-Z]{4,34}")
BANK_CODE = re.compile(r"[0-9A-Z]{0,12}")


@dataclass(frozen=True)
class BankAccount:
    """An account at a bank, by IBAN, by sort code and number, or by whatever number banks use there.

    number: an IBAN without blanks, eight digits of the United Kingdom, or 4 to 34 letters and digits.
    bank_code: the sort code, or the local code of the bank; empty with an IBAN. bic: 8 or 11, or empty.
    street, postcode and town are the school's own and needed for Switzerland's QR code only.
    """

    holder: str
    number: str
    bank_code: str = ""
    bic: str = ""
    bank_name: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""

    @property
    def is_iban(self) -> bool:
        """True for an IBAN."""
        return not self.bank_code and self.number[:2].isalpha() and self.number[2:4].isdigit()

    @property
    def is_uk(self) -> bool:
        """True for a sort code and an account number of the United Kingdom."""
        return len(self.bank_code) == 6 and len(self.number) == 8 and self.number.isdigit()

    @property
    def country(self) -> str:
        """The country of an IBAN; empty where the number names none."""
        return self.number[:2] if self.is_iban else ""

    @property
    def shown(self) -> str:
        """The account as people read it: an IBAN in groups of four, a sort code in pairs."""
        if self.is_iban:
            return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))
        if self.is_uk:
            return f"{self.bank_code[:2]}-{self.bank_code[2:4]}-{self.bank_code[4:]} {self.number}"
        return f"{self.bank_code} {self.number}".strip()

    @property
    def masked(self) -> str:
        """The account as lists show it: its last four characters."""
        return f"…{self.number[-4:]}"

    def as_facts(self) -> dict[str, str]:
        """Return it as text by field, to be sealed."""
        return asdict(self)


def read_account(typed: Mapping[str, str]) -> BankAccount:
    """Return the account that someone typed, by the fields of BankAccount.

    Raises Refused holder_missing, holder_too_long, iban_country_unknown, iban_length, iban_checksum,
    iban_not_valid, sort_code_not_valid, account_number_not_valid, bic_not_valid.
    """
    text = {name: " ".join(_plain(value).split()) for name, value in typed.items()}
    holder = text.get("holder", "")
    if not holder:
        raise errors.holder_missing()
    if len(holder) > HOLDER_CHARS_MAX:
        raise errors.holder_too_long(HOLDER_CHARS_MAX)
    number, code = _compact(text.get("number", "")), _compact(text.get("bank_code", ""))
    if not code and number[:2].isalpha() and number[2:4].isdigit():
        number = _require_iban(number)
    else:
        _require_local(number, code)
    rest = {name: text.get(name, "") for name in ("bank_name", "street", "postcode", "town")}
    return BankAccount(holder=holder, number=number, bank_code=code, bic=_bic(text.get("bic", "")), **rest)


def _plain(text: str) -> str:
    """Return text in the usual width, without what nobody sees."""
    kept = unicodedata.normalize("NFKC", text)
    return "".join(one if unicodedata.category(one)[0] != "C" else " " for one in kept)


def _compact(text: str) -> str:
    return re.sub(r"[\s./–-]", "", text).upper()


def _require_iban(number: str) -> str:
    """Return an IBAN that its country has. Each way in which it is none has a name of its own."""
    # The tables of all countries are read where an account is typed; no till has to load them.
    from stdnum import iban, numdb
    from stdnum.exceptions import InvalidChecksum, ValidationError

    known = numdb.get("iban").info(number)[0][1]
    if not known:
        raise errors.iban_country_unknown(number[:2])
    length = 4 + sum(int(digits) for digits in re.findall(r"(\d+)!", known["bban"]))
    if len(number) != length:
        raise errors.iban_length(length, len(number))
    try:
        iban.validate(number)
    except InvalidChecksum:
        raise errors.iban_checksum() from None
    except ValidationError:
        raise errors.iban_not_valid() from None
    return number


def _require_local(number: str, code: str) -> None:
    if code.isdigit() and len(code) == 6:  # a sort code of the United Kingdom
        if not re.fullmatch(r"\d{8}", number):
            raise errors.account_number_not_valid()
        return
    if not BANK_CODE.fullmatch(code):
        raise errors.sort_code_not_valid()
    if not LOCAL.fullmatch(number):
        raise errors.account_number_not_valid()


def _bic(text: str) -> str:
    from stdnum import bic

    code = _compact(text)
    if code and not bic.is_valid(code):
        raise errors.bic_not_valid()
    return code


def is_same_account(own: BankAccount, written: str) -> bool:
    """Say whether a statement names this account: as an IBAN, with its currency, or bank and number alone.

    MT940 writes the bank's code, a slash and the number, which some banks fill up with zeros.
    """
    mine, (code, slash, number) = own.bank_code + own.number, written.upper().partition("/")
    theirs = _compact(written)
    if mine in theirs or (len(theirs) >= NUMBER_CHARS_MIN and theirs in mine):
        return True
    return bool(slash) and code in mine and mine.endswith(number[: number_end(number)].lstrip("0"))


def number_end(number: str) -> int:
    """Return where the digits of a number end: a currency may follow them."""
    return next((at for at, one in enumerate(number) if not one.isdigit()), len(number))
