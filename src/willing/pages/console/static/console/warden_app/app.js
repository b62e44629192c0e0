// The roll call on a warden's phone: the list of today, complete without the server and the internet. What it keeps is in
// ui/held_roll_call.js, what ticks mean in ticks.js, how phones put them together without a server in codes.js.

import { Away, SignedOut } from "../../ui/asking.js";
import { follow } from "../../ui/follow.js";
import { openStore } from "../../ui/held_roll_call.js";
import { closeIfLeft, keepPage, leave } from "../../ui/kept_page.js";
import { newId } from "../../ui/new_id.js";
import { CodeRefused, keyOf, rosterOf } from "./codes.js";
import { drawAll, eraseDrawn, EVERYWHERE, inOrder, NOWHERE, number, part, root, ROWS_STEP, show, words, write, clockOf } from "./screen.js";
import { fetchList, fetchState, NotWarden, sendBegin, sendEnd, sendTicks, TICKS_MAX } from "./server.js";
import { asCall, asKept, clock, heldAnew, isHere, isOver, isRed, isRunning, isoOf, leading, mayJoin, results, secondFor, stateFor } from "./ticks.js";

const LIST_MS = 5 * 60_000; // how old the list gets while the server can be asked
const LIST_SPREAD_MS = 4000; // phones do not all ask for it in the same moment
const SEND_MS = 400; // ticks of one warden go together
const NEWS_MS = 1500; // how often ticks of others are asked for, at most
const AGAIN_MS = [2000, 3000, 5000, 10_000];
const SAID_MS = 8000;
const MINUTE_MS = 60_000;
const CLOCK_WRONG_MS = 60_000;
const OPENINGS_MAX = 100;
const LEAVING = "willing-roll-call-leaving";
const POINT = "willing-roll-call-point";

const urls = Object.fromEntries(["list", "state", "wait", "begin", "ticks", "end", "signOut", "worker"].map((name) => [name, root.dataset[`${name}Url`]]));
const store = await openStore();
const view = { people: [], point: EVERYWHERE, search: "", isOnlyMissing: false, kept: new Set(), rows: ROWS_STEP };
let device = await store.about("device");
let opened = (await store.about("opened")) ?? [];
let held = null;
let ticks = new Map(); // by their keys: those of the roll call that this phone is in, and all that are not sent
let result = new Map();
let version = "";
let failures = 0;
let isHeard = false;
let isSignedOut = false;
let refusedNames = ""; // why this person sees no names
let isBusy = false;
let wanted = { list: false };
let listAt = 0;
let newsAt = 0;
let timer = null;
let listTimer = null;
let sayTimer = null;
let lastPress = null;
let merge = null; // merge.js, once it is here; the list opens without it

if (!device) {
  device = newId();
  await store.note("device", device);
}

const now = () => clock(held, Date.now());
const call = () => held?.call ?? null;
const openCall = () => (call() && !call().ended_at ? call() : null);
const mine = () => [...ticks.values()].filter((one) => one.call === call()?.id);
const unsent = () => [...ticks.values()].filter((one) => !one.isSent && !one.code);
const csrf = () => held?.csrf ?? JSON.parse(document.body.dataset.hxHeaders)["X-CSRFToken"];

// --- what is said

function say(text) {
  write("said", text);
  window.clearTimeout(sayTimer);
  sayTimer = window.setTimeout(() => write("said", ""), SAID_MS);
}

function status() {
  const count = unsent().length;
  const waiting = count ? "waits" : call() && !call().isSent ? "start-waits" : call()?.isEnding ? "end-waits" : "";
  const waits = (where) => words(`${waiting}-${where}`, count ? { count } : {});
  if (isSignedOut) return waiting ? waits("signed-out") : words("signed-out-short");
  if (failures) return waiting ? waits("away") : words("away");
  if (!isHeard) return words("asking");
  return waiting ? waits("here") : words("all-sent");
}

