// Ticks as the text of QR codes, from phone to phone without a server (docs/decisions/0046). Pure but for the browser's
// own digests. Each code stands for itself: any of them, in any order, as often as it is read, adds its ticks.
//
// Text: "WRC1:" and base 45 (RFC 9285), which a QR code holds in 5.5 bits a character. Bytes: flags, number of this code
// and of all, mark of the set, the roll call, who began it and when, mark of the roster, runs, MAC. A run is one
// device's ticks in the order of their times: device, user, first time, how many, then bits: the person's place in the
// roster, the state, the seconds since the tick before (Rice). No name is in it.

const PREFIX = "WRC1:";
const ANY_FORMAT = /^WRC(\d+):/;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const KINDS = ["drill", "live", "test"];
const STATES = ["safe", "found", "missing"];
const WIDE = 1; // flag: each person by id and not by place, for a phone whose roster is another one
const MAC_BYTES = 8;
const CODE_BYTES_MAX = 760; // version 19 of a QR code, 93 squares wide: a phone reads it off a phone at arm's length
const CODES_MAX = 255;
const DOMAIN = "willing roll call code 1\n";
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const text = new TextEncoder();

// cause: "foreign" (none of ours), "newer" (of a later version of this program), "unproven" (damaged, or not of this
// school's list of today), "roster" (of a list with other people in it).
export class CodeRefused extends Error {
  constructor(cause) {
    super(cause);
    this.cause = cause;
  }
}

// --- base 45

