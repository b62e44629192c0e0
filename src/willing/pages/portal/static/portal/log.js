// Hold the school's log against what this device saw of it, and remember the newest. One entry of the browser's
// storage for each school; it names nobody, so it stays when somebody signs out: the next visit needs it.
import { followLog, readMemory } from "../audit/continuity.js";

const MOVED_UP = ["unexplained", "rewritten"];
const box = document.querySelector("[data-log]");
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const place = box && `willing-log-${box.dataset.log}`;

function recall() {
  try {
    return readMemory(JSON.parse(localStorage.getItem(place)));
  } catch {
    return null; // a text of somebody else's, or a browser that keeps nothing
  }
}

function remember(memory) {
  try {
    localStorage.setItem(place, JSON.stringify(memory));
  } catch {
    // A browser that keeps nothing: each visit is the first.
  }
}

async function ask(memory) {
  const [origin, size] = memory?.note.split("\n") ?? ["", "0"];
  try {
    const answer = await fetch(`${box.dataset.address}?${new URLSearchParams({ origin, size })}`);
    return answer.ok && !answer.redirected ? await answer.json() : null;
  } catch {
    return null;
  }
}

function fill(part, name, text) {
  for (const one of part.querySelectorAll(`[data-${name}]`)) one.textContent = text;
}

function listRestores(restored) {
  const list = box.querySelector("[data-restores]");
  list.replaceChildren();
  for (const { at, lost } of restored) {
    const line = document.createElement("p");
    line.append(box.querySelector(`[data-restore=${lost === null ? "unknown" : "known"}]`).content.cloneNode(true));
    fill(line, "at", new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(at)));
    if (lost !== null) fill(line, "lost", new Intl.NumberFormat(language).format(lost));
    list.append(line);
  }
  list.hidden = restored.length === 0;
}

function show(found) {
  for (const one of box.querySelectorAll("[data-outcome]")) one.hidden = one.dataset.outcome !== found.outcome;
  if (found.size !== undefined) fill(box, "size", new Intl.NumberFormat(language).format(found.size));
  listRestores(found.memory?.restored ?? []);
  const isGrave = MOVED_UP.includes(found.outcome);
  const evidence = box.querySelector("[data-evidence]");
  evidence.hidden = !isGrave;
  if (isGrave) {
    evidence.querySelector("[data-notes]").textContent = [found.memory.note, found.against].join("\n\n");
    box.parentElement.prepend(box);
  }
  box.hidden = false;
}

async function check() {
  const memory = recall();
  const answer = memory?.rewritten ? null : await ask(memory);
  if (answer === null && !memory?.rewritten) return show({ outcome: "unanswered", memory });
  const found = await followLog(memory, answer);
  // Another tab may have seen more meanwhile; what contradicts is kept whatever that was.
  if (found.outcome === "rewritten" || recall()?.note === memory?.note) remember(found.memory);
  return show({ ...found, against: found.memory?.rewritten ?? answer?.checkpoint });
}

if (box) {
  box.querySelector("[data-forget]").addEventListener("click", () => {
    localStorage.removeItem(place);
    location.reload();
  });
  check();
}
