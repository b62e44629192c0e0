// The pupil's card at the enrolment desk. What its QR code says besides the code stays in this page until "Done", and
// goes on only sealed to the process that seals the face with it.

import { listenForScans } from "../kiosk/scan.js";
import { readShare } from "../ui/card.js";
import { fromHex, seal, toHex } from "../ui/hpke.js";

const desk = document.querySelector("[data-capture]");
const form = desk.querySelector("form[data-with-card]");
const state = desk.querySelector("[data-card-state]");
const words = (name) => desk.querySelector(`template[data-words="${name}"]`).content.textContent;
const token = () => form.querySelector("input[name=csrfmiddlewaretoken]").value;
let held = null; // { code, presses, table }

function say(text, isGood = false) {
  state.textContent = text;
  state.classList.toggle("good", isGood);
}

async function ask(url, values) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": token() },
    body: new URLSearchParams(values),
  });
  if (!response.ok && response.status !== 409) return { refusal: words("network") };
  return response.json();
}

async function takeCard(scanned, presses) {
  held = null;
  let answer;
  try {
    answer = await ask(form.dataset.cardUrl, scanned);
  } catch {
    answer = { refusal: words("network") };
  }
  if (answer.refusal) return say(answer.refusal);
  const table = answer.keys ? JSON.parse(answer.keys) : null;
  if (!presses || !readShare(presses, table)) return say(words("no-share"));
  held = { code: answer.code, presses, table };
  return say(words("card"), true);
}

async function finish() {
  const answer = await ask(form.dataset.keyUrl, {});
  if (answer.refusal) return say(answer.refusal);
  const bytes = readShare(held.presses, held.table);
  const sealed = await seal(fromHex(answer.key), bytes, fromHex(answer.info));
  bytes.fill(0);
  form.elements.code.value = held.code;
  form.elements.share.value = toHex(sealed);
  held = null;
  return form.submit();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!held) {
    say(words("card-first"));
    state.scrollIntoView({ block: "center" });
    return;
  }
  finish().catch(() => say(words("network")));
});
window.addEventListener("pagehide", () => {
  held = null;
});
listenForScans(() => "any", takeCard);
