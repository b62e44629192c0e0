// A lane of the gate: sends each press without leaving the page, measures how long a person waited, runs the camera
// after a press on this very page, and shows the first screen again by itself. Without it everything but the camera
// works as plain forms.

import { look } from "../kiosk/face.js";
import { listenForScans } from "../kiosk/scan.js";
import { pause } from "../ui/camera.js";
import { readCard } from "../ui/card_camera.js";
import { newId } from "../ui/new_id.js";

const HERE_MS = 60_000;
const RETRY_MS = 5_000; // while the server does not answer
const ANSWER_MS = 15_000;
const IDLE_MS = 60_000;
const CARD_MS = 30_000; // of the camera that reads a card
const GREEN_MS = 1_000; // each person sees it, however fast the next card comes
const NAMES = ["passed", "face"]; // screens that name a person, or are about one

// began: when the person at the lane pressed first. camera, reader: what a press has started, until it is dark again.
// share: what the card says besides its code, from its scan until the camera has it; nothing else holds it.
// lost: the press that got no answer. line: presses go one after the other.
const state = { began: null, pressedAt: 0, camera: null, reader: null, share: null, lost: null, lostAt: 0, shownAt: 0, presses: 0, timer: null, line: Promise.resolve() };

const screen = () => document.getElementById("screen");

function showOffline(isOffline) {
  document.getElementById("offline").hidden = !isOffline;
  screen().hidden = isOffline && NAMES.includes(screen().dataset.stage);
  if (screen().hidden) document.getElementById("announcer").textContent = "";
  if (isOffline) screen().querySelector(":scope > .notice")?.remove(); // of the press before, which was answered
  hereSoon();
}

// A person is waited for from their first press: of a way, of a key, of a reader. One that was long ago was another's.
function begin() {
  const at = performance.now();
  if (at - state.pressedAt > IDLE_MS) state.began = null;
  state.pressedAt = at;
  state.began ??= at;
}

// --- what is asked of the server

