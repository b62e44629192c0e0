"""A list of products is imported row by row; a preview is the import, undone."""

import tomllib
from importlib import resources

import pytest
from click.testing import CliRunner

from willing.audit.models import Entry
from willing.cli import main
from willing.core.errors import Refused
from willing.people.classes import add_class
from willing.people.models import School
from willing.people.places import countries, place_of
from willing.till.menu_cells import FILE_BYTES_MAX, read_table, read_text
from willing.till.menu_import import RowOutcome, import_menu, preview_import
from willing.till.menu_models import Product
from willing.till.products import take_off_menu
from willing.till.starter import add_starter_menu, starter_menu
from willing.till.starter_menus import ANYWHERE, MENUS, menu_of, price_in, read_menu, tax_codes

LIST = """Name;Chinese name;Price;Category;Barcode;Main meal;Staff price;Colour;VAT;Days;Note
Soup;汤;1,50;sides;96385074;no;2,00;green;20%;Mon, Tue;hot
Pasta;意面;2,60;Meals;;yes;;;;;
Juice;;0,90;drink;0 4006381333931;;;;;;
"""


def run(cast, text, **how):
    return import_menu(cast.school, read_table(text), **how)


def outcomes(result):
    return [row.outcome.value for row in result.rows]


def test_rows_are_new_changed_or_as_they_were_and_the_same_list_changes_nothing_more(cast):
    for expected in (["new", "changed", "changed"], ["same", "same", "same"]):
        preview = preview_import(cast.school, read_table(LIST.replace("0 4", "4")))
        result = run(cast, LIST.replace("0 4", "4"), by=cast.user("canteen"))
        assert outcomes(preview) == outcomes(result) == expected
    assert result.ignored == ("Note",)
    made = Product.objects.get(name="Soup")
    assert (made.price_minor, made.colour, made.tax_code, made.weekdays) == (150, "green", "20%", "12")
    assert made.special_prices.get().price_minor == 200
    assert Product.objects.get(name="Juice").name_zh_hans == "", "a column that is there and empty says so"
    pasta = Product.objects.get(name="Pasta")
    assert (pasta.price_minor, pasta.is_main_meal, pasta.barcodes.count()) == (260, True, 0)
    assert Entry.objects.filter(event="menu.imported").count() == 2


def test_a_preview_leaves_no_trace(cast):
    entries = Entry.objects.count()
    preview_import(cast.school, read_table(LIST))
    assert Product.objects.count() == 2
    assert Entry.objects.count() == entries


def test_a_column_that_is_absent_changes_nothing(cast):
    result = run(cast, "商品,价格\nJuice,1.00\n")
    assert outcomes(result) == ["changed"]
    juice = Product.objects.get(name="Juice")
    assert (juice.price_minor, juice.name_zh_hans, juice.barcodes.count()) == (100, "果汁", 1)


def test_a_barcode_finds_the_product_whatever_it_is_called_now(cast):
    run(cast, "name,price,barcode\nOrange juice,0.90,4006381333931\n")
    assert cast.school.products.filter(name="Juice").count() == 0
    assert cast.school.products.get(name="Orange juice").barcodes.count() == 1


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("Bread,-1,side,,", "price_not_valid", None),
        ("Bread,x,side,,", "price_not_valid", None),
        ("Bread,,side,,", "menu_cell_not_valid", "price"),
        ("Bread,1.00,,,", "menu_cell_not_valid", "category"),
        ("Bread,1.00,starters,,", "menu_cell_not_valid", "category"),
        ("Bread,1.00,side,maybe,", "menu_cell_not_valid", "is_main_meal"),
        ("Bread,1.00,side,,4006381333932", "barcode_not_valid", None),
        (f"{'B' * 81},1.00,side,,", "menu_cell_not_valid", "name"),
        (",1.00,side,,", "product_name_missing", None),
        ("Bread,2000,side,,", "price_unusual", None),
    ],
)
def test_a_row_is_refused_by_name_and_the_others_go_on(cast, row, code, column):
    result = run(cast, f"name,price,category,main meal,barcode\n{row}\nMilk,0.70,drink,no,\n")
    refused, fine = result.rows
    assert (refused.outcome, refused.line, refused.refusal.code) == (RowOutcome.REFUSED, 2, code)
    assert refused.refusal.data.get("column") == column
    assert fine.outcome is RowOutcome.NEW
    assert set(Product.objects.values_list("name", flat=True)) == {"Pasta", "Juice", "Milk"}


def test_two_rows_about_one_product_are_not_guessed_at(cast):
    result = run(cast, "name,price,category\nMilk,0.70,drink\n MILK ,0.80,drink\n")
    assert outcomes(result) == ["new", "refused"]
    assert result.rows[1].refusal.code == "menu_row_twice"
    assert Product.objects.get(name="Milk").price_minor == 70


def test_unusual_prices_are_taken_once_somebody_looked_twice(cast):
    text = "name,price,category\nTrip,2000,shop\n"
    assert run(cast, text).has_unusual
    assert outcomes(run(cast, text, takes_high_prices=True)) == ["new"]
    assert outcomes(run(cast, "name,tax\nTrip,20%\n")) == ["changed"], "what was there needs no second look"


