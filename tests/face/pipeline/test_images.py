"""Whatever bytes come: a picture or a typed error, and never more memory than the bounds allow."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from willing.face import Engine, ImageTooLarge, PhoneFormat, UnreadableImage, WrongArray
from willing.face.pipeline.images import PIXELS_MAX, decode, load, read_header


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def portrait(read: Callable[[str], bytes]) -> Image.Image:
    return Image.open(io.BytesIO(read("person_b_2"))).convert("RGB")


VARIANTS: dict[str, Callable[[Image.Image], bytes]] = {
    "cmyk_jpeg": lambda image: encoded(image.convert("CMYK"), "JPEG", quality=92),
    "progressive_jpeg": lambda image: encoded(image, "JPEG", progressive=True, quality=92),
    "grey_jpeg": lambda image: encoded(image.convert("L"), "JPEG", quality=92),
    "grey_png": lambda image: encoded(image.convert("L"), "PNG"),
    "alpha_png": lambda image: encoded(image.convert("RGBA"), "PNG"),
    "grey_alpha_png": lambda image: encoded(image.convert("LA"), "PNG"),
    "palette_png": lambda image: encoded(image.convert("P"), "PNG"),
    "webp": lambda image: encoded(image, "WEBP", quality=92),
    "lossless_webp": lambda image: encoded(image, "WEBP", lossless=True),
    "alpha_webp": lambda image: encoded(image.convert("RGBA"), "WEBP"),
    "bmp": lambda image: encoded(image, "BMP"),
    "gif": lambda image: encoded(image, "GIF"),
    "animated_gif": lambda image: encoded(
        image, "GIF", save_all=True, append_images=[Image.new("RGB", image.size)], duration=50
    ),
    "animated_webp": lambda image: encoded(
        image, "WEBP", save_all=True, append_images=[Image.new("RGB", image.size)], duration=50
    ),
    "animated_png": lambda image: encoded(
        image, "PNG", save_all=True, append_images=[Image.new("RGB", image.size)], duration=50
    ),
}


def png16(image: Image.Image) -> bytes:
    """Return a 16-bit RGB PNG, which Pillow cannot write, made by hand."""
    rows = (np.asarray(image).astype(">u2") * 257).astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 1)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", [*VARIANTS, "png16"])
def test_every_kind_of_file_shows_the_same_person(
    kind: str, portrait: Image.Image, engine: Engine, face: Callable[..., object]
) -> None:
    data = png16(portrait) if kind == "png16" else VARIANTS[kind](portrait)
    assert (read_header(data).width_px, read_header(data).height_px) == portrait.size
    found = engine.analyse(data)
    assert len(found) == 1
    known = face("person_b_2").template.vector  # type: ignore[attr-defined]
    assert float(found[0].template.vector @ known) > 0.85


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_honoured(orientation: int, portrait: Image.Image, engine: Engine) -> None:
    turns = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turn = turns[orientation]
    stored = portrait if turn is None else portrait.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    shown = decode(encoded(stored, "JPEG", quality=95, exif=exif.tobytes())).pixels
    assert shown.shape[:2] == (portrait.height, portrait.width)
    upright = np.asarray(portrait)[:, :, ::-1].astype(int)
    assert np.abs(shown.astype(int) - upright).mean() < 4
    assert len(engine.analyse(shown)) == 1


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def jpeg_header(width: int, height: int) -> bytes:
    frame = struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8\xff\xc0" + frame + b"\xff\xd9"


PNG_END = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
HUGE = {
    "png": png_header(20_000, 20_000) + PNG_END,
    "jpeg": jpeg_header(20_000, 20_000),
    "gif": b"GIF89a" + struct.pack("<HH", 20_000, 20_000) + bytes(20),
    "bmp": b"BM" + bytes(12) + struct.pack("<Iii", 40, 20_000, -20_000) + bytes(40),
    "webp": b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + (19_999).to_bytes(3, "little") * 2 + bytes(20),
    "wide": png_header(2**31 - 1, 1) + PNG_END,
}


@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_picture_is_refused_from_its_header(kind: str) -> None:
    with pytest.raises(ImageTooLarge):
        load(HUGE[kind])


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"hello", b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF", b"BM",
     b"%PDF-1.7", b"<svg/>", b"\xff\xd8\xff\xd9", b"\xff" * 5000, b"\xff\xd8" + b"\xff" * 5000,
     png_header(0, 10), jpeg_header(0, 0), png_header(16, 16), jpeg_header(64, 64)],
    ids=lambda data: f"{len(data)}-{data[:4].hex()}",
)  # fmt: skip
def test_what_is_no_picture_is_a_typed_error(data: bytes) -> None:
    with pytest.raises(UnreadableImage) as caught:
        load(data)
    assert caught.value.code == "unreadable_image"


def test_a_png_chunk_that_claims_gigabytes_is_refused_before_anything_is_allocated() -> None:
    bomb = png_header(64, 64) + struct.pack(">I", 0xFF000000) + b"IDAT" + bytes(500)
    with pytest.raises(UnreadableImage, match="chunks"):
        load(bomb)


def test_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(ImageTooLarge):
        load(b"\xff\xd8" + bytes(33 * 1024 * 1024))


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8),
     np.zeros((4, 4, 3), np.float32), "text", None],
    ids=["grey", "bgra", "empty", "float", "text", "none"],
)  # fmt: skip
def test_a_wrong_array_is_a_typed_error(array: Any, engine: Engine) -> None:
    with pytest.raises(WrongArray):
        engine.analyse(array)


def test_one_pixel_has_no_face(engine: Engine) -> None:
    assert engine.analyse(np.zeros((1, 1, 3), np.uint8)) == []
    assert engine.analyse(np.zeros((1, 3000, 3), np.uint8)) == []


def test_an_array_is_never_written_to(engine: Engine, read: Callable[[str], bytes]) -> None:
    pixels = decode(read("obama2")).pixels
    before = pixels.copy()
    pixels.setflags(write=False)
    engine.analyse(pixels)
    assert np.array_equal(pixels, before)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_a_jpeg_cut_short_gives_a_result_or_a_typed_error(
    share: float, engine: Engine, read: Callable[[str], bytes]
) -> None:
    data = read("obama2")
    found = engine.analyse(data[: int(len(data) * share)])
    assert len(found) == (1 if share > 0.9 else len(found)) <= 1


def test_a_jpeg_cut_inside_its_header_is_a_typed_error(engine: Engine, read: Callable[[str], bytes]) -> None:
    with pytest.raises(UnreadableImage):
        engine.analyse(read("obama2")[:150])


def test_a_large_jpeg_is_searched_at_a_fraction_and_answers_in_its_own_pixels(
    engine: Engine, portrait: Image.Image
) -> None:
    factor = 3600 / portrait.width
    large = encoded(portrait.resize((3600, round(portrait.height * factor))), "JPEG", quality=85)
    assert decode(large).scale == 2
    small = engine.analyse(encoded(portrait, "JPEG", quality=95))[0]
    found = engine.analyse(large)[0]
    assert np.allclose(found.box_px, np.array(small.box_px) * factor, atol=0.02 * 3600)
    assert found.quality.inter_eye_px > 4 * small.quality.inter_eye_px


MEASURE = """
import resource, sys
from willing.face.pipeline.images import load
from willing.face.errors import FaceError
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load(sys.stdin.buffer.read())
except FaceError:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) // 1024)
"""


def test_the_largest_picture_that_is_accepted_stays_under_300_megabytes() -> None:
    side = int(PIXELS_MAX**0.5) - 4
    noise = Image.effect_noise((side // 8, side // 8), 40).resize((side, side)).convert("RGB")
    data = encoded(noise, "JPEG", progressive=True, subsampling=0, quality=60)
    run = subprocess.run([sys.executable, "-c", MEASURE], input=data, capture_output=True, check=True)
    assert int(run.stdout) < 300


@pytest.mark.parametrize("size", [(4284, 5712), (5712, 4284), (4032, 6048)])
def test_a_phones_photograph_of_24_megapixels_is_read_at_a_quarter_of_its_side(size: tuple[int, int]) -> None:
    width, height = size
    grey = np.full((height, width, 3), 128, np.uint8)
    coded, data = cv2.imencode(".jpg", grey)
    assert coded
    picture = decode(data.tobytes())
    assert picture.scale == 4
    assert picture.pixels.shape[:2] == (-(-height // 4), -(-width // 4))


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif", b"hevc"])
def test_what_phones_keep_is_told_from_what_is_no_picture(brand: bytes) -> None:
    data = struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"mif1" + brand + bytes(100)
    with pytest.raises(PhoneFormat) as caught:
        load(data)
    assert caught.value.code == "phone_format"


def test_a_film_is_no_photograph_of_a_phone() -> None:
    with pytest.raises(UnreadableImage) as caught:
        load(struct.pack(">I", 24) + b"ftypisom" + bytes(100))
    assert caught.value.code == "unreadable_image"
