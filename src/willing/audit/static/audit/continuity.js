// Hold the school's log against the checkpoint that this device saw last. Needs nothing but WebCrypto and
// inclusion.js beside it; asks no server and stores nothing: the caller hands over both and keeps `memory`.
//
//   import { followLog } from "…/audit/continuity.js";
//   const found = await followLog(memory, answer);
//   memory:   what this function returned last time, or null.
//   answer:   {checkpoint, key, proof, restores}, as src/willing/audit/continuity.py writes it.
//   found.outcome: "first"        nothing was remembered, or what was is no memory
//                  "continued"    the log continues what was seen: the same, or longer
//                  "restored"     it was restored from a copy and says so: found.restored, [{at, lost}], is new
//                  "rekeyed"      it continues what was seen, under another key
//                  "unexplained"  it is another log, under another key, and does not say why
//                  "rewritten"    it is shorter than what was seen under its own key, or another
//                  "refused"      found.code says why: malformed, wrong_key, bad_signature
//                  "unsupported"  this browser, or a page without HTTPS, cannot check
//   found.memory:  what to remember from now on; after "unexplained", "refused" and "unsupported" it is the old one.
//
// A log that was once found rewritten stays so on this device: two signed checkpoints that contradict each other do
// not become true by a third. The rules are those of src/willing/audit/verify; the tests give both the same logs.

import {
  climb,
  fromHex,
  HASH,
  hash,
  openCheckpoint,
  parseEntry,
  parseKey,
  toHex,
  Unproven,
} from "./inclusion.js";

const FIELDS = "checkpoint,key,proof,restores";
const RESTORES_MAX = 50;
const encoder = new TextEncoder();

export async function followLog(memory, answer, crypto = globalThis.crypto) {
  const old = readMemory(memory);
  if (!crypto?.subtle) return { outcome: "unsupported", memory };
  if (old?.rewritten) return { outcome: "rewritten", memory };
  try {
    return await follow(old, readAnswer(answer), crypto.subtle);
  } catch (error) {
    if (error instanceof Unproven) return { outcome: "refused", code: error.code, memory };
    if (error?.name === "NotSupportedError") return { outcome: "unsupported", memory };
    throw error;
  }
}

async function follow(memory, answer, subtle) {
  const seen = memory && (await recall(memory, subtle));
  const isSameLog = seen !== null && seen.origin === answer.checkpoint.split("\n", 1)[0];
  // The key that is remembered decides about its own log, whatever key the page names today.
  const line = isSameLog ? memory.key : answer.key;
  const now = await openCheckpoint(answer.checkpoint, parseKey(line), subtle);
  const next = { key: line, note: answer.checkpoint, restored: memory?.restored ?? [] };
  if (seen === null) return { outcome: "first", memory: { ...next, restored: [] }, size: now.size };
  const restores = isSameLog ? [] : await readRestores(answer.restores, now, subtle);
  const isContinued = await isConsistent(subtle, seen, now, answer.proof.map(fromHex));
  const rewritten = { outcome: "rewritten", memory: { ...memory, rewritten: answer.checkpoint }, size: now.size };
  if (isSameLog) return isContinued ? { outcome: "continued", memory: next, size: now.size } : rewritten;
  if (restores.length > 0 && leads(restores, seen.origin, now.origin)) {
    if (!(isContinued && seen.size <= restores[0].kept) && !covers(restores[0], seen)) return rewritten;
    const restored = restores.map(({ at, lost }) => ({ at, lost }));
    next.restored = [...next.restored, ...restored];
    return { outcome: "restored", memory: next, restored, size: now.size };
  }
  if (isContinued) return { outcome: "rekeyed", memory: next, size: now.size };
  return { outcome: "unexplained", memory, size: now.size };
}

// What cannot be read, or what its own key did not sign, is no memory: whoever can change it could delete it too.
async function recall(memory, subtle) {
  try {
    return await openCheckpoint(memory.note, parseKey(memory.key), subtle);
  } catch (error) {
    if (error instanceof Unproven) return null;
    throw error;
  }
}

