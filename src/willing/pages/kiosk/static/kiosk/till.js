// The till's screen: what the server cannot see by itself. A bar-code reader that types, the keypad on the glass,
// the next customer, a server that does not answer, and the press that starts the camera.
// No rule stands here: every answer comes from the server as a whole screen.

import { follow, noPress } from "../ui/follow.js";
import { listenForScans } from "./scan.js";
import { look } from "./face.js";
import { dropShare, holdShare, keepShareFor, shareNow } from "./share.js";
import { listenForKeypad } from "./keypad.js";
import { listenForMenu, showMenu } from "./menu.js";

const htmx = window.htmx;
const state = { press: null, session: null, timer: null, stage: "", line: Promise.resolve(), followed: null };

function screen() {
  return document.getElementById("screen");
}

function showOffline(isOffline) {
  document.getElementById("offline").hidden = !isOffline;
  if (isOffline) screen().classList.remove("busy");
}

// What the script asks for goes one after the other, and nothing is dropped: a cashier's fingers are faster than
// a round trip, and each answer replaces the form that the next press came from.
function ask(verb, url, values = {}) {
  screen().classList.add("busy"); // the next screen comes without it
  const answer = state.line.then(() => htmx.ajax(verb, url, { target: "#screen", swap: "outerHTML", values }));
  state.line = answer.catch(() => {}); // the offline line is already on the screen (htmx:sendError)
  return state.line;
}

// A form whose presses each count (products) is sent each time; any other once, until its answer replaces it.
async function send(form, submitter) {
  const values = Object.fromEntries(new FormData(form));
  // A press on the pupil's half is about whom and what it shows; where another screen was faster, it does nothing.
  if (screen().dataset.waitUrl && form.closest("#pupil")) values.shown = screen().dataset.shown;
  if (submitter?.name) values[submitter.name] = submitter.value;
  if (values.way === "face") state.press = values.press;
  if (form.dataset.queued === "once") {
    if (form.isSent) return;
    form.isSent = true;
  }
  // Some buttons of a form are about another page: a line's "one more" beside its "one less".
  await ask("POST", submitter?.getAttribute("formaction") ?? form.action, values);
  form.isSent = false; // still here: the server did not answer, so pressing again is right
}

function reload() {
  return ask("GET", screen().dataset.screenUrl);
}

// --- the other screen of this till ----------------------------------------------------------------------------

// What a person is typing here outlives a press on the other screen, unless that has changed what is asked for.
function typedIn(root) {
  const fields = [...root.querySelectorAll("input[id], textarea[id]")].filter((one) => one.value !== one.defaultValue);
  return fields.map((one) => [one.id, one.value]);
}

function putBack({ typed, focus }) {
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (!field) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
}

// What says which version is here, and where to wait: the screen, or a panel that waits for a device to be paired.
function waitingElement() {
  const { waitUrl, version } = screen().dataset;
  const panel = document.querySelector("#cashier-panel [data-wait-url]");
  return { waitUrl: waitUrl ?? panel?.dataset.waitUrl, version };
}

// In the line of what this page asks itself, so that its own answers and those of the other screen do not mix.
function bring(asked, text) {
  const now = screen();
  const { stage, basket } = now.dataset;
  if (now.dataset.version !== asked) return; // a press on this page has brought a newer one: ask again with that
  showOffline(false);
  if (!text.includes('id="screen"')) {
    window.location.reload(); // signed out meanwhile
    return;
  }
  // The look goes on as long as its session does, whatever else has changed beside it.
  const panel = document.querySelector("#screen [data-face-session]");
  if (state.session && panel && text.includes(panel.dataset.frameUrl)) {
    now.dataset.version = /data-version="(\w*)"/.exec(text)?.[1] ?? "";
    return;
  }
  endFaceSession("replaced");
  state.followed = { stage, basket, typed: typedIn(now), focus: document.activeElement?.id };
  try {
    htmx.swap(now, text, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }); // `arrive` comes before it returns
  } finally {
    state.followed = null;
  }
}

async function followOther(asked, text) {
  if (text === null) {
    window.location.reload(); // this device is no longer a screen of the till
    return;
  }
  await noPress();
  state.line = state.line.then(() => bring(asked, text)).catch(() => {});
  await state.line;
}

// --- the camera ---------------------------------------------------------------------------------------------

async function startFaceSession(panel) {
  const controller = new AbortController();
  state.session = controller;
  const ending = await look(panel, controller.signal, () => controller.abort("camera_chosen"), shareNow());
  // From here on every track is stopped: `look` does it before it returns.
  if (state.session === controller) state.session = null;
  if (!panel.isConnected) return; // another press has already brought the next screen
  if (ending === "decided") await reload();
  else await closeFaceSession(panel, ending);
}

function closeFaceSession(panel, reason) {
  return ask("POST", panel.dataset.closeUrl, { reason });
}

function endFaceSession(reason) {
  state.session?.abort(reason);
}

// --- after each answer --------------------------------------------------------------------------------------

// One column (a phone handed over the counter): bring the half whose turn it is into view.
const CASHIERS_TURN = ["empty", "staff"];

function turnTo(stage) {
  if (!state.stage || state.stage === stage || window.matchMedia("(min-width: 56.01rem)").matches) return;
  if (CASHIERS_TURN.includes(stage)) window.scrollTo({ top: 0 });
  else if (stage !== "choose" || state.stage !== "empty") document.getElementById("pupil").scrollIntoView();
}

