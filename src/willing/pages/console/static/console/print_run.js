// Printing for many: the sheets open in a tab of their own, and this one goes on to ask whether they came out. It is loaded
// before the page is drawn: a press that came before it would leave this tab where it is.
(() => {
  const EVERY_MS = 700;

  // A form whose sheets open elsewhere: this tab shows how far they are, at the address of the run that it names.
  document.addEventListener("submit", (event) => {
    const { runForm } = event.target.dataset;
    if (!runForm || !event.submitter?.hasAttribute("data-run")) return;
    // After the form has been sent, which a page that is left at once would not do.
    setTimeout(() => location.assign(runForm), EVERY_MS);
  });

  async function ask() {
    const part = document.getElementById("print-progress");
    if (!part) return;
    const answer = await fetch(part.dataset.ask, { headers: { Accept: "application/json" } }).catch(() => null);
    const said = answer?.ok ? await answer.json().catch(() => null) : null;
    if (said && !said.waits) return location.reload();
    const bar = part.querySelector("progress");
    if (said?.total) { bar.max = said.total; bar.value = said.made; }
    setTimeout(ask, EVERY_MS);
  }

  document.addEventListener("DOMContentLoaded", () => setTimeout(ask, EVERY_MS));
})();
