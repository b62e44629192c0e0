"""On which paper a school prints. Pure."""

from enum import StrEnum


class SheetSize(StrEnum):
    """A sheet, by Typst's name of it."""

    A4 = "a4"
    US_LETTER = "us-letter"

    @property
    def size_mm(self) -> tuple[float, float]:
        """How wide and how tall it is."""
        return (210, 297) if self is SheetSize.A4 else (215.9, 279.4)


# Where US Letter is what printers hold: Unicode CLDR, supplemental data, measurementData/paperSize.
LETTER_COUNTRIES = frozenset(
    ("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE")
)


def sheet_in(country: str) -> SheetSize:
    """Return the sheet that printers hold in a country."""
    return SheetSize.US_LETTER if country in LETTER_COUNTRIES else SheetSize.A4