def test_a_hidden_product_is_changed_and_stays_hidden(cast):
    take_off_menu(cast.extra)
    run(cast, "name,price\nJuice,1.20\n")
    juice = Product.objects.get(name="Juice")
    assert (juice.price_minor, juice.is_on_sale) == (120, False)


# --- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_unicode_is_read_by_itself(encoding):
    assert "汤" in read_text(LIST.encode(encoding))


def test_a_file_of_excel_is_read_with_its_encoding():
    assert "汤" in read_text(LIST.encode("gb18030"), "gb18030")
    assert "Café" in read_text("Café".encode("cp1252"), "cp1252")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (LIST.encode("gb18030"), "encoding"),
        (b"name\x00", "encoding"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "workbook"),
        (b"\x89PNG\r\n\x1a\n", "document"),
        (b"x" * (FILE_BYTES_MAX + 1), "too_large"),
        (b"", "no_name"),
        (b"what,price\n1,2\n", "no_name"),
        (b'name,price\n"' + b"x" * 140_000, "too_large"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(content, reason):
    with pytest.raises(Refused) as refused:
        read_table(read_text(content))
    assert (refused.value.code, refused.value.data["reason"]) == ("menu_file_not_readable", reason)


# --- the command


def test_the_command_imports_says_what_it_did_and_fails_where_a_row_was_refused(cast, tmp_path):
    file = tmp_path / "menu.csv"
    file.write_text("name,price,category,note\nMilk,0.70,drink,\nBread,x,side,\n", encoding="utf-8")
    tried = CliRunner().invoke(main, ["menu", "import", str(file), "--dry-run"])
    assert (tried.exit_code, Product.objects.count()) == (1, 2)
    done = CliRunner().invoke(main, ["menu", "import", str(file)])
    assert done.exit_code == 1
    assert "line 3: Bread: refused:" in done.output
    assert "1 new, 0 changed, 0 same, 1 refused" in done.output
    assert "left out: note" in done.output
    file.write_bytes(b"PK\x03\x04")
    assert "Please save it as CSV" in CliRunner().invoke(main, ["menu", "import", str(file)]).output


def test_the_command_puts_a_menu_to_begin_with_on_the_menu_once(cast):
    for expected in ("13 new", "0 new"):
        assert expected in CliRunner().invoke(main, ["menu", "starter"]).output
    assert "no such menu" in CliRunner().invoke(main, ["menu", "starter", "--name", "mars"]).output


# --- menus to begin with


@pytest.mark.parametrize("name", MENUS)
def test_every_menu_to_begin_with_is_sold_as_it_stands(cast, name):
    school = School.objects.get()
    assert add_starter_menu(school, name) >= 10
    assert add_starter_menu(school, name) == 0
    assert len(starter_menu(school, name)) >= 11
    assert Product.objects.filter(is_main_meal=True).count() >= 3
    assert not Product.objects.filter(name_zh_hans="").exists()


def test_every_country_that_set_up_offers_has_a_menu_with_prices_in_its_currency():
    for country in countries():
        currency = place_of(country).currency
        assert all(price_in(one, currency) > 0 for one in read_menu(menu_of(country))["product"])
        assert isinstance(tax_codes(country), list)
    assert {menu_of(one) for one in countries()} == set(MENUS)
    assert [menu_of(one) for one in ("DE", "HK", "JE", "PR", "IN")] == ["eu", "china", "uk", "us", ANYWHERE]


def test_the_table_of_countries_names_those_that_exist_once():
    text = (resources.files("willing.till.starter_menus") / "countries.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    named = [country for there in table.values() for country in there]
    assert set(named) <= set(countries())
    assert len(named) == len(set(named))
    assert set(table) | {ANYWHERE} == set(MENUS)


@pytest.mark.parametrize("currency", ["GBP", "EUR", "USD", "CNY", "KRW", "HUF", "KWD", "JPY", "IRR"])
@pytest.mark.parametrize("name", MENUS)
def test_a_menu_to_begin_with_has_prices_of_its_kind_in_any_currency(cast, name, currency):
    School.objects.update(currency=currency)
    prices = [price_in(one, currency) for one in read_menu(name)["product"]]
    assert all(price > 0 for price in prices)
    assert max(prices) < 100 * min(prices)
    add_starter_menu(School.objects.get(), name)


PRICES = (
    "name,price,Pupil price,Staff price,7A Price,Price for 7B,9Z price\nPasta,2.60,2.40,3.00,2.00,1.50,1.00\n"
)


def special_prices():
    return {
        one.kind or one.year_group.name: one.price_minor
        for one in Product.objects.get(name="Pasta").special_prices.select_related("year_group")
    }


def test_a_list_has_prices_for_pupils_staff_and_each_class(cast):
    add_class(cast.school, "7B", by=None)
    for expected in ("changed", "same"):
        result = run(cast, PRICES)
        assert outcomes(result) == [expected]
        assert result.ignored == ("9Z price",), "there is no such class"
    assert special_prices() == {"pupil": 240, "staff": 300, "7A": 200, "7B": 150}
    assert outcomes(run(cast, "name,price,7A价,学生价\nPasta,2.60,,\n")) == ["changed"]
    assert special_prices() == {"staff": 300, "7B": 150}, "an empty cell takes a price away"
    wrong = run(cast, "name,price,7A price\nPasta,2.60,much\n")
    assert wrong.rows[0].refusal.code == "price_not_valid"
