// HPKE (RFC 9180), base mode, one message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, over WebCrypto alone.
// What is sealed to a public key here only the holder of its private key opens: for the share of a card, a process
// that lives as long as one look of the camera. WebCrypto is there on pages that came over HTTPS, as cameras are.

const crypto = globalThis.crypto?.subtle;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const KEY_BYTES = 16; // Nk
const NONCE_BYTES = 12; // Nn
const SECRET_BYTES = 32; // Nsecret, and Nh of HKDF-SHA256
const KEM_ID = number(0x0010);
const HPKE_SUITE = concat(ascii("HPKE"), KEM_ID, number(0x0001), number(0x0001));
const KEM_SUITE = concat(ascii("KEM"), KEM_ID);
const NOTHING = new Uint8Array(0);

function ascii(text) {
  return Uint8Array.from(text, (one) => one.charCodeAt(0));
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (one) => parseInt(one, 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
}

// I2OSP(value, 2)
function number(value) {
  return Uint8Array.of(value >> 8, value & 255);
}

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function hmac(key, data) {
  // HKDF's salt of nothing is as many zeros as the hash has bytes; WebCrypto takes no empty key.
  const raw = key.length ? key : new Uint8Array(SECRET_BYTES);
  const imported = await crypto.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.sign("HMAC", imported, data));
}

function labeledExtract(suite, salt, label, material) {
  return hmac(salt, concat(ascii("HPKE-v1"), suite, ascii(label), material));
}

// Of one block of the hash at most, which is all that this suite needs.
async function labeledExpand(suite, key, label, info, length) {
  const labeled = concat(number(length), ascii("HPKE-v1"), suite, ascii(label), info);
  return (await hmac(key, concat(labeled, Uint8Array.of(1)))).slice(0, length);
}

async function encapsulate(recipient, ephemeral) {
  const publicKey = await crypto.importKey("raw", recipient, CURVE, true, []);
  const shared = await crypto.deriveBits({ name: "ECDH", public: publicKey }, ephemeral.privateKey, 256);
  const enc = new Uint8Array(await crypto.exportKey("raw", ephemeral.publicKey));
  const extracted = await labeledExtract(KEM_SUITE, NOTHING, "eae_prk", new Uint8Array(shared));
  const context = concat(enc, recipient);
  return { enc, secret: await labeledExpand(KEM_SUITE, extracted, "shared_secret", context, SECRET_BYTES) };
}

async function schedule(shared, info) {
  const [pskHash, infoHash] = await Promise.all([
    labeledExtract(HPKE_SUITE, NOTHING, "psk_id_hash", NOTHING),
    labeledExtract(HPKE_SUITE, NOTHING, "info_hash", info),
  ]);
  const context = concat(Uint8Array.of(0), pskHash, infoHash); // 0: mode_base
  const secret = await labeledExtract(HPKE_SUITE, shared, "secret", NOTHING);
  const [key, nonce] = await Promise.all([
    labeledExpand(HPKE_SUITE, secret, "key", context, KEY_BYTES),
    labeledExpand(HPKE_SUITE, secret, "base_nonce", context, NONCE_BYTES),
  ]);
  return { key, nonce };
}

// Seal one message (Uint8Array) to a public key (65 bytes, uncompressed), bound to `info`. Return the encapsulated
// key, then the ciphertext with its tag, as one Uint8Array. ephemeral: for the tests of RFC 9180; a new pair else.
export async function seal(recipient, message, info, { aad = NOTHING, ephemeral = null } = {}) {
  const pair = ephemeral ?? (await crypto.generateKey(CURVE, false, ["deriveBits"]));
  const { enc, secret } = await encapsulate(recipient, pair);
  const { key, nonce } = await schedule(secret, info);
  const imported = await crypto.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.encrypt({ name: "AES-GCM", iv: nonce, additionalData: aad }, imported, message);
  return concat(enc, new Uint8Array(sealed));
}
