"""Bodies: whole where they may be, dropped where they are too large, cut off where they are slow."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from willing.config.admissions import Admissions
from willing.config.body_limit import Allowance, Body, BodyReader, BodyRefused, ClientGone
from willing.config.server_limits import BODY_BYTES_MAX, ServerLimits

LARGE = 3 * BODY_BYTES_MAX
FAR_TOO_LARGE = 4 * LARGE


class Client:
    """Sends a body in pieces; a piece of None is a client that says no more, an end one that hangs up."""

    def __init__(self, pieces: list[bytes | None], *, hangs_up: bool = False) -> None:
        self.pieces, self.hangs_up, self.taken = list(pieces), hangs_up, 0

    async def receive(self) -> Mapping[str, Any]:
        if not self.pieces:
            assert self.hangs_up, "more was read than there is"
            return {"type": "http.disconnect"}
        piece = self.pieces.pop(0)
        if piece is None:
            await asyncio.Event().wait()
        self.taken += 1
        more = bool(self.pieces) or self.hangs_up
        return {"type": "http.request", "body": piece, "more_body": more}


def read(
    client: Client,
    *,
    announced: bytes | None = None,
    allowance: Allowance | None = None,
    limits: ServerLimits | None = None,
) -> tuple[Body, Admissions, list[str]]:
    """Read what a client sends. Return it, who is admitted, and how often the caller was looked up."""
    asked: list[str] = []
    admissions = Admissions(limits or ServerLimits())

    async def allow() -> Allowance:
        asked.append("asked")
        return allowance or Allowance(BODY_BYTES_MAX)

    headers = [(b"content-length", announced)] if announced is not None else []
    reader = BodyReader(client.receive, admissions, allow, FAR_TOO_LARGE)
    try:
        return asyncio.run(reader.read(headers)), admissions, asked
    finally:
        held = admissions.buffered_bytes
        reader.release()
        assert admissions.buffered_bytes == 0
        admissions.buffered_bytes = held


@pytest.mark.parametrize("pieces", [[b""], [b"x" * BODY_BYTES_MAX], [b"x" * 400, b"y" * 600]])
def test_a_body_within_the_limit_arrives_whole_and_nobody_is_looked_up(pieces: list[bytes | None]) -> None:
    body, admissions, asked = read(Client(pieces))
    whole = b"".join(piece or b"" for piece in pieces)
    assert (body, admissions.buffered_bytes, asked) == (Body(whole), len(whole), [])


def test_a_page_that_takes_more_gets_it_from_a_caller_who_is_known() -> None:
    client = Client([b"x" * BODY_BYTES_MAX, b"y" * BODY_BYTES_MAX, b"z" * BODY_BYTES_MAX])
    body, _admissions, asked = read(client, allowance=Allowance(LARGE))
    assert (len(body.content), body.refused, asked) == (LARGE, 0, ["asked"])


def test_a_body_that_is_too_large_is_taken_in_and_dropped() -> None:
    """A browser that is still sending would hear of a broken connection, not of what is wrong."""
    client = Client([b"x" * BODY_BYTES_MAX, b"y" * BODY_BYTES_MAX, b"z"])
    body, admissions, _asked = read(client, announced=b"%d" % (2 * BODY_BYTES_MAX + 1))
    assert (body, client.taken, admissions.buffered_bytes) == (Body(b"", 413), 3, 0)


def test_a_caller_who_is_not_known_is_told_so_and_not_that_it_is_too_large() -> None:
    body, _admissions, _asked = read(Client([b"x" * LARGE]), allowance=Allowance(BODY_BYTES_MAX, status=401))
    assert body == Body(b"", 401)


def test_a_body_that_comes_in_pieces_is_counted_whatever_was_announced() -> None:
    for announced in (None, b"10"):
        body, _admissions, _asked = read(Client([b"x" * BODY_BYTES_MAX, b"y"]), announced=announced)
        assert body.refused == 413


def test_a_body_that_announces_far_too_much_is_refused_unread() -> None:
    client = Client([b"x"])
    with pytest.raises(BodyRefused) as refused:
        read(client, announced=b"%d" % (FAR_TOO_LARGE + 1))
    assert (refused.value.status, client.taken) == (413, 0)


@pytest.mark.parametrize("announced", [b"-1", b"1e3", b""])
def test_a_length_that_is_no_number_is_refused(announced: bytes) -> None:
    with pytest.raises(BodyRefused) as refused:
        read(Client([b"x"]), announced=announced)
    assert refused.value.status == 413


def test_a_body_that_goes_on_and_on_is_cut_off() -> None:
    client = Client([b"x" * LARGE] * 9)
    with pytest.raises(BodyRefused) as refused:
        read(client)
    assert (refused.value.status, client.taken) == (413, 5)


def test_a_body_that_does_not_come_in_time_is_refused() -> None:
    with pytest.raises(BodyRefused) as refused:
        read(Client([b"x", None]), limits=ServerLimits(body_seconds_max=0.05))
    assert refused.value.status == 408


def test_a_client_that_hangs_up_is_not_answered() -> None:
    with pytest.raises(ClientGone):
        read(Client([b"x"], hangs_up=True))


def test_what_all_clients_together_make_this_computer_hold_is_bounded() -> None:
    client = Client([b"x" * 600, b"y" * 600])
    body, admissions, _asked = read(client, limits=ServerLimits(buffered_bytes_max=1000))
    assert (body, client.taken, admissions.buffered_bytes) == (Body(b"", 503), 2, 0)
