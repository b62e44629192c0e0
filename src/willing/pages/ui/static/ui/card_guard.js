// On every page: no form sends the share of a card, whichever field the reader typed into (ui/card.js). A field that
// takes a card ([data-takes-card]) shows its code as soon as the card is whole. Where no script runs, such a field
// is too short for a share to begin in it.

import { codeOf, cutCardText, cutText } from "./card.js";

const CARD_LENGTH_MAX = 300;
const TEXTS = new Set(["text", "search", "password", "url", "email", "tel"]);

function isText(field) {
  return field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && TEXTS.has(field.type));
}

function takesCard(field) {
  return field.matches("[data-takes-card]");
}

function makeRoom(field) {
  if (isText(field) && takesCard(field)) field.maxLength = CARD_LENGTH_MAX;
}

document.addEventListener(
  "input",
  ({ target }) => {
    if (!isText(target) || !takesCard(target)) return;
    const code = codeOf(target.value);
    if (code) target.value = code;
  },
  true,
);

// Fired for every form that is sent: by a press, by a script, by htmx, whatever the method.
document.addEventListener(
  "formdata",
  (event) => {
    for (const field of event.target.elements) {
      if (!isText(field) || !field.name) continue;
      const cut = takesCard(field) ? cutCardText(field.value) : cutText(field.value);
      if (cut !== field.value && event.formData.has(field.name)) event.formData.set(field.name, cut);
    }
  },
  true,
);

document.addEventListener("focusin", ({ target }) => makeRoom(target), true);
for (const field of document.querySelectorAll("[data-takes-card]")) makeRoom(field);
