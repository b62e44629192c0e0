// A bar-code reader types like a very fast person and ends with Enter, with Tab, or with nothing, as it is set
// (data-reader-suffix). This tells the two apart by speed. Both the characters and the names of the keys go to the
// server, which knows how this till's reader types.

import { keyName } from "../ui/keys.js";

const GAP_MS_MAX = 80; // readers send a key every 1-20 ms; people are rarely this fast for a whole code
const SILENCE_MS = 200; // after the last key of a reader that ends with nothing
const LENGTH_MIN = 4; // with no field in focus: nobody types into nothing
const LENGTH_MIN_IN_FIELD = 8; // longer than a number or a PIN, as bar codes and card codes are
const ENDS = { enter: "Enter", tab: "Tab" };

export function listenForScans(suffixNow, onScan) {
  let typed = "";
  let keys = [];
  let lastAt = 0;
  let isFast = true;
  let timer = null;

  function reset() {
    typed = "";
    keys = [];
    isFast = true;
  }

  function finish(field) {
    if (field) field.value = "";
    const scanned = { code: typed, keys: keys.join(" ") };
    reset();
    onScan(scanned);
  }

  function isScan(field, gap) {
    return field
      ? keys.length >= LENGTH_MIN_IN_FIELD && isFast && gap <= GAP_MS_MAX
      : keys.length >= LENGTH_MIN;
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      window.clearTimeout(timer);
      const gap = event.timeStamp - lastAt;
      lastAt = event.timeStamp;
      const field = event.target.closest?.("input, textarea, select") ?? null;
      if (event.key === "Enter" || event.key === "Tab") {
        const isEnd = event.key === "Enter" || event.key === ENDS[suffixNow()];
        if (isEnd && isScan(field, gap)) {
          // Enter would press the button that has the focus, or send a half-filled form.
          event.preventDefault();
          event.stopPropagation();
          finish(field);
        } else reset();
        return;
      }
      const name = keyName(event);
      if (!name) return;
      if (gap > 1500) reset();
      else if (keys.length && gap > GAP_MS_MAX) isFast = false;
      if (event.key.length === 1) typed += event.key;
      keys.push(name);
      // A space in a scanned code must not press the focused button.
      if (!field && keys.length > 1 && event.key === " ") event.preventDefault();
      if (suffixNow() === "none" && isFast && isScan(field, 0)) timer = window.setTimeout(() => finish(field), SILENCE_MS);
    },
    true,
  );
}
