// Ask twice a second how far the worker is, and show it in place: what has not changed is not read out again.
const EVERY_MS = 500;
const part = document.getElementById("work-progress");
const bar = part?.querySelector("progress");

function write(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
}

async function ask() {
  const answer = await fetch(part.dataset.ask, { headers: { Accept: "application/json" } }).catch(() => null);
  // A server that starts anew goes on with it; so does this.
  const said = answer?.ok ? await answer.json().catch(() => null) : null;
  if (said && (!said.stays || said.waits !== Boolean(part.dataset.waits))) return location.reload();
  if (said && bar) {
    write("progress-step", said.step);
    write("progress-rows", said.rows);
    if (said.total) { bar.max = said.total; bar.value = said.done; } else bar.removeAttribute("value");
  }
  setTimeout(ask, EVERY_MS);
}

if (part) setTimeout(ask, EVERY_MS);
