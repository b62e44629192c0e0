"""A template under two halves of a key opens with both, for its own owner, and with nothing less."""

import numpy as np
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from willing.face.card_seal import CARD_SHARE_BYTES, Halves, open_with_card, seal_with_card
from willing.face.errors import BadSecret, SealBroken, WrongArray
from willing.face.protect import SealContext, open_sealed, seal

ROWS = np.random.default_rng(14).normal(size=(3, 128)).astype(np.float32)
MINE = SealContext(person="ada:1", school="hill", model="sface", version=2)
SERVER, CARD = bytes(range(32)), bytes(range(16))
HALVES = Halves(SERVER, CARD)
BYTES_32, BYTES_16 = st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16)


def test_both_halves_open_what_both_have_sealed() -> None:
    sealed = seal_with_card(ROWS, HALVES, MINE)
    assert np.array_equal(open_with_card(sealed, HALVES, MINE), ROWS)
    assert seal_with_card(ROWS, HALVES, MINE) != sealed  # another nonce


def test_the_key_is_hkdf_of_both_halves_and_the_context() -> None:
    info = b"willing.face card-held template v1" + MINE.associated_data()
    assert HALVES.key_for(MINE) == HKDF(SHA256(), 32, None, info).derive(SERVER + CARD)
    assert open_sealed(seal_with_card(ROWS, HALVES, MINE), HALVES.key_for(MINE), MINE).shape == (3, 128)


@given(BYTES_32, BYTES_16)
def test_other_halves_open_nothing(server: bytes, card: bytes) -> None:
    sealed = seal_with_card(ROWS, HALVES, MINE)
    for halves in (Halves(server, CARD), Halves(SERVER, card), Halves(server, card)):
        if (halves.server, halves.card) != (SERVER, CARD):
            with pytest.raises(SealBroken):
                open_with_card(sealed, halves, MINE)


def test_two_pupils_cards_that_are_swapped_open_neither() -> None:
    theirs = SealContext(person="ben:2", school="hill", model="sface", version=2)
    others = Halves(SERVER[::-1], CARD[::-1])
    mine, ours = seal_with_card(ROWS, HALVES, MINE), seal_with_card(ROWS, others, theirs)
    for sealed, halves, context in (
        (mine, Halves(SERVER, others.card), MINE),
        (ours, Halves(others.server, CARD), theirs),
        (mine, HALVES, theirs),
        (ours, others, MINE),
    ):
        with pytest.raises(SealBroken):
            open_with_card(sealed, halves, context)


@pytest.mark.parametrize(
    "changed",
    [{"person": "ada:2"}, {"school": "dale"}, {"model": "other"}, {"version": 1}, {"rotation": "r"}],
)
def test_an_older_issue_another_school_s_or_model_s_is_not_taken_for_this_one(changed: dict) -> None:
    before = SealContext(**{**{name: getattr(MINE, name) for name in SealContext.__slots__}, **changed})
    sealed = seal_with_card(ROWS, HALVES, before)
    assert np.array_equal(open_with_card(sealed, HALVES, before), ROWS)
    with pytest.raises(SealBroken):
        open_with_card(sealed, HALVES, MINE)


@given(st.data())
def test_a_seal_with_one_bit_changed_or_a_byte_missing_opens_nothing(data: st.DataObject) -> None:
    sealed = seal_with_card(ROWS, HALVES, MINE)
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    flipped = bytearray(sealed)
    flipped[at // 8] ^= 1 << at % 8
    for broken in (bytes(flipped), sealed[: at // 8]):
        with pytest.raises(SealBroken):
            open_with_card(broken, HALVES, MINE)


def test_neither_the_server_s_half_alone_nor_a_central_seal_passes_for_a_card_held_one() -> None:
    with pytest.raises(SealBroken):
        open_sealed(seal_with_card(ROWS, HALVES, MINE), SERVER, MINE)
    with pytest.raises(SealBroken):
        open_with_card(seal(ROWS, SERVER, MINE), HALVES, MINE)


@pytest.mark.parametrize(("server", "card"), [(31, 16), (33, 16), (32, 15), (32, 17), (16, 32), (0, 0)])
def test_a_half_that_is_cut_short_or_too_long_is_refused_by_name(server: int, card: int) -> None:
    halves = Halves(bytes(server), bytes(card))
    with pytest.raises(BadSecret, match=str(CARD_SHARE_BYTES)):
        seal_with_card(ROWS, halves, MINE)
    with pytest.raises(BadSecret):
        open_with_card(seal_with_card(ROWS, HALVES, MINE), halves, MINE)


def test_rows_that_are_no_references_are_refused_and_no_half_is_shown() -> None:
    with pytest.raises(WrongArray):
        seal_with_card(ROWS[:, :64], HALVES, MINE)
    assert str(CARD) not in repr(HALVES)
    assert str(SERVER) not in repr(HALVES)
