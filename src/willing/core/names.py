"""Names as people type them: without accents, in any case, with whatever apostrophe their keyboard has."""

import unicodedata


def fold_name(text: str) -> str:
    """Return what is left of a name when case, accents, spaces and punctuation do not count.

    For comparing only: "Zoe O'Brien" and "ZOË O’BRIEN" are the same, "Zoe" and "Zoey" are not.
    """
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in unicodedata.normalize("NFKD", apart) if one.isalnum())
