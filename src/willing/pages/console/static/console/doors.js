// A device that was just set up is asked within half a minute: ask until it was, then show how it is. What is being typed
// on the page is not thrown away for it.
const EVERY_MS = 2000;
const waiting = document.querySelector("[data-until-asked]");
let isTyped = false;

document.addEventListener("input", () => { isTyped = true; });

async function ask() {
  const answer = await fetch(waiting.dataset.untilAsked, { headers: { Accept: "application/json" } }).catch(() => null);
  const said = answer?.ok ? await answer.json().catch(() => null) : null;
  if (said?.is_asked && !isTyped) return location.reload();
  setTimeout(ask, EVERY_MS);
}

if (waiting) setTimeout(ask, EVERY_MS);
