"""How texts that people type are compared: one way for each kind of text, and no other anywhere.

Numbers, PINs and codes; names and what is searched; usernames; passwords. The ids of a school's register are
none of these: they compare exactly, character by character.
"""

import re
import unicodedata

from precis_i18n import get_profile

WORDS_MAX = 5  # of a search; nobody types more to find one person
# Unicode says that these are not shown, and their category alone does not (Default_Ignorable_Code_Point).
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(one) for one in [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
}
JOINERS = "\u200c\u200d"  # part of a Persian or Indian name when inside it, of nothing outside it
# Marks above and below letters of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic. Those
# of other scripts (Devanagari, Thai, Kana) make another letter, so they stay.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Letters with a stroke or tied together, which no Unicode form takes apart; and Arabic's letter stretcher.
_TIED = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
_LETTERS = str.maketrans({**_TIED, "\u0640": ""})
_APOSTROPHES = frozenset("'’‘‛`´′ʹʻʼʽʾʿˈ＇\u05f3\u0060\u00b4")
_SYLLABLES = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HANGUL SYLLABLE", "HIRAGANA", "KATAKANA")
_OPAQUE = get_profile("OpaqueString")


def fold_code(text: str) -> str:
    """Return a typed number, PIN or code without what does not count: width, case, dashes and blanks.

    Digits of other scripts are read as digits. "１００１", "10 01" and "1001" are one number.
    """
    narrow = unicodedata.normalize("NFKC", text).upper()
    kept = (_ascii_digit(one) for one in narrow if not (is_invisible(one) or _is_blank_or_dash(one)))
    return unicodedata.normalize("NFKC", "".join(kept)).upper()


def fold_words(text: str) -> list[str]:
    """Return the words of a name or a search without what does not count; empty where nothing is left.

    Width, case, accents and apostrophes do not count, nor does what is not shown; other punctuation parts
    words as blanks do. "ZOË O’Brien-Łuk" becomes zoe, obrien and luk.
    """
    seen = "".join(one for one in text if not is_invisible(one) and one not in _APOSTROPHES)
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", seen).casefold())
    plain = unicodedata.normalize("NFKC", _MARKS.sub("", apart).casefold()).translate(_LETTERS)
    return "".join(one if _is_of_a_word(one) else " " for one in plain).split()


def fold_name(text: str) -> str:
    """Return a whole name for comparing: "Zoe O'Brien" and "ZOË O’BRIEN" are one, "Zoey" is another."""
    return "".join(fold_words(text))


def fold_for_search(*parts: str) -> str:
    """Return what a row is found by: the words of its parts, and the parts joined in both orders.

    Joined, for "王小明" is typed without a blank whatever part is the family's name, and "annemarie" for
    Anne-Marie.
    """
    folded = [fold_words(part) for part in parts]
    joined = ["".join(words) for words in folded]
    words = [word for words in folded for word in words]
    return " ".join(dict.fromkeys([*words, *joined, "".join(joined), "".join(reversed(joined))])).strip()


def search_words(text: str) -> list[str]:
    """Return the words of a search, the first `WORDS_MAX`; each must be found."""
    return fold_words(text)[:WORDS_MAX]


def is_enough_to_search(text: str) -> bool:
    """Say whether a search is long enough where a list must not be browsed.

    Two letters or digits of any script, or one character that is a syllable or a word by itself.
    """
    letters = "".join(fold_words(text))
    return len(letters) >= 2 or any(unicodedata.name(one, "").startswith(_SYLLABLES) for one in letters)


def fold_username(text: str) -> str:
    """Return a username without what nobody can tell apart: case, and forms that Unicode calls compatible.

    "Cashier", "cashier" and the same in full width are one; "zoe" and "zoë" are two.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)  # folding may take a character out of its normal form


def prepare_password(text: str) -> str:
    """Return a password as it is hashed and compared (RFC 8265, OpaqueString): nothing folded.

    One password reads alike from every keyboard: an accent typed as a mark of its own is the same letter, and
    every kind of blank is a blank. Raises ValueError for an empty one, and for characters that nobody sees.
    """
    return str(_OPAQUE.enforce(text))


def is_invisible(one: str) -> bool:
    """Say whether a character is there and not seen; a blank is seen."""
    return one in _INVISIBLE or (unicodedata.category(one) in ("Cf", "Cc", "Cs") and not one.isspace())


def drop_unseen(text: str) -> str:
    """Return a text without the characters that nobody sees, so that none turns it round or hides in it.

    What shapes a letter inside a word stays: joiners of Persian and Indian names, and the selectors with
    which rare Chinese characters are written.
    """
    kept = "".join(one for one in text if not is_invisible(one) or one in JOINERS or selects_form(one))
    return "" if all(is_invisible(one) or one.isspace() for one in kept) else kept.strip(JOINERS)


def selects_form(one: str) -> bool:
    """Say whether a character chooses a form of the one before it (ideographic variation sequences)."""
    return "\ufe00" <= one <= "\ufe0f" or "\U000e0100" <= one <= "\U000e01ef"


def _is_blank_or_dash(one: str) -> bool:
    return one.isspace() or one == "\u2212" or unicodedata.category(one) == "Pd"


def _ascii_digit(one: str) -> str:
    digit = unicodedata.decimal(one, None)
    return one if digit is None else str(digit)


def _is_of_a_word(one: str) -> bool:
    # Vowel signs of Devanagari and Thai are marks (M). A rare character of a name may be newer than this
    # Python (Cn), or have no code of its own at all (Co).
    return one.isalnum() or unicodedata.category(one) in ("Mn", "Mc", "Me", "Cn", "Co")
