"""The square on a card's page, read back from the page as a printer draws it."""

import pypdfium2

from willing.documents.card_paper import (
    HEIGHT_MM,
    MARGIN_MM,
    PADDING_MM,
    SQUARE_MM,
    TOP_MM,
    WIDTH_MM,
)

DOTS_A_MM = 10


def square_in(pdf: bytes) -> list[list[int]]:
    """Return the modules of the square on a card's page, row by row."""
    paper = pypdfium2.PdfDocument(pdf)
    try:
        page = paper[0].render(scale=DOTS_A_MM * 25.4 / 72).to_pil().convert("L")
    finally:
        paper.close()
    left = MARGIN_MM + WIDTH_MM - PADDING_MM - SQUARE_MM
    top = MARGIN_MM + TOP_MM + (HEIGHT_MM - SQUARE_MM) / 2
    area = (left, top, left + SQUARE_MM, top + SQUARE_MM)
    picture = page.crop(tuple(round(one * DOTS_A_MM) for one in area))
    dark = [[picture.getpixel((x, y)) < 128 for x in range(picture.width)] for y in range(picture.height)]
    # The upper left mark is seven modules wide, on the square's edge.
    edge = next(number for number, is_dark in enumerate(dark[2]) if not is_dark)
    size = round(picture.width / (edge / 7))
    step = picture.width / size
    places = [int((number + 0.5) * step) for number in range(size)]
    return [[int(dark[y][x]) for x in places] for y in places]


def read_square(pdf: bytes) -> str:
    """Return what the square on a page says, as a reader does. Needs OpenCV, which the engine brings.

    Its older detector reads nothing in one of fifty squares.
    """
    import cv2
    import numpy as np

    modules = np.pad(np.array(square_in(pdf), np.uint8), 4)
    picture = np.kron(255 * (1 - modules), np.ones((8, 8), np.uint8))
    said, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(picture)
    return str(said)


def read_squares(pdf: bytes) -> list[str]:
    """Return what the squares on sheets of cards say, as a reader does. Needs OpenCV, too."""
    import cv2
    import numpy as np

    said: list[str] = []
    paper = pypdfium2.PdfDocument(pdf)
    try:
        for page in paper:
            picture = np.array(page.render(scale=DOTS_A_MM * 25.4 / 72).to_pil().convert("L"))
            _, texts, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(picture)
            said += [one for one in texts if one]
    finally:
        paper.close()
    return said
