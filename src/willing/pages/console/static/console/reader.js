// One test scan: every key until Enter, Tab, or a silence that no reader makes. What it means the server says.

import { keyName } from "../ui/keys.js";

const SILENCE_MS = 500;
const KEYS_MIN = 8; // a card's code has twelve; fewer is somebody at the keyboard

const form = document.querySelector("[data-reader-test]");
const scan = { typed: "", keys: [], caps: false };
let timer = null;

function send(suffix) {
  window.clearTimeout(timer);
  if (scan.keys.length < KEYS_MIN) {
    Object.assign(scan, { typed: "", keys: [] });
    return false;
  }
  form.typed.value = scan.typed;
  form.keys.value = scan.keys.join(" ");
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
    scan.keys.push(name);
    if (event.key.length === 1) scan.typed += event.key;
    scan.caps = event.getModifierState("CapsLock");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => send("none"), SILENCE_MS);
  },
  true,
);
form.querySelector("[data-waiting]").hidden = false;
