// What a printed card's square says, and how much of it a page may send: https://school.example/c#1.CODE.SHARE.
// The share is half of a key and lies on the card alone. A reader types the whole square; only what comes before
// the share goes on from here, and of a square that can't be read, no more than comes before any share.

const LETTERS = "0-9A-HJKMNP-TV-Z";
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // core/codes.py
const CODE_LENGTH = 12;
const SHARE_LENGTH = 26;
const PREFIX_LENGTH_MAX = 8;
const PLAIN_LENGTH_MAX = 25; // credentials/shares.py: no share begins before this

// Keys of the letters and digits that a reader types, under each layout known here: a French M is Semicolon.
const SYMBOL_KEY = /^\+?(Key[A-Z]|(Digit|Numpad)\d|Semicolon)$/;
const MARK = "[^\\s0-9A-Za-z]";
const MARKED = new RegExp(`\\S*1${MARK}([${LETTERS}]{${CODE_LENGTH}})${MARK}[${LETTERS}]{1,${SHARE_LENGTH}}${MARK}*`, "gi");
const CODE = new RegExp(`^[${LETTERS}]{${CODE_LENGTH}}$`, "i");
const WHOLE = new RegExp(`\\S*1${MARK}?([${LETTERS}]{${CODE_LENGTH}})${MARK}?[${LETTERS}]{${SHARE_LENGTH}}${MARK}*\\s*$`, "i");

function isSymbol({ key, name }) {
  return name === "Other" ? /^[0-9A-Za-z]$/.test(key) : SYMBOL_KEY.test(name);
}

function isLetter(press, letter) {
  return press.name === "Other" ? press.key.toUpperCase() === letter : press.name.replace("+", "") === `Key${letter}`;
}

// What the reader puts before each scan: whatever comes before the address.
function prefixOf(presses) {
  for (let at = 0; at <= PREFIX_LENGTH_MAX; at += 1) {
    if ([..."HTTP"].every((letter, place) => presses[at + place] && isLetter(presses[at + place], letter))) {
      return presses.slice(0, at);
    }
  }
  return [];
}

// The presses of one scan ({ key: its character or "", name: of ui/keys.js }), without address and share.
export function cutPresses(presses) {
  if (presses.length <= PLAIN_LENGTH_MAX) return presses;
  let end = presses.length;
  while (end && !isSymbol(presses[end - 1])) end -= 1;
  let codeEnd = end - SHARE_LENGTH;
  if (codeEnd > 0 && !isSymbol(presses[codeEnd - 1])) codeEnd -= 1;
  const code = presses.slice(Math.max(0, codeEnd - CODE_LENGTH), codeEnd);
  const isCard = code.length === CODE_LENGTH && [...code, ...presses.slice(end - SHARE_LENGTH, end)].every(isSymbol);
  if (isCard) return [...prefixOf(presses), ...code];
  // The end of a card of which the beginning was lost, or something else that is long.
  return presses.slice(Math.max(0, end - SHARE_LENGTH / 2), end).every(isSymbol) ? [] : presses.slice(0, PLAIN_LENGTH_MAX);
}

// The presses of a card's share, where these are those of a whole card; null else. They stay in this page.
export function sharePresses(presses) {
  let end = presses.length;
  while (end && !isSymbol(presses[end - 1])) end -= 1;
  const share = presses.slice(Math.max(0, end - SHARE_LENGTH), end);
  const isCard = presses.length > PLAIN_LENGTH_MAX && cutPresses(presses).length >= CODE_LENGTH;
  return isCard && share.length === SHARE_LENGTH && share.every(isSymbol) ? share : null;
}

// A share as its 16 bytes; null where these presses are none. table: what each key means under the reader's layout,
// null where the characters are right as they are.
export function readShare(presses, table) {
  let number = 0n;
  for (const { key, name } of presses) {
    const letter = table ? (table[name] ?? "") : key.toUpperCase();
    const place = ALPHABET.indexOf(letter);
    if (letter.length !== 1 || place < 0) return null;
    number = number * 32n + BigInt(place);
  }
  if (number >> 128n) return null;
  const bytes = new Uint8Array(16);
  for (let at = 15; at >= 0; at -= 1, number >>= 8n) bytes[at] = Number(number & 255n);
  return bytes;
}

// What the code on a card or a badge says, as a camera reads it: { code, share }, the share as presses or null. Null for
// any other code. The share stays in this page.
export function readSquare(text) {
  const presses = Array.from(text, (key) => ({ key, name: "Other" }));
  const code = codeOf(text);
  if (code) return { code, share: sharePresses(presses) };
  return CODE.test(text) ? { code: text, share: null } : null;
}

// A text without the share of any card in it; the address goes as well.
export function cutText(text) {
  return text.replace(MARKED, "$1");
}

// What a field that takes a card's code may send: a card as its code, a name as it is, nothing else that is long.
export function cutCardText(text) {
  const whole = WHOLE.exec(text);
  if (whole) return whole[1];
  const cut = cutText(text);
  const isLong = cut.length > PLAIN_LENGTH_MAX && !/\s/.test(cut.trim());
  return isLong ? cut.trim().slice(0, PLAIN_LENGTH_MAX) : cut;
}

// The code of a text that ends with a whole card; null while there is none.
export function codeOf(text) {
  return WHOLE.exec(text)?.[1] ?? null;
}
