"""Turn bytes into upright BGR pixels, with every bound checked before anything is allocated.

A picture comes from outside, so it is an attack until shown otherwise. The header is read by the few lines
below, which allocate nothing; only a file whose own header asks for an acceptable number of pixels, in one
of the formats a camera or phone writes, ever reaches OpenCV's decoders.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np

from willing.face.errors import ImageTooLarge, PhoneFormat, UnreadableImage, WrongArray
from willing.face.types import Pixels

# A progressive 4:4:4 JPEG needs 6 bytes a pixel for its coefficients and a 16-bit RGBA PNG 8, beside the
# 3 of the result: at 24 megapixels both stay under 300 MB (tests/face/pipeline/test_images.py measures it).
PIXELS_MAX = 24_000_000
# A phone calls 4284x5712 "24 megapixels"; a JPEG that large is decoded at a quarter of its side.
JPEG_PIXELS_MAX = 26_000_000
SIDE_MAX = 16_384
BYTES_MAX = 32 * 1024 * 1024
# No face is searched for beyond this: larger JPEGs are decoded at 1/2, 1/4 or 1/8, which costs less too.
SIDE_DECODED_MAX = 2_400

_JPEG_END = b"\xff\xd9"
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


# The first brand of an ISO base media file that holds a still picture (ISO/IEC 23008-12, AVIF 1.1).
_PHONE_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself: its format's name and its size in pixels before any rotation."""

    format: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright pixels, (H, W, 3) uint8 BGR, and how many pixels of the original one of them stands for."""

    pixels: Pixels
    scale: int = 1


def read_header(data: bytes) -> Header:
    """Return format and size of a JPEG, PNG, GIF, WebP or BMP file from its header alone.

    Raises UnreadableImage on anything else, PhoneFormat on HEIC and AVIF, and where the header is cut short.
    """
    if data[4:8] == b"ftyp" and data[8:12] in _PHONE_BRANDS:
        raise PhoneFormat("a HEIC or AVIF file")
    try:
        for signature, reader in _READERS:
            if data.startswith(signature):
                return reader(data)
    except (struct.error, IndexError):
        raise UnreadableImage("the file ends inside its header") from None
    raise UnreadableImage("not a JPEG, PNG, GIF, WebP or BMP file")


def decode(data: bytes) -> Picture:
    """Return the upright pixels of an encoded picture; of an animation, its first frame.

    EXIF rotation is applied; grey, CMYK, 16-bit and transparent pictures become 8-bit BGR. A JPEG cut short
    gives what was there, the rest grey. Raises UnreadableImage and ImageTooLarge.
    """
    if len(data) > BYTES_MAX:
        raise ImageTooLarge(f"{len(data)} bytes; at most {BYTES_MAX} are read")
    header = read_header(data)
    _require_bounds(header)
    scale = _reduction(header)
    if header.format == "JPEG" and not data.endswith(_JPEG_END):
        # OpenCV 5 gives nothing for a JPEG whose end is missing; with an end put to it, what is there.
        data += _JPEG_END
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[scale])
    except cv2.error:
        # OpenCV's text may name its own source files; ours says what matters to the caller.
        raise UnreadableImage(f"the {header.format} file cannot be decoded") from None
    if pixels is None or pixels.ndim != 3 or min(pixels.shape[:2]) < 1:
        raise UnreadableImage(f"the {header.format} file cannot be decoded")
    return Picture(np.asarray(pixels, np.uint8), scale)


def from_array(pixels: object) -> Picture:
    """Return a BGR uint8 (H, W, 3) array as a picture, without a copy where it is contiguous.

    Raises WrongArray on another type or shape, ImageTooLarge beyond the bounds for files.
    """
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        raise WrongArray("an image is bytes or a uint8 array")
    if pixels.ndim != 3 or pixels.shape[2] != 3 or min(pixels.shape[:2]) < 1:
        raise WrongArray(f"an image array is (H, W, 3) BGR, not {pixels.shape}")
    _require_bounds(Header("array", pixels.shape[1], pixels.shape[0]))
    return Picture(np.ascontiguousarray(pixels))


def load(image: bytes | Pixels) -> Picture:
    """Return encoded bytes or a BGR array as a picture. Raises as `decode` and `from_array` do."""
    if isinstance(image, (bytes, bytearray, memoryview)):
        return decode(bytes(image))
    return from_array(image)


def _require_bounds(header: Header) -> None:
    width, height = header.width_px, header.height_px
    if width < 1 or height < 1:
        raise UnreadableImage(f"the {header.format} header gives a size of {width}x{height}")
    pixels_max = JPEG_PIXELS_MAX if header.format == "JPEG" else PIXELS_MAX
    if width > SIDE_MAX or height > SIDE_MAX or width * height > pixels_max:
        raise ImageTooLarge(
            f"{width}x{height} pixels; at most {pixels_max} with sides to {SIDE_MAX} are read"
        )


def _reduction(header: Header) -> int:
    if header.format != "JPEG":
        return 1
    scale = 1
    while scale < 8 and max(header.width_px, header.height_px) > SIDE_DECODED_MAX * scale:
        scale *= 2
    return scale


# Markers that start a JPEG frame header: SOF0-15 without DHT (C4), JPG (C8) and DAC (CC).
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


def _jpeg(data: bytes) -> Header:
    at = 2
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise UnreadableImage("a JPEG file without a frame header")
        marker = data[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Header("JPEG", width, height)
        if marker in (0xD9, 0xDA):
            raise UnreadableImage("a JPEG file whose picture starts before its frame header")
        if marker in {255, 0} or marker in _JPEG_BARE:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])


def _png(data: bytes) -> Header:
    if data[12:16] != b"IHDR":
        raise UnreadableImage("a PNG file that does not start with its header")
    # OpenCV 5 takes as much memory as a chunk says it is long, 4 GB if it likes, before it reads one byte.
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        at += 12 + struct.unpack_from(">I", data, at)[0]
        if at > len(data) or data[at + 4 : at + 8] == b"IHDR":
            raise UnreadableImage("a PNG file whose chunks do not fit into it")
    return Header("PNG", *struct.unpack_from(">II", data, 16))


def _gif(data: bytes) -> Header:
    return Header("GIF", *struct.unpack_from("<HH", data, 6))


def _bmp(data: bytes) -> Header:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        return Header("BMP", *struct.unpack_from("<HH", data, 18))
    width, height = struct.unpack_from("<ii", data, 18)
    return Header("BMP", abs(width), abs(height))


def _webp(data: bytes) -> Header:
    kind = data[12:16]
    if data[8:12] != b"WEBP":
        raise UnreadableImage("a RIFF file that is not WebP")
    if kind == b"VP8X":
        parts = struct.unpack_from("<HBHB", data, 24)
        return Header("WebP", 1 + parts[0] + (parts[1] << 16), 1 + parts[2] + (parts[3] << 16))
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return Header("WebP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WebP", width & 0x3FFF, height & 0x3FFF)
    raise UnreadableImage("a WebP file of an unknown kind")


_READERS = (
    (b"\xff\xd8", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
    (b"BM", _bmp),
)
