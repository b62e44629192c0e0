// Help beside the page: htmx puts it there; here it opens, gets the focus, and closes again. Without this script the link
// opens it as a page of its own.

const panel = document.getElementById("help-panel");
let from = null;

function close() {
  if (panel.hidden) return;
  panel.hidden = true;
  from?.focus();
}

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!panel.contains(detail.target)) return;
  from = document.activeElement;
  panel.hidden = false;
  panel.querySelector("#help-title")?.focus();
});
panel?.querySelector("[data-close]").addEventListener("click", close);
document.addEventListener("keydown", ({ key }) => key === "Escape" && panel && close());
