// The register on a device: it opens without the server, keeps what is marked, and sends it once the server is there.
// What it keeps is in ui/held_registers.js; how it sends, in sending.js.

import { listenForScans } from "../../kiosk/scan.js";
import { Away, SignedOut } from "../../ui/asking.js";
import { fromHex, seal, toHex } from "../../ui/hpke.js";
import { openStore } from "../../ui/held_registers.js";
import { closeIfLeft, keepPage, leave } from "../../ui/kept_page.js";
import { newId } from "../../ui/new_id.js";
import { clock, hasBegun, isClosed, isLate, isMine, isOver, isSame, lacksNames, late, shown, unmarked } from "./marks.js";
import { clockOf, dayOf, drawList, drawRefused, drawRegister, eraseDrawn, labelOf, nameOf, part, show, words } from "./screen.js";
import { exchange, OfAnother } from "./sending.js";

const HOLD_MS = 5000; // so long a mark can be taken back before it goes
const EVERY_MS = 20_000; // how often it is asked what colleagues have marked
const AGAIN_MS = [3000, 5000, 10_000, 20_000]; // after that many failures; it never asks less often than every 20 s
const CLOCK_WRONG_MS = 60_000;
const PRESSED_LATELY_MS = 60_000;
const SAID_MS = 8000;
const LEAVING = "willing-registers-leaving";

const root = document.querySelector("[data-register-app]");
const urls = { today: root.dataset.todayUrl, marks: root.dataset.marksUrl };
const store = await openStore();
let held = null;
let queue = [];
let keeping = []; // marks on their way into the store: they count from the press on
let writing = Promise.resolve(); // one press after the other goes into the store
let asking = Promise.resolve(); // what is asked of the server now
let isBusy = false;
let failures = 0;
let isSignedOut = false;
let isHeard = false; // whether the server has answered since the page is there
let pressedAt = 0;
let timer = null;
let sayTimer = null;

const at = () => clock(held, Date.now());
const register = () => {
  const [group, number] = window.location.hash.slice(1).split("/");
  return held?.registers.find((one) => one.group === group && one.number === Number(number)) ?? null;
};
const isDue = (item, { isFlush = false } = {}) => {
  const age = Date.now() - item.pressed;
  return isFlush || age < 0 || age >= HOLD_MS;
};

function say(text) {
  part("said").textContent = text;
  window.clearTimeout(sayTimer);
  sayTimer = window.setTimeout(() => { part("said").textContent = ""; }, SAID_MS);
}

function status() {
  const count = queue.filter((item) => item.state === "waiting" && (!held || isMine(item, held))).length;
  if (isSignedOut) return count ? words("waits-signed-out", { count }) : words("signed-out-short");
  if (failures) return count ? words("waits-away", { count }) : words("away");
  if (!isHeard) return words("asking");
  return count ? words("waits-here", { count }) : words("all-sent");
}

function drawUndo() {
  const last = queue.findLast((item) => held && isMine(item, held) && item.state === "waiting" && !item.tried && item.seq);
  const items = last ? queue.filter((item) => item.press === last.press && !item.tried) : [];
  show("undo-bar", items.length > 0);
  if (!items.length) return;
  const where = held.registers.find((one) => isSame(last, held, one));
  const label = last.symbol && where ? labelOf(held, where, last.symbol) : words("a-card");
  part("undo-text").textContent = items.length > 1 ? words("undo-all", { count: items.length, label }) : words("undo-one", { name: last.person ? nameOf(where, last.person) : "", label });
}

function draw() {
  const open = register();
  const others = [...new Set(queue.filter((item) => held && !isMine(item, held)).map(({ userName }) => userName))];
  show("signed-out", isSignedOut);
  show("first", !held && !isSignedOut && failures > 0);
  show("of-others", others.length > 0);
  part("of-others").querySelector("[data-text]").textContent = others.length ? words("of-others", { who: others.join(", ") }) : "";
  show("list", Boolean(held) && !open);
  show("register", Boolean(open));
  part("status").textContent = status();
  root.dataset.state = isSignedOut ? "signed-out" : failures ? "away" : isHeard ? "there" : "asking";
  drawRefused(queue, held);
  drawUndo();
  if (!held) return;
  part("day").textContent = dayOf(held.day);
  const isWrong = Math.abs(held.offset) > CLOCK_WRONG_MS;
  show("clock", isWrong);
  if (isWrong) part("clock").querySelector("[data-text]").textContent = words("clock", { time: clockOf(new Date(at()).toISOString()) });
  if (open) drawRegister(queue, held, open, at());
  else drawList(queue, held, at());
}

async function reread() {
  const kept = await store.queue();
  const ids = new Set(kept.map(({ id }) => id));
  queue = [...kept, ...keeping.filter(({ id }) => !ids.has(id))];
  draw();
}

async function forget() {
  await store.erase();
  held = null;
  eraseDrawn();
}

