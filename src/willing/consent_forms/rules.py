"""What may be kept as a scan. Pure."""

BYTES_MAX = 12 * 1024 * 1024
# How each kind begins. Nothing here is decoded: the bytes are kept as they came and shown by the browser.
_BEGINNINGS = ((b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"))
CONTENT_TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}


def find_kind(scan: bytes) -> str | None:
    """Return pdf, jpeg or png by how the bytes begin, or None for anything else."""
    return next((kind for beginning, kind in _BEGINNINGS if scan.startswith(beginning)), None)
