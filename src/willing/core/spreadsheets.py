"""Text in files that a spreadsheet opens."""

# A spreadsheet runs a cell that begins with one of these.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe goes before what it would run."""
    return f"'{cell}" if cell.lstrip("'").startswith(_LIVE) else cell


def from_text(cell: str) -> str:
    """Return a cell as it was before `as_text`."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_LIVE) else cell