// --- marking

async function mark(open, marks) {
  const reason = part("reason").value.trim();
  if (isClosed(queue, held, open, at()) && !reason) {
    part("reason").setAttribute("aria-invalid", "true");
    part("reason").focus();
    say(words("reason-missing"));
    draw();
    return;
  }
  part("reason").removeAttribute("aria-invalid");
  pressedAt = Date.now();
  const press = newId();
  const shared = { user: held.user, userName: held.userName, day: held.day, group: open.group, number: open.number, title: `${open.title}, ${open.name}` };
  const made = { pressed: pressedAt, at: new Date(at()).toISOString(), press, tried: false, state: "waiting", code: "", message: "" };
  // Of several marks for one pupil that have not gone yet, the last one counts; it alone is kept.
  const stale = queue.filter((item) => isMine(item, held) && isSame(item, held, open) && !item.tried && item.state === "waiting" && marks.some(({ person }) => person && person === item.person));
  const items = marks.map((one) => ({ id: newId(), person: null, minutes: null, seen: 0, reason, ...shared, ...made, ...one }));
  keeping = [...keeping, ...items];
  queue = [...queue.filter((item) => !stale.includes(item)), ...items];
  draw();
  const before = writing;
  writing = (async () => {
    await Promise.allSettled([before]);
    const ids = new Set(stale.map(({ id }) => id));
    const seqs = (await store.queue()).filter(({ id }) => ids.has(id)).map(({ seq }) => seq);
    await store.alter(seqs, (item) => (item.tried ? item : null));
    await store.add(items);
  })();
  try {
    await writing;
  } finally {
    keeping = keeping.filter((item) => !items.includes(item));
  }
  held = { ...held, latest: at() };
  await store.hold(held);
  if (!isClosed(queue, held, open, at())) part("reason").value = ""; // it was for this mark
  await reread();
  plan(HOLD_MS);
}

function lineOf(open, person) {
  return open.lines.find((line) => line.person === person);
}

async function choose(open, person, symbol, typed = "") {
  const line = lineOf(open, person);
  if (!line || !symbol) return;
  const minutes = Number.parseInt(typed, 10);
  const arrived = isLate(held, symbol) ? { ...late(held, open, at()), symbol } : { symbol, minutes: null };
  if (isLate(held, symbol) && minutes >= 1 && minutes <= 720) arrived.minutes = minutes;
  if (held.codes[symbol]?.reason && !part("reason").value.trim()) {
    // This code always asks for a reason, as after the close.
    show("reason-field", true);
    part("reason").focus();
    say(words("reason-of-code"));
    draw();
    return;
  }
  await mark(open, [{ person, ...arrived, seen: line.number }]);
}

async function everyone(open) {
  await mark(open, unmarked(queue, held, open).map(({ person }) => ({ person, symbol: open.present, seen: 0 })));
}

async function undo() {
  const last = queue.findLast((item) => isMine(item, held) && item.state === "waiting" && !item.tried && item.seq);
  if (!last) return;
  const seqs = queue.filter((item) => item.press === last.press).map(({ seq }) => seq);
  const undone = await store.alter(seqs, (item) => (item.tried ? item : null));
  say(undone.length ? words("undone", { count: undone.length }) : words("gone-already"));
  await reread();
}

// A scanned card is sealed to the server before it is kept: its code pays, and a lost device must not know it.
async function scanned({ code, keys }) {
  const open = register();
  if (!open) {
    say(words("scan-nowhere"));
    return;
  }
  if (!hasBegun(held, open, at())) {
    say(words("scan-early"));
    return;
  }
  const id = newId();
  const text = new TextEncoder();
  const sealed = await seal(fromHex(held.seal), text.encode(JSON.stringify({ code, keys })), text.encode(`willing register ${id}`));
  say(words("scanned"));
  await mark(open, [{ id, symbol: "", sealed: toHex(sealed) }]);
  if (!failures) sync({ isFlush: true });
}

// --- the server

function plan(milliseconds) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => sync(), milliseconds);
}

function planNext() {
  const waiting = queue.filter((item) => item.state === "waiting" && !isDue(item) && held && isMine(item, held));
  if (isSignedOut || document.hidden) return;
  if (failures) plan(AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1]);
  else plan(waiting.length ? HOLD_MS : EVERY_MS);
}

async function oneAtATime(work) {
  if (isBusy) return;
  isBusy = true;
  try {
    // Of several pages of this browser one sends at a time.
    asking = navigator.locks ? navigator.locks.request("willing-registers", { ifAvailable: true }, (lock) => lock && work()) : work();
    await asking;
  } finally {
    isBusy = false;
  }
}

