// Ask for the balance every four seconds while somebody looks at the page, for half an hour at the most; a look at
// the page begins anew. The server answers with nothing while it is the same. Without this script the page is as it
// was when it was opened.
const EVERY_MS = 4000;
const TIMES_MAX = 450;
let left = TIMES_MAX;

function ask() {
  if (document.visibilityState !== "visible" || left <= 0) return;
  left -= 1;
  for (const one of document.querySelectorAll("[data-balance]")) one.dispatchEvent(new Event("balance-due"));
}

document.addEventListener("visibilitychange", () => {
  left = TIMES_MAX;
  ask();
});
setInterval(ask, EVERY_MS);
