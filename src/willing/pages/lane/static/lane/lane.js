// A lane of the gate: sends each press without leaving the page, measures how long a person waited, runs the camera
// after a press on this very page, and shows the first screen again by itself. Without it everything but the camera
// works as plain forms.

import { look } from "../kiosk/face.js";
import { listenForScans } from "../kiosk/scan.js";

const HERE_MS = 60_000;
const ANSWER_MS = 15_000;
const state = { began: null, camera: null, timer: null, isBusy: false, share: null };

const screen = () => document.getElementById("screen");

function showOffline(isOffline) {
  document.getElementById("offline").hidden = !isOffline;
}

// A person is waited for from their first press: of a way, of a key, of a reader.
function begin() {
  state.began ??= performance.now();
}

async function ask(url, body = null) {
  const response = await fetch(url, {
    method: body ? "POST" : "GET",
    body,
    headers: { "X-Lane-Screen": "1" },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (response.redirected && !response.headers.get("Content-Type")?.startsWith("text/html")) return null;
  const text = await response.text();
  const next = new DOMParser().parseFromString(text, "text/html").getElementById("screen");
  if (!next || response.redirected) {
    window.location.assign(response.url); // signed out, or no lane any more: the page itself says so
    return null;
  }
  return next;
}

async function press(url, body = null, isPressed = false) {
  if (state.isBusy) return;
  state.isBusy = true;
  screen().setAttribute("aria-busy", "true");
  try {
    const next = await ask(url, body);
    showOffline(false);
    if (next) arrive(next, isPressed);
  } catch {
    showOffline(true);
  } finally {
    state.isBusy = false;
    screen().removeAttribute("aria-busy");
  }
}

function arrive(next, isPressed) {
  state.camera?.abort("replaced");
  state.camera = null;
  screen().replaceWith(next);
  const { stage } = next.dataset;
  if (stage === "choose" || stage === "passed") {
    state.began = null;
    if (stage === "passed" || !isPressed) state.share = null;
  }
  const heading = next.querySelector("[data-announce]");
  const notice = next.querySelector(".notice-body");
  document.getElementById("announcer").textContent = [notice, heading].map((part) => part?.textContent.trim()).filter(Boolean).join(". ");
  (next.querySelector("[autofocus]") ?? heading)?.focus({ preventScroll: true });
  const panel = next.querySelector("[data-face-session]");
  if (panel && isPressed) runCamera(panel);
  later();
}

function later() {
  window.clearTimeout(state.timer);
  const { homeAfterSeconds, homeUrl } = screen().dataset;
  if (homeAfterSeconds) state.timer = window.setTimeout(() => press(homeUrl), Number(homeAfterSeconds) * 1000);
}

async function runCamera(panel) {
  const controller = new AbortController();
  state.camera = controller;
  const ending = await look(panel, controller.signal, () => controller.abort("camera_chosen"), state.share);
  state.share = null;
  if (state.camera === controller) state.camera = null;
  if (!panel.isConnected) return;
  if (ending === "decided") await press(panel.dataset.passedUrl);
  else {
    const body = new FormData(panel.querySelector("[data-cancel-face]"));
    body.set("reason", ending);
    await press(panel.dataset.closeUrl, body);
  }
}

function bodyOf(form) {
  const body = new FormData(form);
  if (body.has("waited") && state.began !== null) body.set("waited", String(Math.round(performance.now() - state.began)));
  if (body.has("device_time")) body.set("device_time", new Date().toISOString());
  return body;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-press-form]");
  if (!form) return;
  event.preventDefault();
  begin();
  if (form.matches("[data-cancel-face]") && state.camera) {
    state.camera.abort("cancelled");
    return;
  }
  press(form.action, bodyOf(form), form.matches("[data-starts-face]"));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-way]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.search) begin();
  press(link.href);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("#screen [data-escape]")?.click();
  else if (event.target.closest?.("#screen input")) begin();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) state.camera?.abort("hidden");
});

// A reader types wherever the focus is: its scan goes where this screen takes a card.
listenForScans(
  () => screen().dataset.readerSuffix,
  (scanned, share) => {
    const form = document.querySelector("#screen .lane-card");
    begin();
    // The next person's card, while the one before is still shown, is taken as on the first screen.
    const body = bodyOf(form ?? document.querySelector("#screen [data-next-card]"));
    body.set("code", scanned.code);
    body.set("keys", scanned.keys);
    state.share = share ? { presses: share, table: null } : null;
    press(form?.action ?? screen().dataset.cardUrl, body, form?.matches("[data-starts-face]") ?? false);
  },
);

document.documentElement.classList.add("has-script");
window.setInterval(() => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  fetch(screen().dataset.hereUrl, { method: "POST", headers: { "X-CSRFToken": token } }).then(
    () => showOffline(false),
    () => showOffline(true),
  );
}, HERE_MS);
later();