function drawRefused() {
  const refused = [...ticks.values()].filter((one) => one.code);
  show("refused", refused.length > 0);
  if (refused.length) write("refused-text", words("refused", { count: refused.length, why: refused.at(-1).message || words("not-valid") }));
}

function draw() {
  const isShown = Boolean(held);
  show("signed-out", isSignedOut);
  show("first", !held && !isSignedOut && !refusedNames && failures > 0);
  show("not-warden", Boolean(refusedNames));
  write("not-warden-text", refusedNames);
  show("list", isShown);
  show("start", !openCall() && !isSignedOut && (isShown || Boolean(refusedNames)));
  show("merge", isShown && Boolean(call()));
  write("status", status());
  root.dataset.state = isSignedOut ? "signed-out" : failures ? "away" : isHeard ? "there" : "asking";
  drawRefused();
  show("undo-bar", Boolean(lastPress && openCall()));
  if (lastPress) write("undo-text", lastPress.text);
  if (!held) {
    show("call", false);
    return;
  }
  view.people = held.people;
  result = results(mine());
  drawAll({ view, held, call: call(), result, nowMs: now() });
  const minutes = Math.max(0, Math.floor((now() - Date.parse(held.made_at)) / MINUTE_MS));
  write("age", words("age", { time: clockOf(held.made_at), count: minutes, people: number(held.people.length) }));
  const isWrong = Math.abs(held.offset) > CLOCK_WRONG_MS;
  show("clock", isWrong);
  if (isWrong) write("clock-text", words("clock", { time: clockOf(isoOf(Math.floor(now() / 1000))) }));
}

// --- ticks

async function keep(found) {
  for (const one of found) ticks.set(one.key, one);
  await store.put(found);
}

// Adds ticks that came from elsewhere. What is here already stays as it is, but for what is known of it since.
async function absorb(id, come, isSent) {
  const fresh = come
    .map((one) => asKept(id, { ...one, who: one.who || nameOfUser(one.by) }, isSent))
    .filter((one) => {
      const known = ticks.get(one.key);
      return !known || (isSent && !known.isSent) || (one.who && !known.who);
    })
    .map((one) => ({ ...one, isSent: one.isSent || Boolean(ticks.get(one.key)?.isSent) }));
  if (fresh.length) await keep(fresh);
  return fresh;
}

const names = new Map(); // of those whose ticks the server named

function nameOfUser(id) {
  return id === held?.user.id ? held.user.name : (names.get(id) ?? "");
}

async function tick(person, state) {
  if (!openCall()) return;
  const at = isoOf(secondFor(result.get(person.id), now()));
  const made = asKept(call().id, { subject: person.id, state, at, device, by: held.user.id, who: held.user.name }, false);
  const isBack = state === "missing";
  lastPress = isBack ? null : { person: person.id, text: words("ticked", { name: person.name }) };
  if (view.isOnlyMissing) view.kept.add(person.id);
  held.latest = Math.max(held.latest, now());
  await keep([made]);
  say(words(isBack ? "taken-back" : "ticked", { name: person.name }));
  draw();
  plan(SEND_MS);
}

const personOf = (id) => held.people.find((one) => one.id === id);

// --- which roll call

// Goes on with another roll call; ticks of this phone's own of the same kind come along.
async function goOnWith(next) {
  const before = call();
  held.call = next;
  lastPress = null;
  draw(); // before it is kept: people run by now
  await store.hold(held);
  if (before && before.id !== next.id && !before.isSent && before.kind === next.kind && !before.ended_at) {
    const old = [...ticks.values()].filter((one) => one.call === before.id);
    await absorb(next.id, old, false);
    await drop(old);
  }
  const left = [...ticks.values()].filter((one) => one.call !== next.id && one.isSent);
  await drop(left);
}

async function drop(gone) {
  for (const one of gone) ticks.delete(one.key);
  await store.forget(gone.map(({ key }) => key));
}

