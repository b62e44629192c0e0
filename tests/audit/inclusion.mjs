// Run inclusion.js over cases from stdin: [{receipt, key, subtle}] -> [{outcome, code, ...}], as one line of JSON.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { checkReceipt } = await import(pathToFileURL(process.argv[2]));
const cases = JSON.parse(readFileSync(0, "utf8"));
const found = [];
for (const { receipt, key, subtle } of cases) {
  found.push(await checkReceipt(receipt, key, subtle === false ? {} : globalThis.crypto));
}
process.stdout.write(JSON.stringify(found));
