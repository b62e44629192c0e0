"""The menu on its pages: added, changed, ordered, sold out, imported."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from willing.core.ids import new_id
from willing.people.models import School, YearGroup
from willing.till.menu import is_sold_out
from willing.till.menu_models import MenuCycle, Product, SpecialPrice
from willing.till.products import mark_sold_out, take_off_menu

MENU = "/staff/menu/"


@pytest.fixture
def canteen(browser: Any) -> Client:
    """A browser of the canteen manager."""
    client: Client = browser("canteen")
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def add(client: Client, **said: Any) -> Any:
    plain = {"key": new_id(), "name": "Soup", "price": "1,50", "category": "side"}
    return client.post(f"{MENU}add/", plain | said, follow=True)


def address(name: str, product: Product) -> str:
    return reverse(f"console:menu-{name}", args=[product.pk])


def test_a_product_is_added_once_however_often_it_is_pressed(canteen: Client) -> None:
    key = new_id()
    for _ in range(2):
        assert "Soup" in text_of(add(canteen, key=key))
    assert Product.objects.get(name="Soup").price_minor == 150


def test_everything_about_a_product_is_said_and_shown_again(canteen: Client, cast: Any) -> None:
    MenuCycle.objects.create(school=cast.school, weeks=3, first_monday="2026-11-23")
    year = YearGroup.objects.get(name="7A")
    said = {
        "name_zh_hans": "汤",
        "is_main_meal": "on",
        "is_pinned": "on",
        "barcodes": "96385074, 012345678905",
        "colour": "green",
        "tax_code": "20%",
        "weekdays": ["1", "3"],
        "menu_weeks": ["2"],
        "first_day": "2026-11-01",
        "last_day": "2026-12-31",
        "price_staff": "2.00",
        "year_0": str(year.pk),
        "price_year_0": "1.00",
    }
    add(canteen, **said)
    soup = Product.objects.get(name="Soup")
    assert (soup.weekdays, soup.menu_weeks, soup.colour, soup.is_pinned) == ("13", "2", "green", True)
    assert sorted(SpecialPrice.objects.values_list("price_minor", flat=True)) == [100, 200]
    page = text_of(canteen.get(address("product", soup)))
    for shown in ("96385074, 012345678905", 'value="2.00"', 'value="1.00"', "20%", "<details", " open>"):
        assert shown in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"price": "abc"}, "Please enter the amount as it is written"),
        ({"name": "pasta"}, "There is a product of this name already."),
        ({"barcodes": "4006381333931"}, "belongs to Juice."),
        ({"barcodes": "4006381333932"}, "A digit of this barcode is wrong"),
        ({"first_day": "2026-02-01", "last_day": "2026-01-01"}, "The last day is before the first one."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    canteen: Client, said: dict[str, str], words: str
) -> None:
    answer = add(canteen, tax_code="kept", **said)
    assert answer.status_code in (409, 422)
    assert words in text_of(answer).replace("&#x27;", "'")
    assert 'value="kept"' in text_of(answer)
    assert not Product.objects.filter(name="Soup").exists()


def test_a_slipped_point_is_asked_about_and_taken_on_the_second_press(canteen: Client) -> None:
    answer = add(canteen, price="2000")
    assert answer.status_code == 409
    assert "Yes, £2,000.00 is right" in text_of(answer)
    assert add(canteen, price="3000", confirmed="200000").status_code == 409
    add(canteen, price="2000", confirmed="200000")
    assert Product.objects.get(name="Soup").price_minor == 200_000


def test_a_change_leaves_the_product_where_it_is(canteen: Client, cast: Any) -> None:
    said = {"key": new_id(), "name": "Pasta", "price": "2.60", "category": "meal", "is_main_meal": "on"}
    page = text_of(canteen.post(address("product", cast.meal), said, follow=True))
    assert "Open baskets keep the price that they had." in page
    assert (cast.meal.price_minor, cast.meal.name_zh_hans) == (260, "")


def test_sold_out_and_back_are_one_press_each(canteen: Client, cast: Any) -> None:
    page = text_of(canteen.post(address("sold-out", cast.meal), follow=True))
    assert "Sold out today" in page
    assert is_sold_out(cast.school, cast.meal)
    page = text_of(canteen.post(address("sold-out", cast.meal), {"answer": "undo"}, follow=True))
    assert "Sold out today" not in page


def test_a_product_is_taken_off_and_put_back(canteen: Client, cast: Any) -> None:
    assert "is off the menu" in text_of(canteen.post(address("hide", cast.meal), follow=True))
    assert not cast.meal.is_on_sale
    assert "Pasta is on the menu." in text_of(
        canteen.post(address("hide", cast.meal), {"answer": "undo"}, follow=True)
    )
    assert cast.meal.is_on_sale


def test_products_are_ordered_by_arrows_and_by_dragging(canteen: Client, cast: Any) -> None:
    for name in ("A", "B"):
        add(canteen, name=name)
    first, second = Product.objects.get(name="A"), Product.objects.get(name="B")
    canteen.post(address("move", second), {"to": "up"})
    assert [Product.objects.get(name=name).position for name in "AB"] == [1, 0]
    canteen.post(address("move", second), {"to": "down"})
    assert [Product.objects.get(name=name).position for name in "AB"] == [0, 1]
    order = {"category": "side", "product": [str(second.pk), str(first.pk), "not an id"]}
    assert canteen.post(f"{MENU}order/", order).status_code == 204
    assert [Product.objects.get(name=name).position for name in "AB"] == [1, 0]


def test_an_empty_menu_offers_one_to_begin_with(canteen: Client, cast: Any) -> None:
    assert "Use this menu" not in text_of(canteen.get(MENU))
    cast.school.barcodes.all().delete()
    Product.objects.all().delete()
    page = text_of(canteen.get(MENU))
    assert "Use this menu" in page
    assert "no menu made for your country" not in page
    School.objects.update(country="IN", currency="INR")
    page = text_of(canteen.get(MENU))
    assert "no menu made for your country" in page
    assert "₹300.00" in page
    page = text_of(canteen.post(f"{MENU}starter/", follow=True))
    assert "13 products are on the menu." in page
    assert Product.objects.count() == 13


def test_the_menu_repeats_after_so_many_weeks(canteen: Client, cast: Any) -> None:
    page = text_of(canteen.post(f"{MENU}cycle/", {"weeks": "3", "day": "2026-11-25"}, follow=True))
    assert "of the menu." in page
    assert MenuCycle.objects.get().weeks == 3
    assert canteen.post(f"{MENU}cycle/", {"weeks": "12", "day": "2026-11-25"}).status_code == 422
    canteen.post(f"{MENU}cycle/", {"weeks": "1", "day": "2026-11-25"})
    assert not MenuCycle.objects.exists()


def test_a_list_is_shown_before_it_is_imported(canteen: Client) -> None:
    content = "name,price,category,note\nSoup,1.50,side,\nTrip,2000,shop,\nBread,x,side,\n"
    file = SimpleUploadedFile("menu.csv", content.encode())
    page = text_of(canteen.post(f"{MENU}import/", {"file": file}))
    assert "Columns that are not known and left out: note." in page
    assert "This price is unusually high." in page
    assert not Product.objects.filter(name="Soup").exists()
    page = text_of(canteen.post(f"{MENU}import/", {"text": content, "high": "yes"}))
    assert "This price is unusually high." not in page
    done = canteen.post(f"{MENU}import/", {"text": content, "high": "yes", "answer": "import"}, follow=True)
    assert "Imported: 2 new, 0 changed, 0 as they were, 1 left out." in text_of(done)
    assert Product.objects.get(name="Trip").price_minor == 200_000


@pytest.mark.parametrize(
    ("language", "wrong", "cause"),
    [
        ("en", "Soup,x,side,", "Please enter the amount as it is written, such as 2.60"),
        ("en", "Soup,1.50,puddings,", "The column Category does not know this: puddings"),
        ("en", "Soup,1.50,side,gluten; kiwi", "The column Contains does not know this: kiwi"),
        ("zh-hans", "Soup,1.50,side,gluten; kiwi", "一栏无法识别：kiwi"),
    ],
)
def test_the_preview_says_of_each_line_that_is_left_out_why_and_takes_the_others(
    canteen: Client, language: str, wrong: str, cause: str
) -> None:
    content = f"name,price,category,contains\n{wrong}\nBroth,2.50,side,celery\n"
    answer = canteen.post(f"{MENU}import/", {"text": content}, headers={"Accept-Language": language})
    row = re.search(r"<td[^>]*>Soup</td>.*?</tr>", answer.content.decode(), re.DOTALL)
    assert row
    assert cause in unescape(row[0])
    assert not Product.objects.filter(name="Broth").exists(), "nothing is changed by looking"
    canteen.post(f"{MENU}import/", {"text": content, "answer": "import"})
    assert list(Product.objects.filter(name__in=["Soup", "Broth"]).values_list("name", flat=True)) == [
        "Broth"
    ]


def test_a_list_that_cannot_be_read_says_what_helps(canteen: Client) -> None:
    file = SimpleUploadedFile("menu.csv", "名称,价格\n汤,1\n".encode("gb18030"))
    answer = canteen.post(f"{MENU}import/", {"file": file})
    assert answer.status_code == 422
    assert "choose the encoding" in text_of(answer)
    assert canteen.post(f"{MENU}import/", {}).status_code == 422


def test_every_state_of_the_menu_is_shown(canteen: Client, cast: Any) -> None:
    mark_sold_out(cast.meal)
    take_off_menu(cast.extra)
    page = text_of(canteen.get(MENU))
    assert "Off the menu" in page
    assert "Back on sale" in page
    assert "Put back on the menu" in text_of(canteen.get(address("product", cast.extra)))
