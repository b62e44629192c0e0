"""Usernames: one that differs from another only in how it is written is the same one."""

import unicodedata


def fold_username(text: str) -> str:
    """Return a username without what nobody can tell apart: case, and forms that Unicode calls compatible.

    For comparing only: "Cashier", "cashier" and the same in full width are one; "zoe" and "zoë" are two.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)  # folding may take a character out of its normal form
