// Show that something is being worked on when a form takes longer than a second to answer.
const PATIENCE_MS = 1000;

for (const form of document.querySelectorAll("form[data-progress]")) {
  const bar = form.querySelector("progress");
  form.addEventListener("submit", () => setTimeout(() => { bar.hidden = false; }, PATIENCE_MS));
  // Back from the next page: nothing is being worked on.
  window.addEventListener("pageshow", () => { bar.hidden = true; });
}