// Return what may be remembered of a value from a browser's storage; null where it is none.
export function readMemory(memory) {
  const isOne =
    typeof memory?.key === "string" &&
    typeof memory.note === "string" &&
    Array.isArray(memory.restored) &&
    memory.restored.every(isRestored) &&
    (memory.rewritten === undefined || typeof memory.rewritten === "string");
  return isOne ? memory : null;
}

function isRestored(one) {
  return typeof one?.at === "string" && (one.lost === null || Number.isSafeInteger(one.lost));
}

function readAnswer(answer) {
  const isWhole =
    typeof answer === "object" &&
    answer !== null &&
    Object.keys(answer).sort().join() === FIELDS &&
    typeof answer.checkpoint === "string" &&
    typeof answer.key === "string" &&
    areHashes(answer.proof) &&
    Array.isArray(answer.restores) &&
    answer.restores.length <= RESTORES_MAX;
  if (!isWhole) throw new Unproven("malformed");
  return answer;
}

function areHashes(values) {
  return Array.isArray(values) && values.length <= 128 && values.every((one) => typeof one === "string" && HASH.test(one));
}

// Each is an entry of the new log, with the proof that it is there; as in verify/restores.py.
async function readRestores(given, now, subtle) {
  const found = [];
  for (const one of given) {
    if (typeof one?.entry !== "string" || !areHashes(one.proof)) throw new Unproven("malformed");
    const entry = parseEntry(one.entry);
    const leaf = await hash(subtle, [0], encoder.encode(one.entry));
    const root = await climb(subtle, leaf, entry.seq - 1, now.size, one.proof.map(fromHex));
    if (root !== now.root || !isRestore(entry)) throw new Unproven("malformed");
    const { origins, opened, kept, lost } = entry.facts;
    found.push({ at: entry.at, origins, opened, kept, lost });
  }
  return found;
}

function isRestore({ event, seq, facts }) {
  return (
    event === "log.restored" &&
    Number.isSafeInteger(seq) &&
    Array.isArray(facts?.origins) &&
    facts.origins.length > 0 &&
    facts.origins.every((one) => typeof one === "string") &&
    typeof facts.opened === "string" &&
    !facts.origins.includes(facts.opened) &&
    facts.kept === seq - 1 &&
    (facts.lost === null || (Number.isSafeInteger(facts.lost) && facts.lost > 0))
  );
}

// From the log that was seen to the one that goes on, each restore closes what the one before opened.
function leads(restores, from, to) {
  let current = from;
  for (const { origins, opened } of restores) {
    if (!origins.includes(current)) return false;
    current = opened;
  }
  return current === to;
}

function covers({ kept, lost }, seen) {
  return seen.size > kept && (lost === null || seen.size <= kept + lost);
}

// RFC 9162, section 2.1.4.2. Numbers stay below 2**53, so halves are taken by division and never by shifts.
export async function isConsistent(subtle, old, now, proof) {
  if (old.size < 1 || old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && old.root === now.root;
  const half = (number) => Math.floor(number / 2);
  // Where the old size is a power of two, the old tree is a complete subtree, and the proof leaves it out.
  const hashes = isPowerOfTwo(old.size) ? [fromHex(old.root), ...proof] : proof;
  if (hashes.length === 0) return false;
  let [place, last] = [old.size - 1, now.size - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let [before, after] = [hashes[0], hashes[0]];
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      before = await hash(subtle, [1], sibling, before);
      after = await hash(subtle, [1], sibling, after);
      while (place !== 0 && place % 2 === 0) [place, last] = [half(place), half(last)];
    } else {
      after = await hash(subtle, [1], after, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && toHex(before) === old.root && toHex(after) === now.root;
}

function isPowerOfTwo(number) {
  let odd = number;
  while (odd % 2 === 0) odd /= 2;
  return odd === 1;
}