// What the server says of a roll call, put together with what this phone knows.
async function hear(running, come) {
  if (running) {
    const theirs = asCall(running);
    const own = call();
    const isOwn = own?.id === theirs.id;
    if (isOwn || !own || own.isSent || own.kind === theirs.kind || leading(own, theirs) === theirs) {
      const isNew = !isOwn && !theirs.ended_at;
      if (isOwn) {
        held.call = { ...own, ...theirs };
        await store.hold(held);
      } else await goOnWith(theirs);
      for (const one of come) if (one.who) names.set(one.by, one.who);
      await absorb(theirs.id, come, true);
      held.since = { call: theirs.id, number: Math.max(held.since?.call === theirs.id ? held.since.number : 0, ...come.map((one) => one.number)) };
      await store.hold(held);
      if (isNew) say(words("begun", { kind: words(`kind-${theirs.kind}`) }));
    }
  } else if (call()?.isSent && !call().ended_at) {
    held.call = { ...call(), ended_at: isoOf(Math.floor(now() / 1000)) };
    await store.hold(held);
    lastPress = null;
    say(words("ended"));
  }
}

async function begin(kind) {
  const started = { id: newId(), kind, started_at: isoOf(Math.floor(now() / 1000)), by: held?.user.name ?? "", user: held?.user.id ?? 0, ended_at: null };
  if (!held) {
    // Whoever is no warden has no list until the server has the start.
    try {
      await sendBegin(urls.begin, csrf(), started);
      wanted.list = true;
    } catch (error) {
      say(error instanceof Away ? words("start-away") : words("start-refused"));
    }
    await sync();
    return;
  }
  await goOnWith(asCall(started, { isSent: false }));
  say(words("begun", { kind: words(`kind-${kind}`) }));
  draw();
  part("call-kind").focus(); // the server may be away: nobody waits for it
  await sync();
}

async function end() {
  const ending = openCall();
  if (!ending) return;
  held.call = { ...ending, ended_at: isoOf(Math.floor(now() / 1000)), isEnding: true };
  await store.hold(held);
  lastPress = null;
  say(words("ended"));
  draw();
  part("start-drill").focus();
  await sync();
}

// --- the server

function plan(milliseconds) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => sync(), milliseconds);
}

function planNext() {
  if (isSignedOut) return;
  if (failures) plan(AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1]);
  else if (unsent().length) plan(SEND_MS);
}

async function refreshList() {
  const isFirst = opened.length > 0 && Date.now() - Date.parse(opened.at(-1)) < MINUTE_MS;
  const content = await fetchList(urls.list, device, isFirst);
  if (isFirst) await noteOpenings(opened.slice(0, -1));
  held = heldAnew(held, { ...content, people: inOrder(content.people) }, Date.now());
  refusedNames = "";
  listAt = Date.now();
  wanted.list = false;
  await store.hold(held);
  await hear(content.running, content.ticks);
}

async function noteOpenings(left) {
  opened = left.slice(-OPENINGS_MAX);
  await store.note("opened", opened);
}

const since = () => (held.since && held.since.call === call()?.id ? held.since.number : 0);

async function askState() {
  const content = await fetchState(urls.state, since());
  held.offset = Date.parse(content.now) - Date.now();
  await hear(content.running, content.running && held.since?.call !== content.running.id && since() ? (await fetchState(urls.state, 0)).ticks : content.ticks);
}

async function bringCall() {
  const own = call();
  if (!own) return;
  if (!own.isSent) {
    const { running } = await sendBegin(urls.begin, csrf(), own);
    await hear(running, []);
  }
  if (call()?.isEnding && call().isSent && !unsent().some((one) => one.call === call().id)) {
    const { running } = await sendEnd(urls.end, csrf(), call());
    held.call = { ...call(), ...asCall(running), isEnding: false };
    await store.hold(held);
  }
}