function announce() {
  const heading = document.querySelector("#screen [data-announce]");
  const notice = document.querySelector("#pupil .notice-body");
  const text = [heading, notice].map((part) => part?.textContent.trim()).filter(Boolean);
  document.getElementById("announcer").textContent = text.join(". ");
  const isLost = document.activeElement === null || document.activeElement === document.body;
  const { stage } = screen().dataset;
  if (state.stage && state.stage !== stage && isLost) heading?.focus({ preventScroll: true });
  turnTo(stage);
  state.stage = stage;
}

function arrive() {
  const { followed } = state;
  state.followed = null;
  keepShareFor(screen());
  showMenu();
  closeAwaited();
  if (followed?.stage === screen().dataset.stage && followed.basket === screen().dataset.basket) putBack(followed);
  announce();
  window.clearTimeout(state.timer);
  const later = document.querySelector("#screen [data-submit-after-seconds]");
  if (later) {
    state.timer = window.setTimeout(() => later.requestSubmit(), Number(later.dataset.submitAfterSeconds) * 1000);
  }
  // What was left alone leaves the screen by itself: by then the server has forgotten who it was.
  const { reloadAfterSeconds } = screen().dataset;
  if (reloadAfterSeconds && !later) state.timer = window.setTimeout(reload, Number(reloadAfterSeconds) * 1000);
  const panel = document.querySelector("#screen [data-face-session]");
  if (!panel) return;
  // A panel that nobody pressed for on this very page (a reload, a second window) never starts a camera.
  const isPressed = panel.dataset.press === state.press;
  state.press = null;
  if (isPressed) startFaceSession(panel);
  else if (followed) return; // the page that the camera runs on closes it; another window only shows the same
  else closeFaceSession(panel, "cancelled");
}

// --- seen by the office ------------------------------------------------------------------------------------

// The office's page says when a till was last there. A failure says nothing here: presses do, where it matters.
const HERE_MS = 60_000;

function sayHere() {
  const token = document.querySelector("#screen input[name=csrfmiddlewaretoken]")?.value;
  if (!token || document.hidden || !screen().dataset.hereUrl) return; // a second screen says so as it waits
  fetch(screen().dataset.hereUrl, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => {});
}

// --- events ---------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-reload]")) reload();
});

// --- who is at the till: a panel beside the screen, which goes on underneath -----------------------------------

function closePanel() {
  document.getElementById("cashier-panel").replaceChildren();
}

// A panel with a code is done once a device has used it, and by nothing else that has changed meanwhile.
function closeAwaited() {
  const awaited = document.querySelector("#cashier-panel [data-wait-url]");
  const { pairing } = screen().dataset;
  if (awaited && pairing && pairing !== awaited.dataset.pairing) closePanel();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#cashier-panel [data-close-panel]")) return;
  event.preventDefault();
  closePanel();
});

// What was asked in the panel is done, and the screen says so; or the panel comes again with what was wrong.
document.addEventListener("panel-done", closePanel);

document.addEventListener("click", (event) => {
  if (event.target.closest("#cashier-panel [data-print]")) window.print();
});

// A name is chosen: what is typed next is the PIN, on the glass or on a keyboard.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-cashier-form] [name=user]")) event.target.form.elements.pin.focus();
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.matches("[data-cancel-face]") && state.session) {
    event.preventDefault();
    endFaceSession("cancelled");
  } else if (form.matches("[data-queued]")) {
    event.preventDefault();
    send(form, submitter);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (document.querySelector("#cashier-panel .who-panel")) closePanel();
  else document.querySelector("#screen [data-escape]")?.click();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) endFaceSession("hidden");
});
window.addEventListener("pagehide", () => {
  endFaceSession("hidden");
  dropShare();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  // Too many writers at once: the answer is a line above the screen, which stays as it was, to press again.
  // A 503 of anybody else, say of a proxy, has no such line and is a server that does not answer.
  if (xhr.status === 503 && xhr.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    screen().classList.remove("busy");
  }
  if (xhr.getResponseHeader("HX-Retarget") === "#cashier-panel") screen().classList.remove("busy");
  if (event.detail.target?.id === "cashier-panel" && /<html/i.test(xhr.responseText)) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
  if (event.detail.target?.id !== "screen") return;
  endFaceSession("replaced");
  // Signed out meanwhile: the answer is another page, so go to it as a page.
  if (!event.detail.isError && !xhr.responseText.includes('id="screen"')) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "screen") arrive();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) return;
  showOffline(false);
  // What the line above the screen asked for is done.
  if (event.detail.xhr.status !== 503) document.getElementById("notices").replaceChildren();
});
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.xhr?.status === 403) window.location.reload();
    else showOffline(true);
  });
}

// A second screen's reader names a person, for what that screen shows; the till's own fills a basket as well.
function shownFor() {
  const { hereUrl, shown } = screen().dataset;
  return hereUrl ? {} : { shown };
}

document.documentElement.classList.add("has-script");
listenForScans(
  () => screen().dataset.readerSuffix,
  (scanned, share) => {
    const posted = ask("POST", screen().dataset.scanUrl, { ...scanned, ...shownFor() });
    holdShare(share, screen(), posted);
  },
);
listenForKeypad();
listenForMenu();
window.setInterval(sayHere, HERE_MS);
arrive();
// As htmx asks for a part of a page; and nobody is kept signed in by what a page asks of itself.
const QUIETLY = { "HX-Request": "true", "X-Quiet": "1" };
const sayState = (isThere) => {
  if (!screen().dataset.hereUrl) showOffline(!isThere); // at the till, presses say so
};
follow(waitingElement, followOther, sayState, QUIETLY);
