// A phone that opened a card's square has all of it behind the "#", which no browser sends. Put the code into the
// field, and let neither the address line nor the way back keep the rest.

import { codeOf } from "../ui/card.js";

const code = codeOf(window.location.href);
if (window.location.hash) window.history.replaceState(null, "", window.location.pathname);
if (code) {
  const { card, pin } = document.querySelector("[data-card-form]").elements;
  card.value = code;
  pin.focus();
}
