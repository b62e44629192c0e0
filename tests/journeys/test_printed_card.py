"""A printed card's share is on the paper, and in no memory, file or log of the school's computer."""

import base64
import re
from pathlib import Path
from uuid import UUID

import pytest
from tests.journeys.conftest import OpenTill
from tests.journeys.test_card_shares import files_with, spelled
from tests.journeys.test_reader import sign_in
from tests.support.browser import Books
from tests.support.squares import read_square

from willing.credentials.shares import read_card_text

PRINT = """async () => {
  const form = document.querySelector('form[action$="/card/"]');
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return [answer.status, answer.headers.get("cache-control"), Array.from(bytes)];
}"""


def memory_with(process_id: int, forms: list[bytes]) -> list[str]:
    """Return which of the forms a process has in its memory, by the number of each.

    What it only reads of a file, such as a library's code, is as the file is: nothing it was told is there.
    """
    held = set()
    regions = Path(f"/proc/{process_id}/maps").read_text().splitlines()
    with Path(f"/proc/{process_id}/mem").open("rb", buffering=0) as memory:
        for line in regions:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r(.)", line)
            if not found or "[v" in line or (found[3] == "-" and "/" in line):
                continue
            start, end = int(found[1], 16), int(found[2], 16)
            memory.seek(start)
            try:
                content = memory.read(end - start)
            except OSError:  # a mapping of a device, or gone meanwhile
                continue
            held |= {str(number) for number, form in enumerate(forms) if form in content}
    return sorted(held)


def forms_of(share: bytes) -> list[bytes]:
    """Return how a share may lie in memory, a file or an answer."""
    written = [*(one.encode() for one in spelled(share)), share.hex().upper().encode()]
    return [share, base64.b32encode(share).rstrip(b"="), *written]


@pytest.mark.face
def test_the_share_of_a_printed_card_is_on_the_paper_and_nowhere_else(
    open_till: OpenTill, books: Books
) -> None:
    till = open_till(paired=False)
    sign_in(till, "office_session")
    pupil = till.cast["pays_by_card"]["id"]
    till.page.goto(f"{till.server.address}/staff/people/{UUID(pupil)}/")
    status, kept, content = till.page.evaluate(PRINT)
    assert (status, kept) == (200, "no-store")
    printed = read_card_text(read_square(bytes(content)))
    assert printed is not None
    process = till.server.process
    assert process is not None
    forms = forms_of(printed.share)
    assert memory_with(process.pid, [printed.code.encode()]) == ["0"], (
        "the memory that was read is the server's"
    )
    assert memory_with(process.pid, forms) == []
    assert files_with(till.server.home, printed.share) == []
    [(cards,)] = books.rows("SELECT COUNT(*) FROM credentials_card WHERE person_id = ?", pupil)
    assert cards == 2
    assert till.page.evaluate(PRINT)[0] == 409
