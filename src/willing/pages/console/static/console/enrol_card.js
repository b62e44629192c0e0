// Cards at the enrolment desk: the pupil's, and those of siblings who are compared. What a QR code says besides the
// code stays in this page until "Done", and goes on only sealed to the process that seals the face with it. A reader
// types it (scan.js), or the camera reads it after a press (ui/card_camera.js).

import { listenForScans } from "../kiosk/scan.js";
import { readShare } from "../ui/card.js";
import { readCard } from "../ui/card_camera.js";
import { fromHex, seal, toHex } from "../ui/hpke.js";

const CARD_MS = 60_000; // then the camera stops by itself
const form = document.querySelector("form[data-with-card]");
const cards = document.querySelector("[data-cards]");
const states = { own: cards.querySelector("[data-card-state]"), sibling: cards.querySelector("[data-sibling-state]") };
const camera = {
  open: cards.querySelector("[data-open-code-camera]"),
  panel: cards.querySelector("[data-code-panel]"),
  stop: cards.querySelector("[data-stop-code-camera]"),
  state: cards.querySelector("[data-code-state]"),
};
const words = (name) => cards.querySelector(`template[data-words="${name}"]`).content.textContent;
const token = () => form.querySelector("input[name=csrfmiddlewaretoken]").value;
let own = null; // { code, presses, table }
let siblings = [];
let reading = null; // the AbortController while the camera reads a card

const asksSiblings = () => form.elements.siblings.value === "yes";

function say(whose, text, isGood = false) {
  states[whose].textContent = text;
  states[whose].classList.toggle("good", isGood);
}

async function ask(url, values) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": token() },
    body: new URLSearchParams(values),
  });
  if (!response.ok && response.status !== 409) return { refusal: words("failed") };
  return response.json();
}

// The pupil's own card is read first; those after it are siblings', where the question was answered so.
async function takeCard(scanned, presses) {
  stopReading();
  const whose = own && asksSiblings() ? "sibling" : "own";
  if (whose === "own") own = null;
  let answer;
  try {
    answer = await ask(form.dataset.cardUrl, { ...scanned, whose });
  } catch {
    answer = { refusal: words("failed") };
  }
  if (answer.refusal) return say(whose, answer.refusal);
  const table = answer.keys ? JSON.parse(answer.keys) : null;
  if (!presses || !readShare(presses, table)) return say(whose, words("no-share"));
  const card = { code: answer.code, presses, table };
  if (whose === "own") {
    own = card;
    return say(whose, words("card"), true);
  }
  siblings = [...siblings.filter(({ code }) => code !== card.code), card];
  return say(whose, words("siblings").replace("NUMBER", siblings.length), true);
}

const stopReading = () => reading?.abort("stopped");

// One camera at a time: this press ends the look at a face (enrol.js), and its start ends this.
async function readByCamera() {
  if (reading) return;
  document.dispatchEvent(new Event("willing:card-camera"));
  reading = new AbortController();
  showReading(true);
  sayOfCamera("");
  camera.stop.focus({ preventScroll: true });
  let found = "stopped";
  try {
    found = await readCard(camera.panel, reading.signal, CARD_MS);
  } finally {
    reading = null;
    const hasFocus = camera.panel.contains(document.activeElement);
    showReading(false);
    if (hasFocus) camera.open.focus({ preventScroll: true });
  }
  if (found.code) return takeCard({ code: found.code, keys: "" }, found.share);
  return sayOfCamera(cards.querySelector(`template[data-code-ending="${found}"]`)?.content.textContent ?? "");
}

function showReading(isReading) {
  camera.panel.hidden = !isReading;
  camera.open.hidden = isReading;
}

function sayOfCamera(text) {
  camera.state.textContent = text;
}

function add(name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
}

async function addSealed(card, prefix, key, info) {
  const bytes = readShare(card.presses, card.table);
  const sealed = await seal(fromHex(key), bytes, fromHex(info));
  bytes.fill(0);
  add(`${prefix}code`, card.code);
  add(`${prefix}share`, toHex(sealed));
}

async function finish() {
  const answer = await ask(form.dataset.keyUrl, {});
  if (answer.refusal) return say("own", answer.refusal);
  await addSealed(own, "", answer.key, answer.info);
  for (const [place, card] of siblings.entries()) {
    await addSealed(card, "sibling-", answer.key, answer.siblings[place]);
  }
  forget();
  return form.submit();
}

function forget() {
  own = null;
  siblings = [];
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  stopReading();
  const missing = own ? asksSiblings() && !siblings.length && "sibling" : "own";
  if (missing) {
    say(missing, words(missing === "own" ? "card-first" : "sibling-first"));
    states[missing].scrollIntoView({ block: "center" });
    return;
  }
  finish().catch(() => say("own", words("failed")));
});
cards.addEventListener("change", () => {
  siblings = [];
  states.sibling.hidden = !asksSiblings();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stopReading();
});
for (const done of document.querySelectorAll("[data-finish]")) done.addEventListener("click", stopReading);
window.addEventListener("pagehide", () => {
  stopReading();
  forget();
});
// A page without https has no cameras at all.
if (camera.open && window.isSecureContext) {
  camera.open.hidden = false;
  camera.open.addEventListener("click", readByCamera);
  camera.stop.addEventListener("click", stopReading);
  document.querySelector("[data-capture] [data-start]")?.addEventListener("click", stopReading);
}
listenForScans(() => "any", takeCard);
