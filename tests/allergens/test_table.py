"""Which allergens there are, and how they are read."""

import pytest
from django.utils import translation

from willing.allergens.errors import allergen_unknown
from willing.allergens.table import allergens, folded, join, labels, read_words, require_allergen, split
from willing.core.errors import Refused


def test_the_table_has_the_fourteen_of_european_law_and_chinas_eight():
    of = {name: {key for key, one in allergens().items() if name in one.lists} for name in ("eu", "cn")}
    assert len(of["eu"]) == 14
    assert of["cn"] == {"gluten", "crustaceans", "eggs", "fish", "peanuts", "soybeans", "milk", "nuts"}


def test_each_has_a_name_of_its_own_in_both_languages():
    for name in ("en", "zh_hans"):
        assert len({getattr(one, name) for one in allergens().values()}) == len(allergens())


def test_typed_names_of_the_table_are_its_keys_and_other_words_stay():
    assert [read_words(one) for one in ("Milk", " tree  NUTS ", "花生", "Kiwi fruit")] == [
        "milk",
        "nuts",
        "peanuts",
        "=Kiwi fruit",
    ]
    assert folded("=Kiwi  Fruit") == folded("=kiwi fruit") != folded("=kiwi")


@pytest.mark.parametrize("text", ["", " ", "--", "a, b", "x" * 41, "=x"])
def test_what_is_no_word_is_refused(text):
    with pytest.raises(Refused) as refused:
        read_words(text)
    assert refused.value.code == allergen_unknown("").code


@pytest.mark.parametrize("text", ["", "meat", "MILK", "=", "=a,b"])
def test_what_a_form_sends_is_of_the_table_or_words(text):
    with pytest.raises(Refused):
        require_allergen(text)
    assert require_allergen("=Milk") == "milk"


def test_a_column_holds_several_in_the_tables_order():
    column = join(["=kiwi", "milk", "gluten", "milk"])
    assert column == "gluten,milk,=kiwi"
    assert split(column) == ("gluten", "milk", "=kiwi")
    assert split("") == ()
    with translation.override("zh-hans"):
        assert labels(split(column)) == ["含麸质的谷物", "乳", "kiwi"]
