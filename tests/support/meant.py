"""What a text says on purpose: without what is drawn anew each time, where short names and numbers may be."""

import re

# Ids, then whatever is as long as a token, a digest, a signature or a secret and has a digit in it.
DRAWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{20,}={0,2}"
)


def meant(text: str) -> str:
    """Return a text without ids, tokens, digests and signatures.

    A form's token has 64 letters and digits: a name of three letters is in one of four thousand. Four digits
    are in one of two hundred pages with ten ids.
    """
    return DRAWN.sub("*", text)