async function bringTicks() {
  for (const id of new Set(unsent().map((one) => one.call))) {
    if (id === call()?.id && !call().isSent) continue; // another kind is running there: it ends first
    for (let items = unsent().filter((one) => one.call === id); items.length; items = unsent().filter((one) => one.call === id)) {
      const batch = items.slice(0, TICKS_MAX);
      const told = opened;
      const answer = await sendTicks(urls.ticks, csrf(), { call: id, device, user: held.user.id, opened: told, since: id === call()?.id ? since() : 0, ticks: batch });
      if (answer.refused) {
        await keep(batch.map((one) => ({ ...one, code: answer.refused, message: answer.message ?? "" })));
        continue;
      }
      await noteOpenings(opened.filter((one) => !told.includes(one)));
      await keep(batch.map((one, place) => ({ ...one, isSent: !answer.done[place].code, code: answer.done[place].code, message: answer.done[place].message })));
      if (id === call()?.id) await hear(answer.running, answer.ticks);
    }
  }
}

async function exchange() {
  await closeIfLeft(LEAVING, urls.list, urls.signOut, csrf());
  // A start is what others wait for: it goes before everything that this phone wants to know.
  if (isHeard && !failures && !isSignedOut && call() && !call().isSent) await bringCall();
  if (!held || wanted.list || Date.now() - listAt > LIST_MS) await refreshList();
  else await askState();
  failures = 0;
  isHeard = true;
  isSignedOut = false;
  await bringCall();
  await bringTicks();
  await bringCall(); // its end, once all of its ticks are there
}

async function sync() {
  if (isBusy) {
    plan(SEND_MS);
    return;
  }
  isBusy = true;
  try {
    await eraseIfOver();
    await exchange();
  } catch (error) {
    if (error instanceof SignedOut) {
      // While people are being looked for the names stay, whatever became of the sign-in.
      isSignedOut = true;
      failures = 0;
      if (!isRunning(call(), now())) await forget();
    } else if (error instanceof NotWarden) {
      refusedNames = error.message;
      failures = 0;
      isHeard = true;
      if (!isRunning(call(), now())) await forget();
    } else if (error instanceof Away) failures += 1;
    else throw error;
  } finally {
    isBusy = false;
    draw();
    planNext();
  }
}

async function forget() {
  await store.erase();
  held = null;
  view.people = [];
  view.search = part("search").value = "";
  lastPress = null;
  result = new Map();
  names.clear();
  eraseDrawn();
  ticks = new Map((await store.ticks()).map((one) => [one.key, one]));
  version = "";
}

async function eraseIfOver() {
  if (held && isOver(held, Date.now()) && !isRunning(call(), now())) await forget();
}

// A start is in the news themselves. What else this phone knows of it by then is asked for as ever.
async function showStart(running) {
  if (isBusy || !held || !running || running.id === call()?.id) return;
  isBusy = true;
  try {
    await hear(running, []);
  } finally {
    isBusy = false;
    draw();
  }
}

// A start is shown at once and an end asked for; ticks of others now and then; a new list after a moment of the phone's own.
async function onNews(was, said) {
  if (said === null) {
    await sync();
    return;
  }
  const { version: next, running } = JSON.parse(said);
  version = next;
  await showStart(running);
  const [before, after] = [was, next].map((one) => one.split("."));
  const isOther = before[1] !== after[1] || before[3] !== after[3];
  if (was && (before[0] !== after[0] || isOther)) {
    window.clearTimeout(listTimer);
    listTimer = window.setTimeout(() => {
      wanted.list = true;
      sync();
    }, Math.random() * LIST_SPREAD_MS);
  }
  if (!isOther) await new Promise((resolve) => window.setTimeout(resolve, Math.max(0, newsAt + NEWS_MS - Date.now())));
  newsAt = Date.now();
  await sync();
}

