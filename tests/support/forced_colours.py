"""What a page loses where the system chooses the colours (`forced-colors: active`); is its focus seen?

Browsers then paint every background and border in the system's own colours and drop shadows, so a state that
only a background or a shadow shows is gone, and a shape that is painted by its background vanishes.
"""

from playwright.sync_api import Page

# Each state is compared with its absence: a chosen one with a neighbour, a tick with itself without.
LOST = """() => {
  const found = [], said = (one) => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 140);
  const sheet = document.createElement('style');
  sheet.textContent = '*, ::before, ::after { transition: none !important; animation: none !important; }';
  document.head.append(sheet);
  const isSeen = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && one.getBoundingClientRect().width > 1 && one.getBoundingClientRect().height > 1
    && !one.closest('.visually-hidden');
  const SIDES = ['Top', 'Right', 'Bottom', 'Left'];
  const hasEdge = (style) => SIDES.some((side) => style[`border${side}Style`] !== 'none'
    && parseFloat(style[`border${side}Width`]) > 0)
    || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
  const TOLD = ['color', 'backgroundColor', 'fontWeight', 'textDecorationLine', 'outlineStyle',
    'outlineWidth', 'content', 'transform', 'display', 'borderTopWidth',
    'borderBottomWidth', 'borderLeftWidth', 'borderTopStyle', 'borderBottomStyle', 'borderTopColor',
    'borderBottomColor'];
  const look = (one) => [null, '::before', '::after'].map((part) => {
    const style = getComputedStyle(one, part);
    return TOLD.map((name) => style[name]).join(' ');
  }).join(' / ');
  // Icons and words within that come and go with the state.
  const inside = (one) => [...one.querySelectorAll('*')]
    .map((part) => part.checkVisibility() + look(part)).join();

  for (const one of document.querySelectorAll('input, select, textarea, button, .button')) {
    if (!isSeen(one) || ['hidden', 'range'].includes(one.type)) continue;
    const style = getComputedStyle(one);
    const isNative = one.tagName !== 'A'
      && !['none', 'button', 'textfield', 'auto'].includes(style.appearance);
    const isWord = one.matches('button, .button')
      && (one.textContent.trim() || one.querySelector('svg, img'));
    if (!hasEdge(style) && !isNative && !isWord && !['checkbox', 'radio'].includes(one.type))
      found.push(`no edge: ${said(one)}`);
  }
  const chosen = '[aria-current]:not([aria-current=false]), [aria-pressed=true], [aria-selected=true],'
    + '.here, .on';
  for (const one of document.querySelectorAll(chosen)) {
    if (!isSeen(one)) continue;
    const around = [one.parentElement, one.parentElement?.parentElement];
    const name = one.localName;
    const other = around.filter(Boolean)
      .flatMap((where) => [...where.querySelectorAll(`:scope > ${name}, :scope > * > ${name}`)])
      .find((peer) => peer !== one && isSeen(peer) && !peer.matches(chosen));
    if (other && look(one) === look(other) && one.children.length === other.children.length
        && inside(one) === inside(other)) found.push(`chosen, by colour alone: ${said(one)}`);
  }
  for (const one of document.querySelectorAll('input[type=checkbox], input[type=radio]')) {
    if (getComputedStyle(one).appearance !== 'none' && isSeen(one)) continue;
    if (one.closest('details:not([open])')) continue;
    const shown = [one, one.nextElementSibling, one.closest('label'), one.closest('label')?.parentElement];
    if (!shown.some((part) => part && isSeen(part))) continue;
    const all = () => shown.filter(Boolean).map((part) => look(part) + inside(part)).join();
    const was = [...document.querySelectorAll('input:checked')];
    one.checked = true;
    const ticked = all();
    one.checked = false;
    const clear = all();
    for (const each of was) each.checked = true;
    const mark = getComputedStyle(one, '::after'), own = getComputedStyle(one);
    if (isSeen(one) && mark.content !== 'none' && mark.backgroundColor === own.backgroundColor)
      found.push(`its mark is not seen: ${said(one)}`);
    if (ticked === clear) found.push(`ticked, by colour alone: ${said(one)}`);
  }
  for (const one of document.querySelectorAll('body *')) {
    if (!isSeen(one) || one.closest('svg, [aria-hidden=true] svg')) continue;
    const style = getComputedStyle(one);
    if (style.forcedColorAdjust !== 'none' && style.maskImage !== 'none')
      found.push(`painted by its background: ${said(one)}`);
    const isBare = !one.textContent.trim() && !one.children.length && style.forcedColorAdjust !== 'none'
      && !one.matches('img, canvas, video, input, select, textarea, hr, br, td, th, button, option, dialog');
    if (!isBare || hasEdge(style) || style.backgroundColor === 'rgba(0, 0, 0, 0)') continue;
    if (one.tagName === 'PROGRESS' ? style.appearance === 'none' : true)
      found.push(`painted by its background: ${said(one)}`);
  }
  for (const one of document.querySelectorAll('svg *')) {
    if (!isSeen(one) || !one.getBBox || one.children.length || one.closest('.logo, .brand, .mark')) continue;
    const style = getComputedStyle(one), own = [style.color, 'none', 'rgba(0, 0, 0, 0)'];
    if (!own.includes(style.fill) && !own.includes(style.stroke) && style.forcedColorAdjust !== 'none')
      found.push(`an icon keeps its colour: ${said(one.closest('svg'))}`);
  }
  return [...new Set(found)];
}"""
# A page without motion goes from one look to another in no time, but in the next frame.
CHANGED = """Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition)
  .map((one) => one.finished)).then(() => null)"""
# What a keyboard comes to shows that it is there: on itself, or on what is drawn for it.
UNSEEN_FOCUS = """() => {
  const found = [], before = document.activeElement;
  const reached = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const isRinged = (one) => {
    const style = one && getComputedStyle(one);
    // "auto" is the browser's own ring, whatever width it says; a page without a style has no other.
    if (style && style.outlineStyle === 'auto') return true;
    return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  };
  for (const one of document.querySelectorAll(reached)) {
    if (one.disabled || !one.checkVisibility({visibilityProperty: true})) continue;
    one.focus({preventScroll: true});
    if (document.activeElement !== one || !one.matches(':focus-visible')) continue;
    const shown = [one, one.nextElementSibling, one.closest('label'), one.parentElement];
    if (!shown.some(isRinged)) found.push(`focus is not seen: ${one.outerHTML.slice(0, 140)}`);
  }
  before?.focus?.({preventScroll: true});
  return [...new Set(found)];
}"""


def lost_in_forced_colours(page: Page) -> list[str]:
    """Return what a page does not show where the system chooses the colours."""
    page.emulate_media(forced_colors="active")
    try:
        page.evaluate(CHANGED)
        return [*page.evaluate(LOST), *page.evaluate(UNSEEN_FOCUS)]
    finally:
        page.emulate_media(forced_colors="none")
