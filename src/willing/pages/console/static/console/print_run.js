// Printing for many: the sheets open in a tab of their own, and this one goes on to ask whether they came out.
const EVERY_MS = 700;

// A form whose sheets open elsewhere: this tab shows how far they are, at the address of the run that it names.
for (const form of document.querySelectorAll("form[data-run-form]")) {
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.hasAttribute("data-run")) return;
    // After the form has been sent, which a page that is left at once would not do.
    setTimeout(() => location.assign(form.dataset.runForm), EVERY_MS);
  });
}

const part = document.getElementById("print-progress");
const bar = part?.querySelector("progress");

async function ask() {
  const answer = await fetch(part.dataset.ask, { headers: { Accept: "application/json" } }).catch(() => null);
  const said = answer?.ok ? await answer.json().catch(() => null) : null;
  if (said && !said.waits) return location.reload();
  if (said?.total) { bar.max = said.total; bar.value = said.made; }
  setTimeout(ask, EVERY_MS);
}

if (part) setTimeout(ask, EVERY_MS);