async function ask(url, body = null) {
  const response = await fetch(url, {
    method: body ? "POST" : "GET",
    body,
    headers: { "X-Lane-Screen": "1" },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  const text = await response.text();
  const next = new DOMParser().parseFromString(text, "text/html").getElementById("screen");
  if (!next || response.redirected) {
    // Signed out, no lane any more, or open for longer than its form is good for: the page itself says so.
    window.location.assign(response.redirected ? response.url : screen().dataset.homeUrl);
    return null;
  }
  return next;
}

// The same try again, after one that got no answer, is the same press and counts once; any other is a new one.
function nameAgain(body) {
  const { lost } = state;
  if (lost && body?.has("press")) body.set("press", saidIn(body) === lost.said ? lost.press : newId());
}

function saidIn(body) {
  const own = ["press", "waited", "device_time", "csrfmiddlewaretoken"];
  return JSON.stringify([...body].filter(([name]) => !own.includes(name)));
}

async function send(url, body, isPressed) {
  nameAgain(body);
  screen().setAttribute("aria-busy", "true");
  let next = null;
  try {
    next = await ask(url, body);
    state.lost = null;
    showOffline(false);
  } catch {
    state.lost = body?.has("press") ? { said: saidIn(body), press: body.get("press") } : null;
    state.lostAt = performance.now();
    state.share = null;
    showOffline(true);
  } finally {
    screen().removeAttribute("aria-busy");
  }
  if (next) arrive(next);
  const panel = next?.querySelector("[data-face-session]");
  if (panel && isPressed) await runCamera(panel);
  else state.share = null;
}

function press(make) {
  state.presses += 1;
  state.line = state.line.then(make).catch(window.reportError).finally(() => {
    state.presses -= 1;
  });
}

// --- what is shown

function arrive(next) {
  stopAll("replaced");
  const was = screen().dataset.stage;
  const { stage } = next.dataset;
  screen().replaceWith(next);
  state.shownAt = performance.now();
  if (["choose", "closed", "passed"].includes(stage)) state.began = null;
  later();
  if (stage === "closed" && was === stage) return; // asked now and then whether it is still so
  const heading = next.querySelector("[data-announce]");
  const notice = next.querySelector(".notice-body");
  document.getElementById("announcer").textContent = [notice, heading].map((part) => part?.textContent.trim()).filter(Boolean).join(". ");
  (next.querySelector("[autofocus]") ?? heading)?.focus({ preventScroll: true });
}

function later() {
  window.clearTimeout(state.timer);
  const { homeAfterSeconds, homeUrl } = screen().dataset;
  if (homeAfterSeconds) state.timer = window.setTimeout(() => press(() => send(homeUrl)), Number(homeAfterSeconds) * 1000);
}

// --- cameras: a look at a face, and the code on a card

function stopAll(reason) {
  state.camera?.abort(reason);
  state.reader?.abort(reason);
}

// The camera's own end: what it found is shown, or whoever has shown a card goes through by it.
async function runCamera(panel) {
  const controller = new AbortController();
  const { share } = state;
  state.share = null;
  // A face that only the card opens, where the card was typed: no camera runs for nothing.
  const isNeedless = panel.dataset.shareUrl && !share;
  state.camera = isNeedless ? null : controller;
  let ending = "cancelled";
  try {
    if (!isNeedless) ending = await look(panel, controller.signal, () => controller.abort("camera_chosen"), share);
  } finally {
    state.camera = null;
  }
  const body = bodyOf(panel.querySelector("[data-cancel-face]"));
  body.set("reason", ending);
  await send(ending === "decided" ? panel.dataset.passedUrl : panel.dataset.closeUrl, body);
}

function showReading(panel, isReading) {
  panel.hidden = !isReading;
  screen().classList.toggle("is-reading", isReading);
}

async function readByCamera() {
  const panel = document.querySelector("#screen [data-code-panel]");
  if (!panel || state.reader) return;
  begin();
  const controller = new AbortController();
  state.reader = controller;
  window.clearTimeout(state.timer);
  document.querySelector("#screen [data-code-notice]").replaceChildren();
  showReading(panel, true);
  panel.querySelector("button").focus({ preventScroll: true });
  let found;
  try {
    found = await readCard(panel, controller.signal, CARD_MS);
  } finally {
    state.reader = null;
    showReading(panel, false);
  }
  if (!panel.isConnected) return;
  later();
  if (found.code) {
    takeCard({ code: found.code, keys: "" }, found.share && { presses: found.share, table: null });
    return;
  }
  if (found === "network") sayHere();
  const words = document.querySelector(`#screen template[data-code-ending="${found}"]`);
  if (words) document.querySelector("#screen [data-code-notice]").replaceChildren(words.content.cloneNode(true));
  if (screen().dataset.stage === "choose") state.began = null;
  document.querySelector("#screen [data-open-code-camera]").focus({ preventScroll: true });
}

// --- presses

function bodyOf(form) {
  const body = new FormData(form);
  if (body.has("waited") && state.began !== null) body.set("waited", String(Math.round(performance.now() - state.began)));
  if (body.has("device_time")) body.set("device_time", new Date().toISOString());
  return body;
}

// A card that was read goes where this screen takes one. The next person's, while the one before is still shown, is
// taken as on the first screen; while the camera looks, it stops, and whoever it looked at goes through by their card.
function takeCard(scanned, share) {
  const readAt = performance.now();
  stopAll("replaced");
  press(async () => {
    if (readAt < state.lostAt) return; // of a person who has gone to another way since
    if (screen().dataset.stage === "passed") await pause(state.shownAt + GREEN_MS - performance.now());
    const form = document.querySelector("#screen .lane-card");
    begin();
    state.began = Math.min(state.began, readAt);
    const body = bodyOf(form ?? document.querySelector("#screen [data-next-card]"));
    body.set("code", scanned.code);
    body.set("keys", scanned.keys);
    state.share = share;
    await send(form?.action ?? screen().dataset.cardUrl, body, form?.matches("[data-starts-face]") ?? false);
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-press-form]");
  if (!form) return;
  event.preventDefault();
  if (form.matches("[data-cancel-face]") && state.camera) {
    state.camera.abort("cancelled");
    return;
  }
  if (state.presses) return;
  begin();
  const body = bodyOf(form);
  press(() => send(form.action, body, form.matches("[data-starts-face]")));
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-code-camera]") && !state.presses) readByCamera();
  if (event.target.closest("[data-stop-code-camera]")) state.reader?.abort("cancelled");
  const link = event.target.closest("a[data-way]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (state.presses) return;
  if (link.search) begin();
  press(() => send(link.href));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    [...document.querySelectorAll("#screen [data-escape]")].find((one) => one.checkVisibility())?.click();
    return;
  }
  if (event.target.closest?.("#screen input")) begin();
});

// The screen does not go from under a person who types or presses.
for (const one of ["keydown", "pointerdown", "change"]) {
  document.addEventListener(one, () => {
    if (screen().dataset.stage !== "passed" && !state.reader) later();
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) stopAll("hidden");
});
window.addEventListener("pagehide", () => {
  stopAll("hidden");
  state.share = null;
});

listenForScans(
  () => screen().dataset.readerSuffix,
  (scanned, share) => {
    const { readerKeys } = screen().dataset;
    takeCard(scanned, share && { presses: share, table: readerKeys ? JSON.parse(readerKeys) : null });
  },
);

// --- seen by the office, and whether anything answers

let hereTimer = null;

function hereSoon() {
  window.clearTimeout(hereTimer);
  hereTimer = window.setTimeout(sayHere, document.getElementById("offline").hidden ? HERE_MS : RETRY_MS);
}

async function sayHere() {
  const wasOffline = !document.getElementById("offline").hidden;
  const { hereUrl, homeUrl, stage } = screen().dataset;
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  try {
    const answer = await fetch(hereUrl, { method: "POST", headers: { "X-CSRFToken": token }, signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    if (answer.status === 403) window.location.assign(homeUrl); // no lane any more, or its form is too old
    else if (wasOffline && NAMES.includes(stage) && !state.presses) press(() => send(homeUrl));
    else showOffline(false);
  } catch {
    showOffline(true);
  }
}

document.documentElement.classList.add("has-script");
hereSoon();
later();
