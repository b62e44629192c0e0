// Brings marks to the server: first it is asked who is signed in and what holds, then each register's marks are one
// message. A mark leaves the device's queue only with an answer, so a message that was cut comes again; its marks
// have ids, and the server records each id once.

import { ask, Away } from "../../ui/asking.js";
import { heldAnew, isSame } from "./marks.js";

const AT_ONCE_MS = 30_000; // a mark that arrives within this time was made now, by the server's own clock
const MARKS_MAX = 60; // of one message

// The marks of this device are another person's than of who is signed in.
export class OfAnother extends Error {}

// What holds on the server now. isNamed: with the names of the pupils, which the server writes into its log.
export async function fetchToday(url, { extra = [], isNamed = false, isQuiet = true }) {
  const query = new URLSearchParams(extra.map((one) => ["group", one]));
  if (isNamed) query.set("names", "1");
  const { status, content } = await ask(`${url}?${query}`, { headers: isQuiet ? { "X-Quiet": "1" } : {} });
  if (status !== 200) throw new Away("refused");
  return content;
}

function messagesOf(items) {
  const groups = new Map();
  for (const one of items) {
    const key = `${one.group}/${one.day}/${one.number}`;
    const found = groups.get(key) ?? [[]];
    if (found.at(-1).length === MARKS_MAX) found.push([]);
    found.at(-1).push(one);
    groups.set(key, found);
  }
  return [...groups.values()].flat();
}

function asSent(item) {
  const age = Date.now() - item.pressed;
  const isNow = age >= 0 && age < AT_ONCE_MS;
  const { id, symbol, minutes, reason, seen } = item;
  const whose = item.sealed ? { sealed: item.sealed } : { person: item.person };
  return { id, symbol, minutes, reason, seen, at: isNow ? null : item.at, ...whose };
}

// Sends one message and writes down what became of it. Returns { register, done }, or null where all was refused.
async function send(url, store, held, items, isQuiet) {
  const seqs = items.map(({ seq }) => seq);
  const sent = await store.alter(seqs, (item) => (item.state === "waiting" ? { ...item, tried: true } : item));
  if (!sent.length) return null; // undone meanwhile
  const [{ user, group, day, number }] = sent;
  const { status, content } = await ask(url, {
    method: "POST",
    body: JSON.stringify({ user, group, day, number, marks: sent.map(asSent) }),
    headers: { "Content-Type": "application/json", "X-CSRFToken": held.csrf, ...(isQuiet ? { "X-Quiet": "1" } : {}) },
    keepalive: true,
  });
  if (content.code === "marks_of_another_person") throw new OfAnother(content.message);
  if (status !== 200) {
    await store.alter(seqs, (item) => ({ ...item, state: "refused", code: content.code, message: content.message ?? "" }));
    return null;
  }
  const became = new Map(content.done.map((one) => [one.id, one]));
  await store.alter(seqs, (item) => {
    const one = became.get(item.id);
    if (!one) return item;
    return one.code ? { ...item, person: one.person ?? item.person, state: "refused", code: one.code, message: one.message } : null;
  });
  return { ...content, scanned: content.done.filter(({ id }) => sent.some((item) => item.id === id && item.sealed)) };
}

function withState(held, register, day) {
  if (day !== held.day) return held;
  const registers = held.registers.map((one) => (isSame({ ...register, day }, held, one) ? { ...one, ...register } : one));
  return { ...held, registers };
}

// Asks what holds, then sends what waits. Resolves with what is held now, and the scanned cards that were answered.
// isReady: whether an item may go already; before, it can still be undone.
export async function exchange({ urls, store, held, isNamed, isQuiet, isReady }) {
  const content = await fetchToday(urls.today, { extra: held?.extra ?? [], isNamed, isQuiet: true });
  let now = heldAnew(held, content, Date.now());
  await store.hold(now);
  const items = (await store.queue()).filter((item) => item.user === now.user && item.state === "waiting" && isReady(item));
  const scanned = [];
  for (const message of messagesOf(items)) {
    const answer = await send(urls.marks, store, now, message, isQuiet);
    if (!answer) continue;
    now = withState(now, answer.register, message[0].day);
    scanned.push(...answer.scanned);
    await store.hold(now);
  }
  return { held: now, scanned };
}
