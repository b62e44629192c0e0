"""The keyboard alone: Tab to something by its words, with a focus that is seen at each stop, and press it."""

from playwright.sync_api import Page

TABS_MAX = 80
# Whether any part of what has the focus is on top: its middle, or near one of its corners.
IS_SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
  return points.some(([across, down]) => {
    const hit = document.elementFromPoint(box.left + box.width * across, box.top + box.height * down);
    return hit && (one.contains(hit) || hit.contains(one) && hit.matches("label, .field"));
  });
}"""
# What has the focus: its words, and whether a ring is drawn around it or around what is drawn for it.
HERE = """() => {
  const one = document.activeElement;
  const shown = [one, one.nextElementSibling, one.closest('label')].filter(Boolean);
  return [
    (one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent).trim(),
    shown.some((part) => getComputedStyle(part).outlineStyle !== 'none'
      && parseFloat(getComputedStyle(part).outlineWidth) >= 2),
    one.outerHTML.slice(0, 100),
  ];
}"""


# Whether what has the focus is in a row of a list that says so.
IS_WITHIN = "(text) => Boolean(document.activeElement.closest('li')?.textContent.includes(text))"


def tab_to(page: Page, words: str, within: str = "") -> None:
    """Press Tab until something of these words has the focus; each stop on the way is to be seen.

    within: what the row of a list says in which it is, where several have the same words.
    """
    passed: list[str] = []
    for number in range(TABS_MAX):
        if number or not page.locator("[autofocus]:focus").count():  # a page may begin there
            page.keyboard.press("Tab")
        said, is_ringed, shown = page.evaluate(HERE)
        if shown.startswith("<body"):
            continue
        assert is_ringed, f"no focus to be seen: {shown}"
        assert page.evaluate(IS_SEEN), f"hidden under something else: {shown}"
        if words in said and (not within or page.evaluate(IS_WITHIN, within)):
            return
        passed.append(said[:40])
    raise AssertionError(f"{words} is not reached by Tab; passed: {passed}")


def press(page: Page, words: str, key: str = "Enter") -> None:
    """Go to something by Tab and press it."""
    tab_to(page, words)
    page.keyboard.press(key)
