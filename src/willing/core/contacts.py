"""Whom outsiders tell of a weakness: one address, as RFC 9116 wants it."""

from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("mailto:", "https://", "tel:")


def read_contact(text: str) -> str:
    """Return the operator's contact as an address; an e-mail address may be given as it is.

    Raises ImproperlyConfigured for what no security.txt may name.
    """
    said = text.strip()
    if "@" in said and ":" not in said:
        said = f"mailto:{said}"
    is_plain = said.isascii() and said.isprintable() and " " not in said
    if said and not (is_plain and said.startswith(SCHEMES)):
        raise ImproperlyConfigured(
            "WILLING_SECURITY_CONTACT must be an e-mail address, or begin with mailto:, https:// or tel:"
        )
    return said
