// Check in the browser that the signed log holds an entry. Needs nothing but WebCrypto; asks no server.
//
//   import { checkReceipt } from "…/audit/inclusion.js";
//   const found = await checkReceipt(receiptText, publicKeyLine);
//   found.outcome: "included"     entry (parsed), size, root (hex), origin, at (text) are then set
//                  "refused"      code says why: malformed, wrong_key, bad_signature, not_included
//                  "unsupported"  this browser, or a page without HTTPS, cannot check: say so, never "all is well"
//
// The form of a receipt and every rule here are those of src/willing/audit/verify/receipts.py; the tests give both
// the same receipts, whole and damaged. What continuity.js needs of it is exported as well.

const FIELDS = "checkpoint,entry,format,index,proof,root,size";
const ENTRY_FIELDS = "at,event,facts,personal,seq,subject,v";
export const HASH = /^[0-9a-f]{64}$/;
const NAME = "[!-*,-~]{1,100}";
const KEY = new RegExp(`^(${NAME})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]{44})$`);
// Others, such as witnesses, may sign as well: their names may be of any script, without spaces and plus.
const SIGNATURE = "— ([^\\s+\\x00-\\x20\\x7f-\\xa0\\ufeff]+) ([A-Za-z0-9+/=]+)\\n";
const NOTE = new RegExp(
  `^((${NAME})\\n(0|[1-9][0-9]{0,17})\\n([A-Za-z0-9+/]{43}=)\\ntime ([-0-9T:]{19}Z)\\n)\\n((?:${SIGNATURE}){1,100})$`,
);
const NOTE_BYTES_MAX = 65536;
const encoder = new TextEncoder();

export class Unproven extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export async function checkReceipt(receiptText, publicKeyLine, crypto = globalThis.crypto) {
  if (!crypto?.subtle) return { outcome: "unsupported" };
  try {
    return await prove(receiptText, parseKey(publicKeyLine), crypto.subtle);
  } catch (error) {
    if (error instanceof Unproven) return { outcome: "refused", code: error.code };
    if (error instanceof RangeError) return { outcome: "refused", code: "malformed" }; // nested without end
    if (error?.name === "NotSupportedError") return { outcome: "unsupported" };
    throw error;
  }
}

async function prove(text, key, subtle) {
  const receipt = parse(text);
  const signed = await openCheckpoint(receipt.checkpoint, key, subtle);
  if (receipt.size !== signed.size || receipt.root !== signed.root) throw new Unproven("not_included");
  const entry = parseEntry(receipt.entry);
  const leaf = await hash(subtle, [0], encoder.encode(receipt.entry));
  const proof = receipt.proof.map(fromHex);
  const root = await climb(subtle, leaf, receipt.index, receipt.size, proof);
  if (entry.seq !== receipt.index + 1 || root !== receipt.root) throw new Unproven("not_included");
  return { outcome: "included", entry, size: signed.size, root, origin: signed.origin, at: signed.at };
}

function parse(text) {
  const receipt = parseJson(text);
  const { entry, checkpoint, root, index, size, proof } = receipt;
  const isWhole =
    Object.keys(receipt).sort().join() === FIELDS &&
    receipt.format === "willing-receipt-1" &&
    [entry, checkpoint, root].every((one) => typeof one === "string") &&
    [index, size].every(Number.isSafeInteger) &&
    Array.isArray(proof) &&
    proof.length <= 64 &&
    [root, ...proof].every((one) => typeof one === "string" && HASH.test(one));
  if (!isWhole || /\p{Surrogate}/u.test(entry)) throw new Unproven("malformed");
  return receipt;
}

export function parseEntry(text) {
  const entry = parseJson(text);
  if (Object.keys(entry).sort().join() !== ENTRY_FIELDS || entry.v !== 1) throw new Unproven("malformed");
  if (canonical(entry) !== text) throw new Unproven("malformed"); // one spelling, as RFC 8785 wants
  return entry;
}

function parseJson(text) {
  try {
    const value = JSON.parse(text.replace(/^\ufeff/u, ""));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // told below, together with every other text that is no object
  }
  throw new Unproven("malformed");
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  // JavaScript's own order of strings is by UTF-16 units, which is the one that RFC 8785 asks for.
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

export function parseKey(line) {
  const found = KEY.exec(line.trim());
  const bytes = found && fromBase64(found[3]);
  if (!found || bytes[0] !== 1) throw new Unproven("malformed");
  return { name: found[1], id: found[2], raw: bytes.slice(1) };
}

export async function openCheckpoint(note, key, subtle) {
  const found = NOTE.exec(note);
  if (!found) throw new Unproven("malformed");
  const [, text, origin, size, root, at, tail] = found;
  const signatures = Array.from(tail.matchAll(new RegExp(SIGNATURE, "gu")), ([, name, base64]) => ({
    name,
    bytes: fromBase64(base64),
  }));
  const isTooLong = encoder.encode(note).length > NOTE_BYTES_MAX || /\p{Surrogate}/u.test(note);
  if (isTooLong || signatures.some(({ bytes }) => bytes.length < 5)) throw new Unproven("malformed");
  const expected = await hash(subtle, encoder.encode(`${key.name}\n`), [1], key.raw);
  const isKeyWhole = toHex(expected.slice(0, 4)) === key.id;
  if (!isKeyWhole) throw new Unproven("malformed");
  const own = signatures.filter(({ name, bytes }) => name === key.name && toHex(bytes.slice(0, 4)) === key.id);
  if (own.length === 0) throw new Unproven("wrong_key");
  const publicKey = await subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  for (const { bytes } of own) {
    const isSigned = await subtle.verify({ name: "Ed25519" }, publicKey, bytes.slice(4), encoder.encode(text));
    if (!isSigned) throw new Unproven("bad_signature");
  }
  if (origin !== key.name) throw new Unproven("wrong_key");
  return { origin, size: Number(size), root: toHex(fromBase64(root)), at };
}

// RFC 9162, section 2.1.3.2. Numbers stay below 2**53, so halves are taken by division and never by shifts.
export async function climb(subtle, leaf, index, size, proof) {
  if (index < 0 || index >= size) return null;
  let [place, last, current] = [index, size - 1, leaf];
  const half = (number) => Math.floor(number / 2);
  for (const sibling of proof) {
    if (last === 0) return null;
    if (place % 2 === 1 || place === last) {
      current = await hash(subtle, [1], sibling, current);
      while (place !== 0 && place % 2 === 0) [place, last] = [half(place), half(last)];
    } else {
      current = await hash(subtle, [1], current, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? toHex(current) : null;
}

export async function hash(subtle, ...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await subtle.digest("SHA-256", whole));
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromBase64(text) {
  try {
    const binary = atob(text);
    if (btoa(binary) === text) return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    // told below
  }
  throw new Unproven("malformed");
}
