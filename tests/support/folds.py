"""What unfolds below the header looks as if it did: a mark, a picture or a frame, not a bare word."""

from playwright.sync_api import Page

_BARE = """() => [...document.querySelectorAll('summary:not(header *)')].filter((one) => {
  const drawn = (style) =>
    style.backgroundColor !== 'rgba(0, 0, 0, 0)' || parseFloat(style.borderBottomWidth) > 0;
  const own = getComputedStyle(one), marked = (part) => {
    const style = getComputedStyle(one, part);
    return style.content !== 'none' && style.content !== 'normal' && (style.content !== '""' || drawn(style));
  };
  const isMarked = own.display === 'list-item' && own.listStyleType !== 'none';
  return one.checkVisibility() && !one.querySelector('svg') && !drawn(own) && !isMarked
    && !marked('::before') && !marked('::after');
}).map((one) => one.outerHTML.slice(0, 120))"""


def bare_folds(page: Page) -> list[str]:
    """Return what unfolds and does not look so."""
    found: list[str] = page.evaluate(_BARE)
    return found
