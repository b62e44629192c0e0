"""The office imports a plain list with odd column names in a real browser, and mends what is refused."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.pages.console.site import Site, check_sizes, serve_site  # noqa: F401  (a fixture)

ODD = "Liste,,,\nNr,Rufname,Name,Klasse\n9017,Jörg,Öztürk,7a\n9018,#N/A,Ng,7b\n"


def listed(folder: Path, text: str) -> Path:
    path = folder / "Liste 7.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.journey
@pytest.mark.sqlite
def test_a_list_with_odd_columns_is_imported_and_its_refused_row_mended(site: Site, tmp_path: Path) -> None:
    page = site.open("/staff/people/", staff=True)
    page.get_by_role("link", name="Import a list").click()
    page.get_by_label("The list").set_input_files(listed(tmp_path, ODD))
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Line with the columns' names").fill("2")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_label("Id in the register")).to_have_value("Nr")
    expect(page.get_by_label("Family name")).to_have_value("Name")
    # A press without a box: its words begin where the heading does.
    cancel = page.get_by_role("button", name="Cancel and delete the file")
    box = "one => [one.getBoundingClientRect().left, parseFloat(getComputedStyle(one).paddingLeft)]"
    heading = page.get_by_role("heading", level=1).evaluate(box)[0]
    assert abs(sum(cancel.evaluate(box)) - heading) <= 1.5  # the border that nobody sees
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="1 row is left out")).to_be_visible()
    expect(page.get_by_text("an error of the spreadsheet")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 person was added.")).to_be_visible()

    page.get_by_role("link", name="Import a list").click()
    page.get_by_label("The list").set_input_files(listed(tmp_path, ODD.replace("#N/A", "Uma")))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Id in the register")).to_have_value("Nr")  # remembered, as is the line
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("New: 1")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("The list is imported.")).to_be_visible()

    # A wrong list, and two presses and a look that take it back.
    page.get_by_role("link", name="Import a list").click()
    page.get_by_role("link", name="Undo the last import").click()
    expect(page.get_by_text("New people deleted")).to_be_visible()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("The import is undone.")).to_be_visible()


@pytest.mark.journey
@pytest.mark.sqlite
def test_without_scripts_the_page_follows_the_import_to_its_end(site: Site, tmp_path: Path) -> None:
    page = site.open("/staff/people/import/", staff=True, script=False)
    page.get_by_label("The list").set_input_files(listed(tmp_path, "external_id,given_name\n9100,Wim\n"))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("The list is imported. 1 person was added.")).to_be_visible(timeout=30_000)


@pytest.mark.journey
@pytest.mark.sqlite
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_import_fits_a_desk_and_a_hand(site: Site, tmp_path: Path, language: str) -> None:
    page = site.open("/staff/people/import/", staff=True, language=language)
    for step in ("file", "columns", "preview", "undo"):
        check_sizes(page, step)
        page.screenshot(path=str(tmp_path / f"{step}-{language}.png"), full_page=True)
        if step == "file":
            page.locator("input[type=file]").set_input_files(listed(tmp_path, ODD.replace("Liste,,,\n", "")))
            page.locator("main form button").first.click()
        elif step == "columns":
            page.locator("form[data-progress] button").click()
        elif step == "preview":
            page.locator("form[action$='/run/'] button").click()
            page.wait_for_url("**/staff/people/")
            page.goto(page.url + "import/")
            page.locator("section a.button").click()
