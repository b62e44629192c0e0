// What the ticks on this device say. Pure. A tick is never changed and never taken back: it is one of a set that only
// grows, so sets are put together in any order, by the server or from phone to phone. A tick that was wrong is answered by
// another one, "missing". Of a person's ticks the newest counts, and of two in the same second the one that has them
// searched for.

const KEEP_MS = 6 * 60 * 60_000; // so long after its start a roll call that has no end keeps the list on a device
const AHEAD_S = 60; // a device is never further ahead of its clock than this, whatever it has seen

export function secondOf(iso) {
  return Math.floor(Date.parse(iso) / 1000);
}

export function isoOf(seconds) {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

// A tick as it is kept: { key, call, subject, state, at, device, by, who, isSent, code }.
export function asKept(call, { subject, state, at, device, by, who = "" }, isSent) {
  const second = isoOf(secondOf(at));
  const key = [call, subject, state, second, device].join(" ");
  return { key, call, subject, state, at: second, device, by, who, isSent, code: "", message: "" };
}

const isLater = (one, other) => one.at > other.at || (one.at === other.at && one.state === "missing" && other.state !== "missing");

export function isHere(tick) {
  return Boolean(tick) && tick.state !== "missing";
}

// What counts for each person, by id: their newest tick, and who ticked them first since they were last searched for.
export function results(ticks) {
  const newest = new Map();
  const lastMissing = new Map();
  const mark = (map, tick) => {
    const before = map.get(tick.subject);
    if (!before || isLater(tick, before)) map.set(tick.subject, tick);
  };
  for (const tick of ticks) {
    if (tick.code) continue; // the server did not take it
    mark(newest, tick);
    if (tick.state === "missing") mark(lastMissing, tick);
  }
  const first = new Map();
  for (const tick of ticks) {
    if (tick.code || tick.state === "missing" || tick.at <= (lastMissing.get(tick.subject)?.at ?? "")) continue;
    const before = first.get(tick.subject);
    if (!before || tick.at < before.at || (tick.at === before.at && tick.device < before.device)) first.set(tick.subject, tick);
  }
  return new Map([...newest].map(([subject, tick]) => [subject, isHere(tick) ? (first.get(subject) ?? tick) : tick]));
}

// The school's time in milliseconds on this device. It never goes back.
export function clock(held, deviceMs) {
  return Math.max(deviceMs + (held?.offset ?? 0), held?.latest ?? 0);
}

// When a tick that is pressed now is dated: now, and later than what this device has seen of the person, so that whoever
// presses, having seen the other tick, is right.
export function secondFor(result, nowMs) {
  const now = Math.floor(nowMs / 1000);
  const seen = result ? secondOf(result.at) + 1 : 0;
  return Math.max(now, Math.min(seen, now + AHEAD_S));
}

// What to tick a person as, who is here.
export function stateFor(person) {
  return person.expected ? "safe" : "found";
}

// Whether who is not there yet shows in red.
export function isRed(held, call, nowMs) {
  return Boolean(call) && nowMs - Date.parse(call.started_at) >= held.red_after_seconds * 1000;
}

// { here, expected, missing, found } of these people.
export function count(people, result) {
  const found = { here: 0, expected: 0, missing: 0, found: 0 };
  for (const person of people) {
    const here = isHere(result.get(person.id));
    if (person.expected) {
      found.expected += 1;
      if (here) found.here += 1;
      else found.missing += 1;
    } else if (here) found.found += 1;
    else if (result.has(person.id)) found.missing += 1; // found, and searched for again
  }
  return found;
}

// The school's day on this device is over, or the list is another day's.
export function isOver(held, deviceMs) {
  return clock(held, deviceMs) >= Date.parse(held.ends);
}

// A roll call that has neither end nor too long a beginning: while it runs, nobody's list goes.
export function isRunning(call, nowMs) {
  return Boolean(call) && !call.ended_at && nowMs < call.keepUntil;
}

export function asCall(call, more = {}) {
  if (!call) return null;
  return { isSent: true, user: 0, ...call, keepUntil: Date.parse(call.started_at) + KEEP_MS, ...more };
}

// Of two roll calls that this device knows, the one it goes on with: a live one before a drill, a drill before a test. Of
// the same kind the first of these two, its own: what the other phone ticked is added to it, and where they were started
// apart the server says which one they are.
const RANK = { live: 0, drill: 1, test: 2 };

export function leading(own, other) {
  if (!own || own.ended_at) return other;
  return RANK[other.kind] < RANK[own.kind] ? other : own;
}

// The list as it is held. The server's words are kept; its clock is remembered against the device's.
export function heldAnew(held, content, deviceMs) {
  const { now, ticks, running, version, ...list } = content;
  return {
    ...list,
    offset: Date.parse(now) - deviceMs,
    latest: Date.parse(now),
    call: held?.user.id === list.user.id && held?.day === list.day ? held.call : null,
  };
}

// Whether the other phone's roll call is one that its ticks may be added to: the same kind.
export function mayJoin(mine, other) {
  return !mine || mine.ended_at || mine.id === other.id || mine.kind === other.kind || RANK[other.kind] < RANK[mine.kind];
}
