// Run continuity.js over cases from stdin, as one line of JSON: [{memory, answer, subtle}] -> what it found;
// [{old, now, proof}], trees of {size, root} in hexadecimal -> whether the one continues the other.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { followLog, isConsistent } = await import(pathToFileURL(process.argv[2]));
const found = [];
for (const one of JSON.parse(readFileSync(0, "utf8"))) {
  if ("old" in one) {
    const proof = one.proof.map((hash) => new Uint8Array(Buffer.from(hash, "hex")));
    found.push(await isConsistent(globalThis.crypto.subtle, one.old, one.now, proof));
  } else {
    found.push(await followLog(one.memory, one.answer, one.subtle === false ? {} : globalThis.crypto));
  }
}
process.stdout.write(JSON.stringify(found));
