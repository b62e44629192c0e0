// A bar-code reader types like a very fast person and ends with Enter, with Tab, or with nothing, as it is set
// (data-reader-suffix; "any" where nobody has set it). This tells the two apart by speed. Both the characters and the names of the keys go to the
// server, which knows how this till's reader types; of a printed card no more than its code (ui/card.js). The presses
// of its share go to the page alone (onScan's second argument).

import { cutPresses, sharePresses } from "../ui/card.js";
import { keyName } from "../ui/keys.js";

const GAP_MS_MAX = 80; // readers send a key every 1-20 ms; people are rarely this fast for a whole code
const SILENCE_MS = 200; // after the last key of a reader that ends with nothing
const LENGTH_MIN = 4; // with no field in focus: nobody types into nothing
const LENGTH_MIN_IN_FIELD = 8; // longer than a number or a PIN, as bar codes and card codes are
const PAUSE_MS = 1500; // what comes after it is another scan, or the rest of one that was held up
const START_MS = 100; // keys that soon after the page is there may belong to a scan that began before it
const ENDS = { enter: "Enter", tab: "Tab" };

export function listenForScans(suffixNow, onScan) {
  let restUntil = performance.now() + START_MS;
  let presses = [];
  let lastAt = 0;
  let isFast = true;
  let isRest = false; // the end of a card without its beginning can't be told from a code, so it goes nowhere
  let timer = null;

  function reset() {
    presses = [];
    isFast = true;
    isRest = false;
  }

  function finish(field) {
    if (field) field.value = "";
    const kept = isRest ? [] : cutPresses(presses);
    const share = kept.length ? sharePresses(presses) : null;
    if (!kept.length) restUntil = lastAt + PAUSE_MS;
    reset();
    const scanned = { code: kept.map(({ key }) => key).join(""), keys: kept.map(({ name }) => name).join(" ") };
    if (kept.length) onScan(scanned, share);
  }

  function isScan(field, gap) {
    return field
      ? presses.length >= LENGTH_MIN_IN_FIELD && isFast && gap <= GAP_MS_MAX
      : presses.length >= LENGTH_MIN;
  }

  function begin(event, gap) {
    const wasHeldUp = gap <= 10 * PAUSE_MS && isFast && presses.length >= LENGTH_MIN_IN_FIELD;
    if (gap > PAUSE_MS) {
      reset();
      isRest = wasHeldUp;
    }
    if (!presses.length && event.timeStamp < restUntil) isRest = true;
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
        const isEnd = event.key === "Enter" || suffixNow() === "any" || event.key === ENDS[suffixNow()];
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
      begin(event, gap);
      if (presses.length && gap > GAP_MS_MAX) isFast = false;
      presses.push({ key: event.key.length === 1 ? event.key : "", name });
      // A space in a scanned code must not press the focused button.
      if (!field && presses.length > 1 && event.key === " ") event.preventDefault();
      if (["none", "any"].includes(suffixNow()) && isFast && isScan(field, 0)) timer = window.setTimeout(() => finish(field), SILENCE_MS);
    },
    true,
  );
}
