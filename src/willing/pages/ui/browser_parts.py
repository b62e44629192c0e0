"""Which of other people's browser code is there: npm fetches it at the build (browser_parts.toml)."""

from django.contrib.staticfiles import finders

# What draws and reads QR codes.
QR = ("ui/parts/qr/index.js", "ui/parts/qr/decode.js")


def has_codes() -> bool:
    """Say whether the part that draws and reads QR codes is there."""
    return all(finders.find(one) for one in QR)
