// A page in step with what others write: two screens of one till, the phones of a roll call. The page asks for what there
// is if it is another version than it shows; the server holds the answer until it is, so nothing is asked in between.

const PAUSE_MS = 2000; // after a failure, or an answer that was not held
const HELD_MS_MAX = 26_000; // longer than the server holds an answer: the line is dead
const FULL_MS = 10_000; // too many pages wait
const PRESS_MS_MAX = 1500; // a finger that stays down for longer presses nothing

let isDown = false;
const pause = (milliseconds) => new Promise((resolve) => window.setTimeout(resolve, milliseconds));

for (const name of ["pointerdown", "pointerup", "pointercancel"]) {
  document.addEventListener(name, () => (isDown = name === "pointerdown"), { capture: true, passive: true });
}

// Resolves once no press is on its way: a button that is replaced under a finger is not pressed.
export async function noPress() {
  const until = performance.now() + PRESS_MS_MAX;
  while (isDown && performance.now() < until) await pause(20);
  await pause(0); // the click comes after the finger has left
}

// waiting: says which version is shown, and where to wait; waitUrl is missing where there is nothing to wait for.
// onNews: called with the version that was shown and with what there is now, as text, or with null where this device may
// not ask any more; onState: whether the server answers. headers: of each question.
export async function follow(waiting, onNews, onState, headers = {}) {
  for (;;) {
    const { waitUrl, version } = waiting();
    if (!waitUrl) {
      await pause(PAUSE_MS);
      continue;
    }
    const askedAt = performance.now();
    const line = new AbortController();
    const cut = () => line.abort();
    const deadline = window.setTimeout(cut, HELD_MS_MAX);
    window.addEventListener("offline", cut, { once: true });
    try {
      const asked = `${waitUrl}?version=${encodeURIComponent(version)}`;
      const answer = await fetch(asked, { cache: "no-store", headers, signal: line.signal });
      onState(answer.ok || answer.status < 500);
      if (answer.status === 200) await onNews(version, await answer.text());
      else if (answer.status === 403) await onNews(version, null);
      else if (answer.status === 429) await pause(FULL_MS);
      if (answer.status !== 200 && performance.now() - askedAt < PAUSE_MS) await pause(PAUSE_MS);
    } catch {
      onState(false);
      await pause(PAUSE_MS);
    } finally {
      window.clearTimeout(deadline);
      window.removeEventListener("offline", cut);
    }
  }
}
