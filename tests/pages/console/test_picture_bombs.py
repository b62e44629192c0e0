"""Pictures that lie about themselves, over HTTP: every door says no in its own words, and none breaks."""

import struct
import zlib
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.api.caller import Till
from tests.pages.console.test_desk import at, begin

pytestmark = pytest.mark.face


def chunk(kind: bytes, body: bytes, length: int | None = None) -> bytes:
    said = len(body) if length is None else length
    return struct.pack(">I", said) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, data: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packed = zlib.compress(data, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, *, components: int = 3, body: bytes = b"") -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, components)
    frame += b"".join(bytes((number, 0x44, 0)) for number in range(1, components + 1))
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame + body + b"\xff\xd9"


@cache
def bombs() -> dict[str, bytes]:
    """Return every picture that lies, by what it claims. Making them takes a while."""
    return {
        "png that claims 60000x60000": png(60_000, 60_000),
        "png that claims four thousand million a side": png(2**32 - 1, 2**32 - 1),
        "png of no size": png(0, 0),
        "png whose small file swells to 300 MB": png(640, 480, data=bytes(300_000_000)),
        "png that claims to be small and brings more rows": png(64, 64, data=bytes(64 * 64 * 3000)),
        "png of sixteen bits and a wide row": png(100_000, 1, depth=16, colour=6),
        "png of one pixel a row": png(1, 100_000_000),
        "png whose chunk claims two gigabytes": png(640, 480)[:33] + chunk(b"IDAT", b"x", 0x7FFFFFFF),
        "png whose text swells": png(64, 64)[:-12]
        + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))
        + chunk(b"IEND", b""),
        "jpeg that claims 65500x65500": jpeg(65_500, 65_500),
        "jpeg of no size": jpeg(0, 0),
        "jpeg of 255 components": jpeg(640, 480, components=255),
        "jpeg of ten thousand empty scans": jpeg(
            640, 480, body=b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 10_000
        ),
        "jpeg of half a million markers": b"\xff\xd8" + b"\xff\xfe\x00\x02" * 90_000,
        "gif that claims 65535x65535": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(10),
        "bmp that claims two thousand million a side": b"BM"
        + bytes(16)
        + struct.pack("<ii", 2**31 - 1, 2**31 - 1),
        "tiff that points at itself": b"II*\0\x08\0\0\0"
        b"\x01\0" + struct.pack("<HHII", 256, 4, 1, 2**31) + b"\x08\0\0\0",
        "webp of 16383 a side": b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\x2f\xff\xff\xff\xff" + bytes(9),
        "page": b"<svg xmlns='http://www.w3.org/2000/svg' width='99999' height='99999'/>",
    }


def test_every_picture_that_lies_is_refused_at_the_desks_upload_and_camera(cast: Any, office: Client) -> None:
    capture = begin(cast, office)
    for name, bomb in bombs().items():
        pictures = {"pictures": [SimpleUploadedFile("photo.jpg", bomb, "image/jpeg")]}
        answer = office.post(at("upload", capture), pictures, follow=True)
        assert answer.status_code == 200, name
        assert ": Good picture<" not in answer.content.decode(), name
        if len(bomb) <= 400_000:
            shown = office.post(at("frame", capture), bomb, content_type="image/jpeg")
            assert (shown.status_code, shown.json()["good"]) == (200, 0), name


def test_every_picture_that_lies_is_refused_as_a_frame_and_paying_goes_on(cast: Any) -> None:
    till = Till(cast, cast.till)
    for name, bomb in bombs().items():
        basket = till.basket(cast)
        session = till.post(f"/baskets/{basket['id']}/sessions").json()
        answer = till.client.post(
            f"/api/v1/sessions/{session['id']}/frames",
            bomb,
            content_type="image/jpeg",
            headers=till.headers(uuid4().hex),
        )
        # What swells beyond its stated size is read up to that size, and shows nobody.
        nobody = answer.status_code == 200 and answer.json()["hint"] == "no_face"
        assert nobody or answer.status_code in (413, 422), (name, answer.content)
        till.post(f"/baskets/{basket['id']}/cancel")
    basket = till.basket(cast)
    till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
    assert till.post(f"/baskets/{basket['id']}/confirm").json()["receipt_number"] == 1
