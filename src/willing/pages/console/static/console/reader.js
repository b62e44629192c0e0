// One test scan: every key until Enter, Tab, or a silence that no reader makes. What it means the server says; of a
// printed card it gets no more than the code (ui/card.js).

import { cutPresses } from "../ui/card.js";
import { keyName } from "../ui/keys.js";

const SILENCE_MS = 500;
const KEYS_MIN = 8; // a card's code has twelve; fewer is somebody at the keyboard

const form = document.querySelector("[data-reader-test]");
// Until then keys may be the rest of a scan whose beginning was lost, which can't be told from a code.
const REST_MS = { start: 100, unreadable: 1500 };
const scan = { presses: [], caps: false, restUntil: performance.now() + REST_MS.start };
let timer = null;

function send(suffix) {
  window.clearTimeout(timer);
  const presses = cutPresses(scan.presses);
  if (scan.presses.length && !presses.length) scan.restUntil = performance.now() + REST_MS.unreadable;
  scan.presses = [];
  if (presses.length < KEYS_MIN) return false;
  form.typed.value = presses.map(({ key }) => key).join("");
  form.keys.value = presses.map(({ name }) => name).join(" ");
  form.suffix.value = suffix;
  form.caps.value = scan.caps ? "on" : "";
  form.submit();
  return true;
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === "Tab") {
      if (send(event.key.toLowerCase())) event.preventDefault();
      return;
    }
    const name = keyName(event);
    if (!name) return;
    event.preventDefault(); // a blank of the scan scrolls the page, an apostrophe opens a browser's search
    if (!scan.presses.length && event.timeStamp < scan.restUntil) {
      scan.restUntil = Math.max(scan.restUntil, event.timeStamp + REST_MS.start);
      return;
    }
    scan.presses.push({ key: event.key.length === 1 ? event.key : "", name });
    scan.caps = event.getModifierState("CapsLock");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => send("none"), SILENCE_MS);
  },
  true,
);
window.setTimeout(() => {
  form.querySelector("[data-waiting]").hidden = false;
}, REST_MS.start);
