"""The square on a card's page, read back from what the PDF draws."""

import re
import zlib

from willing.documents.card_paper import SQUARE_MM

POINTS_A_MM = 72 / 25.4


def drawing(pdf: bytes) -> str:
    """Return what a page draws, as PDF writes it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return zlib.decompress(streams[0]).decode("latin-1")


def square_in(pdf: bytes) -> list[list[int]]:
    """Return the modules of the square on a page, row by row, from the black boxes that are drawn."""
    boxes = [
        tuple(float(one) for one in found)
        for found in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f", drawing(pdf))
    ]
    left, top = min(box[0] for box in boxes), max(box[1] for box in boxes)
    width = max(box[0] + box[2] for box in boxes) - left
    assert abs(width - SQUARE_MM * POINTS_A_MM) < 0.5
    size = round(width / min(box[2] for box in boxes))
    module = width / size
    rows = [[0] * size for _ in range(size)]
    for x, y, wide, _ in boxes:
        row, start = round((top - y) / module), round((x - left) / module)
        for column in range(start, start + round(wide / module)):
            rows[row][column] = 1
    return rows


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
