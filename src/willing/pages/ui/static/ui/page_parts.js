// The parts, templates and sentences of a page that its script fills: everything is made from the page's own templates
// and set as text.

export function partsOf(root) {
  // As the other pages write dates: English ones with the day first.
  const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: root.dataset.zone });
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  return {
    part: (name) => root.querySelector(`[data-${name}]`),
    made: (name) => document.importNode(root.querySelector(`template[data-part="${name}"]`).content, true).firstElementChild,
    // A sentence of the page, with what stands in its braces; for a count the one or the other form.
    words(name, facts = {}) {
      const isMany = "count" in facts && facts.count !== 1;
      const found = root.querySelector(`template[data-words="${name}${isMany ? "-many" : ""}"]`);
      return found.content.textContent.trim().replace(/\{(\w+)\}/g, (_whole, key) => facts[key]);
    },
    clockOf: (iso) => time.format(new Date(iso)),
    dayOf: (iso) => day.format(new Date(`${iso}T00:00:00Z`)),
  };
}
