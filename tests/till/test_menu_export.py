"""The menu goes out as a list that the import reads again, in either language."""

from datetime import date

import pytest
from click.testing import CliRunner
from django.utils.translation import override

from willing.cli import main
from willing.people.classes import add_class
from willing.people.models import Person
from willing.till.declarations import NewDeclaration, declare
from willing.till.menu_cells import read_table
from willing.till.menu_export import write_menu
from willing.till.menu_import import RowOutcome, details_of, import_menu
from willing.till.menu_models import Product
from willing.till.menu_rules import Priced, SoldWhen
from willing.till.products import ProductDetails, add_to_menu, take_off_menu


@pytest.fixture
def full(cast):
    """A menu in which every column of the list has something to say."""
    office = cast.user("office").pk
    for_class, called_pupils = (add_class(cast.school, name, by=office).pk for name in ("7C", "pupils"))
    special = (
        Priced(120, Person.Kind.PUPIL), Priced(300, Person.Kind.STAFF), Priced(90, "", for_class),
        Priced(80, "", called_pupils),
    )  # fmt: skip
    when = SoldWhen("135", "12", date(2026, 9, 1), date(2026, 12, 31))
    soup = ProductDetails(
        "Soup, 'hot'; \"spicy\"", 150, "side", "汤", is_main_meal=True,
        barcodes=("96385074", "4006381333948"), special=special, colour="green", tax_code="20%", when=when,
    )  # fmt: skip
    for details in (soup, ProductDetails("=1+1", 0, "shop"), ProductDetails("'=2", 5, "drink", "@水")):
        add_to_menu(cast.school, details)
    return cast.school


def read_back(school, text):
    return import_menu(school, read_table(text))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_menu_goes_out_as_a_list_and_comes_back_unchanged(cast, full, language):
    with override(language):
        text = write_menu(full)
    result = read_back(full, text)
    assert {row.outcome for row in result.rows} == {RowOutcome.SAME}
    assert (len(result.rows), result.ignored) == (5, ())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_deleted_menu_is_as_it_was_once_its_list_is_imported(cast, full, language):
    with override(language):
        text = write_menu(full)
    before = {one.name: details_of(one) for one in Product.objects.all()}
    Product.objects.all().delete()
    assert {row.outcome for row in read_back(full, text).rows} == {RowOutcome.NEW}
    assert {one.name: details_of(one) for one in Product.objects.all()} == before


def test_no_cell_of_it_is_a_formula_for_a_spreadsheet(cast, full):
    cells = [cell for line in write_menu(full).splitlines() for cell in line.split(",")]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_what_was_taken_off_the_menu_is_not_in_it(cast, full):
    take_off_menu(Product.objects.get(name="Juice"))
    assert "Juice" not in write_menu(full)


def test_the_page_and_the_command_give_it(cast, full, tmp_path):
    file = tmp_path / "menu.csv"
    done = CliRunner().invoke(main, ["menu", "export", str(file)])
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == write_menu(full).encode("utf-8-sig")
    done = CliRunner().invoke(main, ["menu", "import", str(file)])
    assert "0 new, 0 changed, 5 same, 0 refused" in done.output


@pytest.mark.parametrize(("row", "column"), [("1.9.2026,", "first_day"), (",31/12/2026", "last_day")])
def test_a_day_of_another_form_is_refused_by_its_column(cast, row, column):
    (found,) = read_back(cast.school, f"name,first day,last day\nJuice,{row}\n").rows
    assert found.refusal.data == {"column": column}


def test_a_week_that_no_menu_has_is_refused(cast):
    (found,) = read_back(cast.school, 'name,menu weeks\nJuice,"1, 10"\n').rows
    assert found.refusal.data == {"column": "menu_weeks"}


def declared_of(product):
    """Return what is declared of a product now."""
    return product.declaration.contains, product.declaration.may_contain


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_is_declared_goes_out_with_the_list_and_comes_back(cast, language):
    declare(cast.meal, NewDeclaration(("milk", "=kiwi"), ("nuts",)), by=None)
    declare(cast.extra, NewDeclaration(), by=None)
    with override(language):
        text = write_menu(cast.school)
    assert {row.outcome for row in read_back(cast.school, text).rows} == {RowOutcome.SAME}
    for product in (cast.meal, cast.extra):
        declare(product, NewDeclaration(("fish",)), by=None)
    assert {row.outcome for row in read_back(cast.school, text).rows} == {RowOutcome.CHANGED}
    assert declared_of(cast.meal) == ("milk,=kiwi", "nuts")
    assert declared_of(cast.extra) == ("", "")


def test_empty_cells_declare_nothing_and_none_is_a_word(cast):
    assert read_back(cast.school, "name,contains,may contain\nJuice,,\n").rows[0].outcome is RowOutcome.SAME
    assert cast.extra.declaration is None
    read_back(cast.school, "name,contains,may contain\nJuice,none,无\n")
    assert declared_of(cast.extra) == ("", "")
    read_back(cast.school, "name,may contain\nJuice,tree nuts; 花生\n")
    assert declared_of(cast.extra) == ("", "peanuts,nuts")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("mlik,none", "contains"),
        ("milk,", "may_contain"),
        (",none", "contains"),
        ("none; milk,none", "contains"),
        ("fruit: kiwi,none", "contains"),
        ("none,other:", "may_contain"),
    ],
)
def test_an_allergen_that_nobody_knows_and_a_forgotten_cell_are_refused_by_row(cast, row, column):
    rows = read_back(cast.school, f"name,contains,may contain\nJuice,{row}\nPasta,milk,none\n").rows
    assert rows[0].refusal.data == {"column": column}
    assert cast.extra.declaration is None
    assert declared_of(cast.meal) == ("milk", "")
