// What a press did, or why it was refused, is said on top of the page; the focus goes there, so that a phone shows it and a
// screen reader reads it, also where the address leads to a part further down. A page that says itself where one goes on
// (autofocus: a field that is wrong, the next person's button) keeps that.

const notices = document.getElementById("notices");

function show() {
  if (notices.childElementCount) notices.focus();
}

if (notices && !document.querySelector("[autofocus]")) {
  // The browser first goes to the part that the address names.
  if (document.readyState === "complete") show();
  else window.addEventListener("load", () => requestAnimationFrame(show));
}
document.body.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === notices && show());