function onState(isThere) {
  if (isThere === !failures) return;
  if (!isThere) failures = Math.max(1, failures);
  sync();
}

// --- leaving

async function signOut() {
  await sync();
  while (isBusy) await new Promise((resolve) => window.setTimeout(resolve, 50)); // what is asked already brings names
  const count = unsent().length;
  isBusy = true;
  leave(LEAVING);
  await forget();
  isSignedOut = true;
  isBusy = false;
  say(count ? words("signed-out-with", { count }) : words("erased"));
  await sync();
}

// --- codes

async function howToRead() {
  return { roster: await rosterOf(held.people), key: await keyOf(held.merge_key) };
}

async function onCode(code) {
  const theirs = asCall({ ...code.call, by: "", ended_at: null }, { isSent: false, user: code.call.user });
  if (!mayJoin(call(), theirs)) throw new CodeRefused("other-kind");
  const next = call()?.id === theirs.id ? call() : leading(openCall(), theirs);
  if (next.id !== call()?.id) await goOnWith(next);
  // Of the one that is gone on with by now: an answer of the server may have come in between.
  const fresh = await absorb(call().id, code.ticks, false);
  const unknown = fresh.filter((one) => !personOf(one.subject)).length;
  write("read-new", unknown ? words("read-unknown", { count: unknown }) : words("read-new", { count: fresh.length }));
  draw();
}

async function loadMerge() {
  merge ??= await import("./merge.js");
}

async function openMerge(which) {
  try {
    await loadMerge();
  } catch {
    say(words("codes-not-loaded"));
    return false;
  }
  show("codes", which === "show");
  show("reader", which === "read");
  root.dataset.merging = which;
  part(which === "show" ? "codes-title" : "reader-title").focus();
  return true;
}

async function showCodes() {
  if (!(await openMerge("show"))) return;
  const own = call();
  await merge.showCodes({ call: own, ticks: mine().filter((one) => !one.code), isWide: part("wide").checked, ...(await howToRead()) });
  part("code").scrollIntoView({ block: "center" });
}

async function readCodes() {
  if (!(await openMerge("read"))) return;
  show("reading", true);
  show("read-again", false);
  write("read-refused", "");
  write("read-new", "");
  const outcome = await merge.readCodes({ how: await howToRead(), onCode, onRefused: (cause) => write("read-refused", words(`refused-${cause}`)) });
  show("reading", false);
  show("read-again", true);
  if (outcome !== "whole") write("read-state", words(`reader-${outcome}`));
  plan(0);
}

function endMerge() {
  merge?.stopReading();
  merge?.hideCodes();
  show("codes", false);
  show("reader", false);
  delete root.dataset.merging;
}

function closeMerge() {
  endMerge();
  part("show-codes").focus();
}

// --- the page

function drawFromTop() {
  view.rows = ROWS_STEP;
  view.kept = new Set();
  draw();
  // The search stays on the screen: whoever has scrolled far down reads what is found from its top.
  if (part("find").getBoundingClientRect().top <= 0) part("rows").scrollIntoView();
}

function drawMore() {
  view.rows += ROWS_STEP;
  draw();
}

part("more-rows").addEventListener("click", () => {
  const last = part("rows").lastElementChild;
  drawMore();
  last.nextElementSibling?.querySelector("[data-tick]").focus();
});
new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && drawMore(), { rootMargin: "800px" }).observe(part("more-rows"));
part("rows").addEventListener("click", ({ target }) => {
  const row = target.closest("[data-person]");
  const person = row && personOf(row.dataset.person);
  if (!person) return;
  if (target.closest("[data-back]")) {
    tick(person, "missing");
    row.querySelector("[data-tick]").focus();
  } else if (target.closest("[data-tick]")) {
    if (isHere(result.get(person.id))) say(words("ticked-already", { name: person.name }));
    else tick(person, stateFor(person));
  }
});
part("undo").addEventListener("click", () => {
  const person = lastPress && personOf(lastPress.person);
  if (!person) return;
  tick(person, "missing");
  (part("rows").querySelector(`[data-person="${person.id}"] [data-tick]`) ?? part("search")).focus({ preventScroll: true });
});
part("points").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  view.point = button.value;
  window.localStorage.setItem(POINT, view.point);
  view.search = part("search").value = "";
  drawFromTop();
});
part("search").addEventListener("input", () => {
  view.search = part("search").value;
  drawFromTop();
});
part("only").addEventListener("change", () => {
  view.isOnlyMissing = part("only").checked;
  drawFromTop();
});

