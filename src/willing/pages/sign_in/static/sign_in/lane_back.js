// A lane of the gate on which someone pressed "Ask a member of staff": where nobody goes on, it is a lane again by itself,
// for the next person has a card in their hand.

const AWAY_MS = 45_000;

const back = document.querySelector("[data-lane-back]");
let timer = null;

function later() {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => window.location.assign(back.href), AWAY_MS);
}

for (const one of ["keydown", "pointerdown", "input"]) document.addEventListener(one, later);
later();
