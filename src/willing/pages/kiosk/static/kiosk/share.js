// What a card says besides its code: half of the key to its owner's face. This page alone holds it, from the scan for
// half a minute at most, while that one basket shows its owner; it goes on only sealed (face.js).

const HELD_MS = 30_000;
const STAGES = ["identified", "face", "stop"]; // those that show whom the card named

let held = null; // { presses, table, basket, isPosted }
let timer = null;

export function dropShare() {
  window.clearTimeout(timer);
  held = null;
  show();
}

export function shareNow() {
  return held;
}

// posted: until the answer to the scan itself is there, the screens are those of earlier presses.
export function holdShare(presses, screen, posted) {
  dropShare();
  const { basket, readerKeys } = screen.dataset;
  if (!presses || !basket) return;
  const mine = { presses, basket, table: readerKeys ? JSON.parse(readerKeys) : null, isPosted: false };
  held = mine;
  timer = window.setTimeout(dropShare, HELD_MS);
  posted.then(() => {
    mine.isPosted = true;
    if (held === mine) keepShareFor(document.getElementById("screen"));
  });
}

// A new screen is there.
export function keepShareFor(screen) {
  const { basket, stage } = screen.dataset;
  if (held?.isPosted && (held.basket !== basket || !STAGES.includes(stage))) dropShare();
  show();
}

function show() {
  for (const form of document.querySelectorAll("#screen [data-needs-share]")) form.hidden = !held?.isPosted;
}
