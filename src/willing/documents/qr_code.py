"""A QR code as a picture for a paper (SVG): one shape, in modules. Without Django: compositors have none."""

import segno


def qr_svg(code: segno.QRCode, marks: str = "", border: int = 0) -> str:
    """Return a code as SVG. marks: shapes on top, in modules; border: modules of white around it."""
    rows = [bytes(row) for row in code.matrix]
    runs = []
    for high, row in enumerate(rows):
        start = 0
        while (start := row.find(1, start)) >= 0:
            end = row.find(0, start) if 0 in row[start:] else len(row)
            # A little over, so that no printer leaves a white line between two rows.
            runs.append(f"M{start} {high}h{end - start}v1.02h-{end - start}z")
            start = end
    box = f"{-border} {-border} {len(rows) + 2 * border} {len(rows) + 2 * border}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><path d="{"".join(runs)}"/>{marks}</svg>'


def qr_text_svg(text: str) -> str:
    """Return a text as a QR code that may lose 15 % of itself, as SVG."""
    return qr_svg(segno.make(text, error="m", micro=False))
