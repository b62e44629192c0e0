// What a press did, or why it was refused, is said beside the form that was sent; where that is gone, in the part that the
// address names, else on top of the page, where it is without script. The focus goes there, so that a phone shows it and a
// screen reader reads it. A page that says itself where one goes on (autofocus: a field that is wrong, the next person's
// button) keeps that, and it is said beside it. A long list that is worked through (data-answers-in-rows) moves up when a
// press takes a row out of it: it is said in the row that is there now.

const notices = document.getElementById("notices");
const main = document.getElementById("main");
const goesOn = main?.querySelector("[autofocus]");

const PRESSED = "pressed-row";
const pressed = JSON.parse(window.sessionStorage.getItem(PRESSED));
window.sessionStorage.removeItem(PRESSED);

const leadsTo = (address, path) => new URL(address, window.location.href).pathname === path;

function findSent(path) {
  if (!path) return null;
  const forms = [...main.querySelectorAll("form[method=post]")].filter((one) => leadsTo(one.getAttribute("action") ?? "", path));
  const buttons = [...main.querySelectorAll("button[formaction]")].filter((one) => leadsTo(one.getAttribute("formaction"), path));
  const senders = [...forms, ...buttons];
  return senders.find((one) => one.checkVisibility()) ?? senders[0] ?? null;
}

// A list's row, a part of a line or of a grid: nothing goes between two of them.
function isLined(around) {
  const { display, flexDirection } = getComputedStyle(around);
  return around.matches("ul, ol, dl, table") || /grid|table|inline/.test(display) || (/flex/.test(display) && flexDirection.startsWith("row"));
}

// Directly above, within the same card, and never where it would be folded away.
function putAbove(one) {
  let block = one;
  for (let around = one.parentElement; around !== main; around = around.parentElement) {
    if (isLined(around) || !block.checkVisibility()) block = around;
    else if (around.matches("section, article, .card")) break;
  }
  block.before(notices);
}

const rowsIn = (part) => [...part.querySelectorAll("[data-answers-in-rows] > li")];

// Where a row stands: among those of its part of the page, whichever list there it is in.
function rememberRow(event) {
  const row = event.target.closest("[data-answers-in-rows] > li");
  if (!row || event.defaultPrevented) return;
  const part = row.closest("section");
  const address = event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action") ?? "";
  const { pathname } = new URL(address, window.location.href);
  window.sessionStorage.setItem(PRESSED, JSON.stringify({ pathname, title: part.getAttribute("aria-labelledby"), place: rowsIn(part).indexOf(row) }));
}

function findPressed(sent) {
  if (!pressed || pressed.pathname !== sent) return null;
  const part = document.getElementById(pressed.title)?.closest("section");
  const rows = part ? rowsIn(part) : [];
  return rows[Math.min(pressed.place, rows.length - 1)] ?? null;
}

function place() {
  const sent = notices.querySelector("[data-sent]")?.dataset.sent;
  const row = findPressed(sent);
  if (row) return row.prepend(notices);
  const part = main.querySelector(":target");
  const beside = goesOn ?? findSent(sent) ?? part?.querySelector("h1, h2, h3") ?? part;
  if (beside) putAbove(beside.form ?? beside);
}

function show() {
  if (!notices.childElementCount) return;
  if (!goesOn) notices.focus({ preventScroll: true });
  notices.scrollIntoView({ block: goesOn ? "nearest" : "center" });
}

if (notices) {
  if (notices.childElementCount) place();
  // The browser first goes to the part that the address names.
  if (document.readyState === "complete") show();
  else window.addEventListener("load", () => requestAnimationFrame(show));
}
document.addEventListener("submit", rememberRow);
document.body.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === notices && show());