async function exchangeNow({ isFlush, isNamed }) {
  const before = held;
  const how = {
    urls,
    store,
    held: before,
    isNamed: isNamed || !before,
    isQuiet: Date.now() - pressedAt > PRESSED_LATELY_MS,
    isReady: (item) => isDue(item, { isFlush }),
  };
  const found = await exchange(how);
  held = found.held;
  failures = 0;
  isSignedOut = false;
  isHeard = true;
  // Pupils have come into a group, or a day has begun: their names are asked for once more.
  if (lacksNames(held)) held = (await exchange({ ...how, held, isNamed: true, isReady: () => false })).held;
  for (const { person, symbol, code } of found.scanned) {
    const open = held.registers.find((one) => one.names[person]);
    if (!code && open) say(`${nameOf(open, person)}: ${labelOf(held, open, symbol)}`);
  }
}

async function sync({ isFlush = false, isNamed = false } = {}) {
  if (held && isOver(held, Date.now())) await forget();
  await oneAtATime(async () => {
    try {
      await closeIfLeft(LEAVING, urls.today, root.dataset.signOutUrl);
      await exchangeNow({ isFlush, isNamed });
    } catch (error) {
      if (error instanceof SignedOut) {
        // The session is over, or was revoked: no name stays. The marks stay, for who made them.
        await forget();
        isSignedOut = true;
        failures = 0;
      } else if (error instanceof Away) failures += 1;
      else if (error instanceof OfAnother) await forget();
      else throw error;
    }
  });
  await reread();
  planNext();
}

// --- leaving

async function signOut() {
  await Promise.allSettled([asking]); // what is asked already brings names
  await sync({ isFlush: true });
  await Promise.allSettled([asking]);
  const count = queue.filter((item) => held && isMine(item, held) && item.state === "waiting").length;
  leave(LEAVING); // from here on nothing is asked before the session is closed
  await forget();
  isSignedOut = true;
  window.location.hash = "";
  say(count ? words("signed-out-with", { count }) : words("erased"));
  draw();
  await sync();
}

// --- the page

root.addEventListener("change", async ({ target }) => {
  const line = target.closest("[data-person]");
  const open = register();
  if (!line || !open) return;
  const { person } = line.dataset;
  if (target.matches(".codes input")) await choose(open, person, target.value);
  else if (target.matches("select")) await choose(open, person, target.value, line.querySelector("input.minutes").value);
  else if (target.matches("input.minutes")) {
    const now = shown(queue, held, open, lineOf(open, person));
    if (isLate(held, now.symbol)) await choose(open, person, now.symbol, target.value);
  }
});

part("lines").addEventListener("click", ({ target }) => {
  const button = target.closest("[data-planned] button");
  if (button) choose(register(), button.closest("[data-person]").dataset.person, button.value);
});
part("everyone").addEventListener("click", () => everyone(register()));
part("undo").addEventListener("click", undo);
part("sign-out").addEventListener("click", signOut);
part("add-other").addEventListener("click", async () => {
  const { value } = part("other");
  if (!value) return;
  held = { ...held, extra: [...new Set([...(held.extra ?? []), value])] };
  await store.hold(held);
  await sync({ isNamed: true });
  if (failures) say(words("other-away"));
});
part("refused").addEventListener("click", async ({ target }) => {
  const row = target.closest("[data-seq]");
  if (!row || !target.closest("button")) return;
  const seq = Number(row.dataset.seq);
  const field = row.querySelector("[data-why] input");
  if (target.closest("[data-discard]")) await store.alter([seq], () => null);
  else {
    const isAsked = !row.querySelector("[data-why]").hidden;
    if (isAsked && !field.value.trim()) {
      field.focus();
      say(words("reason-missing"));
      return;
    }
    await store.alter([seq], (item) => ({ ...item, state: "waiting", code: "", message: "", reason: field.value.trim() || item.reason }));
  }
  await reread();
  await sync({ isFlush: true });
});

window.addEventListener("hashchange", () => {
  draw();
  const open = register();
  (open ? part("register-title") : part("title")).focus();
  window.scrollTo(0, 0);
});
window.addEventListener("online", () => sync());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    if (!failures && !isSignedOut) sync({ isFlush: true });
  } else sync();
});

// Where one register is being taken now, it is the one that the page was opened for.
function openDue() {
  if (window.location.hash) return;
  const due = (held?.registers ?? []).filter((one) => hasBegun(held, one, at()) && at() < Date.parse(one.closes));
  if (due.length === 1) window.location.replace(`#${due[0].group}/${due[0].number}`);
}

function showKept({ canKeep, isKept }) {
  show("not-kept", !canKeep);
  show("no-store", canKeep && (isKept === false || !store.isKept));
  if (isKept) root.dataset.kept = "";
}

if (window.isSecureContext) listenForScans(() => "any", scanned);
show("scan-hint", window.isSecureContext);
held = (await store.held()) ?? null;
if (held && isOver(held, Date.now())) await forget();
await reread();
openDue();
keepPage(root.dataset.workerUrl, showKept);
await sync({ isNamed: true });
openDue();
root.dataset.ready = "";