function toBase45(bytes) {
  let out = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const isPair = at + 1 < bytes.length;
    let value = isPair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    for (let left = isPair ? 3 : 2; left; left -= 1) {
      out += ALPHABET[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return out;
}

function fromBase45(said) {
  const values = Array.from(said, (one) => ALPHABET.indexOf(one));
  if (values.includes(-1) || values.length % 3 === 1) throw new CodeRefused("foreign");
  const bytes = [];
  for (let at = 0; at < values.length; at += 3) {
    const [low, middle, high] = values.slice(at, at + 3);
    const value = low + 45 * middle + 2025 * (high ?? 0);
    if (value > (high === undefined ? 0xff : 0xffff)) throw new CodeRefused("foreign");
    if (high !== undefined) bytes.push(value >> 8);
    bytes.push(value & 255);
  }
  return Uint8Array.from(bytes);
}

// --- bits

class Writer {
  constructor() {
    this.bytes = [];
    this.free = 0; // bits of the last byte that are not written yet
  }

  bits(value, width) {
    for (let at = width - 1; at >= 0; at -= 1) {
      if (!this.free) {
        this.bytes.push(0);
        this.free = 8;
      }
      this.free -= 1;
      if (Math.floor(value / 2 ** at) % 2) this.bytes[this.bytes.length - 1] |= 1 << this.free;
    }
  }

  // Bytes begin at a whole byte.
  whole(bytes) {
    this.free = 0;
    for (const one of bytes) this.bytes.push(one);
  }

  number(value) {
    const groups = [value % 128];
    for (let left = Math.floor(value / 128); left; left = Math.floor(left / 128)) groups.unshift(128 + (left % 128));
    this.whole(groups);
  }

  rice(value, width) {
    for (let left = Math.floor(value / 2 ** width); left; left -= 1) this.bits(1, 1);
    this.bits(0, 1);
    this.bits(value % 2 ** width, width);
  }
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0; // in bits
  }

  bits(width) {
    let value = 0;
    for (let left = width; left; left -= 1) {
      const byte = this.bytes[this.at >> 3];
      if (byte === undefined) throw new CodeRefused("foreign");
      value = value * 2 + ((byte >> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    return value;
  }

  whole(count) {
    this.at = Math.ceil(this.at / 8) * 8;
    return Uint8Array.from({ length: count }, () => this.bits(8));
  }

  number() {
    let value = 0;
    for (;;) {
      const [one] = this.whole(1);
      value = value * 128 + (one & 127);
      if (value > Number.MAX_SAFE_INTEGER / 128) throw new CodeRefused("foreign");
      if (one < 128) return value;
    }
  }

  rice(width) {
    let count = 0;
    while (this.bits(1)) count += 1;
    return count * 2 ** width + this.bits(width);
  }
}

function idBytes(id) {
  return Uint8Array.from(id.replaceAll("-", "").match(/../g), (one) => Number.parseInt(one, 16));
}

function idOf(bytes) {
  const hex = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function isoOf(seconds) {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

const secondsOf = (iso) => Math.floor(Date.parse(iso) / 1000);

async function digest(said, length) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", text.encode(said))).slice(0, length);
}

// The bits of a place in the roster; the place after the last one says that an id follows.
function widthOf(roster) {
  return Math.max(1, Math.ceil(Math.log2(roster.ids.length + 1)));
}

// --- what both phones need to know

// The pupils and staff of a list in an order of their own. A list changes all day, with visitors, leave and marks; who
// is in the school hardly does. Visitors are not in it: a code names them by id.
export async function rosterOf(people) {
  const ids = people.filter(({ kind }) => kind !== "visitor").map(({ id }) => id).sort();
  return { ids, places: new Map(ids.map((id, place) => [id, place])), mark: await digest(ids.join("\n"), 4) };
}

export async function keyOf(hex) {
  const bytes = Uint8Array.from(hex.match(/../g), (one) => Number.parseInt(one, 16));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

async function macOf(key, bytes) {
  const domain = text.encode(DOMAIN);
  const all = new Uint8Array(domain.length + bytes.length);
  all.set(domain);
  all.set(bytes, domain.length);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, all)).slice(0, MAC_BYTES);
}

// --- writing

const runOf = (tick) => `${tick.device} ${tick.by}`;

function inRuns(ticks) {
  const sorted = ticks.map((tick) => ({ ...tick, seconds: secondsOf(tick.at) }));
  const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
  return sorted.sort((one, other) => compare(runOf(one), runOf(other)) || one.seconds - other.seconds || compare(one.subject, other.subject) || compare(one.state, other.state));
}

// The width of the remainder that makes these numbers shortest.
function riceWidth(gaps) {
  const mean = gaps.reduce((sum, one) => sum + one, 0) / Math.max(1, gaps.length);
  return Math.min(31, Math.max(0, Math.floor(Math.log2(0.69 * mean + 1))));
}

function writeRun(out, ticks, roster, isWide) {
  const [{ device, by, seconds }] = ticks;
  out.whole(idBytes(device));
  out.number(by);
  out.number(seconds);
  out.number(ticks.length);
  const gaps = ticks.map((tick, place) => tick.seconds - (place ? ticks[place - 1].seconds : seconds));
  const width = riceWidth(gaps);
  out.bits(width, 5);
  ticks.forEach((tick, place) => {
    const found = isWide ? undefined : roster.places.get(tick.subject);
    if (!isWide) out.bits(found ?? roster.ids.length, widthOf(roster));
    if (found === undefined) for (const byte of idBytes(tick.subject)) out.bits(byte, 8);
    if (tick.state === "safe") out.bits(0, 1);
    else out.bits(tick.state === "found" ? 2 : 3, 2);
    out.rice(gaps[place], width);
  });
}

function bodyOf(call, ticks, roster, isWide) {
  const out = new Writer();
  out.whole(idBytes(call.id));
  out.number(secondsOf(call.started_at));
  out.number(call.user);
  out.whole(isWide ? [] : roster.mark);
  const runs = [];
  for (const tick of ticks) {
    if (runs.length && runOf(runs.at(-1)[0]) === runOf(tick)) runs.at(-1).push(tick);
    else runs.push([tick]);
  }
  out.number(runs.length);
  for (const run of runs) writeRun(out, run, roster, isWide);
  return out.bytes;
}

const HEAD_BYTES = 7;

function divide(bodies, room) {
  for (let count = 1; count <= CODES_MAX; count += 1) {
    const parts = bodies(count);
    if (parts.every((one) => one.length <= room)) return parts;
  }
  throw new RangeError("more ticks than codes can show");
}

// Resolves with the texts of the codes that hold these ticks. call: { id, kind, started_at, user: the id of who began it,
// 0 where it is not known }; a tick: { subject, state, at, device, by }. isWide: for a phone with another roster.
export async function makeCodes({ call, ticks, roster, key, isWide = false }) {
  const sorted = inRuns(ticks);
  const bodies = (count) =>
    Array.from({ length: count }, (_one, place) => {
      const [from, to] = [place, place + 1].map((one) => Math.round((sorted.length * one) / count));
      return bodyOf(call, sorted.slice(from, to), roster, isWide);
    });
  const parts = divide(bodies, CODE_BYTES_MAX - HEAD_BYTES - MAC_BYTES);
  const set = await digest(JSON.stringify([parts, isWide]), 4);
  const flags = (isWide ? WIDE : 0) + 2 * KINDS.indexOf(call.kind);
  return Promise.all(
    parts.map(async (body, place) => {
      const bytes = Uint8Array.from([flags, place + 1, parts.length, ...set, ...body]);
      return PREFIX + toBase45(Uint8Array.from([...bytes, ...(await macOf(key, bytes))]));
    }),
  );
}

// --- reading

function readRun(from, roster, isWide) {
  const device = idOf(from.whole(16));
  const by = from.number();
  let seconds = from.number();
  const count = from.number();
  const width = from.bits(5);
  return Array.from({ length: count }, () => {
    const place = isWide ? roster.ids.length : from.bits(widthOf(roster));
    if (place > roster.ids.length) throw new CodeRefused("foreign");
    const subject = roster.ids[place] ?? idOf(Uint8Array.from({ length: 16 }, () => from.bits(8)));
    const state = STATES[from.bits(1) ? 1 + from.bits(1) : 0];
    seconds += from.rice(width);
    return { subject, state, at: isoOf(seconds), device, by };
  });
}

// Resolves with { set, number, count, call, ticks } of one code's text. Rejects with CodeRefused.
export async function readCode(said, { roster, key }) {
  const format = ANY_FORMAT.exec(said);
  if (!format) throw new CodeRefused("foreign");
  if (!said.startsWith(PREFIX)) throw new CodeRefused("newer");
  const all = fromBase45(said.slice(PREFIX.length));
  if (all.length <= HEAD_BYTES + MAC_BYTES) throw new CodeRefused("foreign");
  const bytes = all.slice(0, -MAC_BYTES);
  const mac = await macOf(key, bytes);
  if (!mac.every((one, place) => one === all[bytes.length + place])) throw new CodeRefused("unproven");
  const from = new Reader(bytes);
  const [flags, number, count] = from.whole(3);
  const set = Array.from(from.whole(4)).join(".");
  const isWide = Boolean(flags & WIDE);
  const call = { id: idOf(from.whole(16)), kind: KINDS[flags >> 1], started_at: isoOf(from.number()), user: from.number() };
  if (!call.kind || !ID.test(call.id)) throw new CodeRefused("foreign");
  if (!isWide && from.whole(4).some((one, place) => one !== roster.mark[place])) throw new CodeRefused("roster");
  const ticks = [];
  for (let runs = from.number(); runs; runs -= 1) ticks.push(...readRun(from, roster, isWide));
  return { set, number, count, call, ticks };
}

// Which codes of one phone's set were read, and which are missing. Codes of another set begin anew: that phone has
// ticked on meanwhile, and its new codes hold everything that its old ones held.
export class Collected {
  constructor() {
    this.set = null;
    this.count = 0;
    this.seen = new Set();
  }

  // Returns whether this code was not read before.
  add({ set, number, count }) {
    if (set !== this.set) {
      this.set = set;
      this.count = count;
      this.seen = new Set();
    }
    const isNew = !this.seen.has(number);
    this.seen.add(number);
    return isNew;
  }

  get missing() {
    return Array.from({ length: this.count }, (_one, place) => place + 1).filter((one) => !this.seen.has(one));
  }

  get isWhole() {
    return this.count > 0 && this.seen.size === this.count;
  }
}