function ask(kind) {
  const isEnd = kind === "end";
  root.dataset.asked = kind;
  write("confirm-text", words(isEnd ? "end-sure" : `start-${kind}-sure`));
  write("confirm-yes", words(isEnd ? "end-yes" : `start-${kind}-yes`));
  part("confirm").className = `card confirm ${isEnd ? "" : kind}`;
  show("confirm", true);
  part("confirm-text").focus();
}
for (const kind of ["drill", "live", "test"]) part(`start-${kind}`).addEventListener("click", () => ask(kind));
part("ask-end").addEventListener("click", () => ask("end"));
part("confirm-no").addEventListener("click", () => {
  show("confirm", false);
  (openCall() ? part("ask-end") : part("start-drill")).focus();
});
part("confirm-yes").addEventListener("click", async () => {
  show("confirm", false);
  const { asked } = root.dataset;
  await (asked === "end" ? end() : begin(asked));
  if (document.activeElement === document.body) (openCall() ? part("call-kind") : part("start-drill")).focus();
});
part("sign-out").addEventListener("click", signOut);
part("discard").addEventListener("click", async () => {
  await drop([...ticks.values()].filter((one) => one.code));
  draw();
});
part("show-codes").addEventListener("click", showCodes);
part("read-codes").addEventListener("click", readCodes);
part("read-again").addEventListener("click", readCodes);
part("wide").addEventListener("change", showCodes);
part("stop-reading").addEventListener("click", () => merge?.stopReading());
part("merge").addEventListener("toggle", () => part("merge").open || endMerge()); // no camera that nobody sees
for (const one of root.querySelectorAll("[data-close-merge]")) one.addEventListener("click", closeMerge);
window.addEventListener("online", () => sync());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  noteOpenings([...opened, isoOf(Math.floor(now() / 1000))]).then(() => {
    wanted.list = true;
    sync();
  });
});
window.setInterval(() => {
  if (held && Date.now() - listAt > LIST_MS) sync();
  else draw(); // what turns red turns red without a press
}, 10_000);

function showKept({ canKeep, isKept }) {
  show("not-kept", !canKeep);
  show("no-store", canKeep && (isKept === false || !store.isKept));
  const hasCodes = canKeep && "codes" in root.dataset;
  show("can-merge", hasCodes);
  show("cannot-merge", !hasCodes);
  if (isKept) root.dataset.kept = "";
}

held = (await store.held()) ?? null;
ticks = new Map((await store.ticks()).map((one) => [one.key, one]));
await eraseIfOver();
const remembered = window.localStorage.getItem(POINT);
if (remembered && (remembered === EVERYWHERE || remembered === NOWHERE || held?.points.some(({ id }) => id === remembered))) view.point = remembered;
draw();
keepPage(urls.worker, showKept);
if (held) root.dataset.shown = "";
await noteOpenings([...opened, isoOf(Math.floor(now() / 1000))]);
await sync();
follow(() => ({ waitUrl: isSignedOut || !held ? undefined : urls.wait, version }), onNews, onState);
// Before it is needed: once the server is away, the browser would have to wake what keeps the page to load it. The list
// and its news don't wait for it; where it does not come, a press on codes asks again and says so.
if ("codes" in root.dataset) await loadMerge().catch(() => {});
root.dataset.ready = "";
