"""A card's square: written and read back whatever a reader does to its marks, and never taken for a code."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.card_keys import key_of

from willing.core.codes import CODE_ALPHABET, show_code
from willing.core.errors import Refused
from willing.credentials.cards import find_live_card
from willing.credentials.queries import search_people
from willing.credentials.shares import (
    PLAIN_CHARS_MAX,
    SHARE_BYTES,
    SHARE_LENGTH,
    PrintedCard,
    card_text,
    cut_card_keys,
    cut_card_text,
    decode_share,
    encode_share,
    has_share,
    new_share,
    read_card_text,
)
from willing.terminals.keyboards import KeyboardLayout, Scan, decode

CODES = st.text(CODE_ALPHABET, min_size=12, max_size=12)
SHARES = st.binary(min_size=SHARE_BYTES, max_size=SHARE_BYTES)
CARDS = st.builds(PrintedCard, CODES, SHARES)
ADDRESSES = st.sampled_from(["http://a/c", "https://school.example/c", "https://10.0.0.7:8443/c"])
MARKS = "".join(set(string.punctuation) | set("。：；§ß´ ")) + "\u00e9"


@given(SHARES)
def test_a_share_is_26_characters_and_the_same_again(share: bytes) -> None:
    text = encode_share(share)
    assert len(text) == SHARE_LENGTH
    assert decode_share(text) == share


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "U" * 26, "8" + "0" * 25, "Z" * 26, "o" * 26])
def test_what_no_share_is_written_as_is_none(text: str) -> None:
    assert decode_share(text) is None


@given(CARDS, ADDRESSES)
def test_a_square_is_read_as_it_was_printed_and_no_share_begins_early(
    card: PrintedCard, address: str
) -> None:
    text = card_text(address, card)
    assert read_card_text(text) == card
    assert text.index(encode_share(card.share), len(address)) > PLAIN_CHARS_MAX
    assert has_share(text)


@given(CARDS, ADDRESSES, st.data())
def test_a_reader_may_mangle_or_lose_every_mark_and_put_something_before_and_after(
    card: PrintedCard, address: str, data: st.DataObject
) -> None:
    case = data.draw(st.sampled_from([str.lower, str.upper]))
    text = case(card_text(address, card))
    mangled = "".join(
        one if one.isalnum() else data.draw(st.sampled_from(["", *MARKS]), label=one) for one in text
    )
    typed = "]Q3" + mangled + data.draw(st.sampled_from(["", ".", "\r\n"]))
    assert read_card_text(typed) == card
    assert has_share(typed)


@given(CARDS, ADDRESSES, st.integers(1, SHARE_LENGTH + 13), st.booleans())
def test_a_square_that_is_cut_short_is_none(
    card: PrintedCard, address: str, lost: int, from_its_end: bool
) -> None:
    text = card_text(address, card)
    whole = text[text.index("#") + 1 :]
    cut = text[:-lost] if from_its_end else whole[len("1") + lost :]
    assert read_card_text(cut) is None
    has_all_of_it = encode_share(card.share) in cut
    has_some_of_it = from_its_end and lost < SHARE_LENGTH
    assert has_share(cut) == (has_all_of_it or has_some_of_it)


@given(CODES)
def test_a_code_is_no_square_and_has_no_share(code: str) -> None:
    for text in (code, show_code(code), f"]Q3{code}", f"1.{code}", f"1.{code}."):
        assert read_card_text(text) is None
        assert not has_share(text)


@pytest.mark.parametrize(
    "name", ["Anna Maria Hernandez Fernandez y Bengoechea", "王小明", "Wolfeschlegelsteinhausenbergerdorff"]
)
def test_a_long_name_is_searched_as_a_name(name: str) -> None:
    assert not has_share(name)


def test_a_new_share_is_random_and_shown_nowhere() -> None:
    one, other = new_share(), new_share()
    assert one != other
    assert encode_share(one) not in repr(PrintedCard("7K2M9QXTB4DF", one))
    assert str(one) not in repr(PrintedCard("7K2M9QXTB4DF", one))


@given(CARDS, ADDRESSES, st.sampled_from(["", "q", "]Q3"]), st.sampled_from([*KeyboardLayout][1:]))
def test_a_reader_without_a_page_hands_on_the_code_of_a_card_alone(
    card: PrintedCard, address: str, prefix: str, layout: KeyboardLayout
) -> None:
    text = prefix + card_text(address, card)
    keys = [name for one in text if (name := key_of(one, layout))]
    before = [name for one in prefix if (name := key_of(one, layout))]
    kept = cut_card_keys(keys)
    assert decode(Scan("", kept[len(before) :]), layout).upper() == card.code
    assert list(kept[: len(before)]) == before
    assert cut_card_text(text) == card.code
    assert cut_card_keys(keys[-len(keys) // 2 :]) == ()  # a card of which the beginning was lost
    assert cut_card_text(text[:-9]) == ""


def test_a_reader_without_a_page_hands_on_what_is_no_card_as_it_is() -> None:
    for text in ("", "7K2M9QXTB4DF", show_code("7K2M9QXTB4DF"), "5012345678900"):
        keys = [key_of(one, KeyboardLayout.US) for one in text]
        assert cut_card_keys(keys) == tuple(keys)
        assert cut_card_text(text) == text
    of_a_shop = [key_of(one, KeyboardLayout.US) for one in "https://shop.example/products/of/to-day."]
    assert len(cut_card_keys(of_a_shop)) == PLAIN_CHARS_MAX


def test_no_way_of_finding_a_card_takes_its_share(cast) -> None:
    text = card_text("https://school.example/c", PrintedCard(cast.cards["Carl"], new_share()))
    with pytest.raises(Refused, match="card_share_sent"):
        find_live_card(cast.school, text)
    with pytest.raises(Refused, match="card_share_sent"):
        search_people(cast.school, text, limit=8)
    assert find_live_card(cast.school, cast.cards["Carl"]) is not None
