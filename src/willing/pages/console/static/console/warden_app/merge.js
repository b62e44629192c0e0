// Ticks from one phone's screen to another phone's camera. The codes are drawn and read by a part of other people's
// (ui/browser_parts.toml), fetched when this program was built; without it this page shows and reads none.
//
// The camera runs after a press, reads codes and nothing else, and stops by itself: once a phone's codes are all read,
// after a minute without a new one, and when the page is no longer looked at. No picture leaves this page or is kept.

import { aborted, openRearCamera, refusal, stopCamera } from "../../ui/camera.js";
import { encodeQR } from "../../ui/parts/qr/index.js";
import { lookForCodes } from "../../ui/qr_camera.js";
import { CodeRefused, Collected, makeCodes, readCode } from "./codes.js";
import { part, show, words, write } from "./screen.js";

const SHOWN_MS = 700; // each code; another phone looks five times meanwhile
const SILENCE_MS = 60_000;
const SQUARE_PX = 4;
const BORDER = 4; // squares of white that a reader needs around a code

// --- showing

function draw(canvas, said) {
  const squares = encodeQR(said, "raw", { ecc: "low", encoding: "alphanumeric", border: BORDER });
  canvas.width = canvas.height = squares.length * SQUARE_PX;
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#000";
  squares.forEach((row, high) => row.forEach((isDark, across) => isDark && context.fillRect(across * SQUARE_PX, high * SQUARE_PX, SQUARE_PX, SQUARE_PX)));
}

const shown = { codes: [], place: 0, timer: null, isPaused: false };

function turn(step) {
  shown.place = (shown.place + step + shown.codes.length) % shown.codes.length;
  draw(part("code"), shown.codes[shown.place]);
  const facts = { number: shown.place + 1, count: shown.codes.length };
  part("code").setAttribute("aria-label", words("code-of", facts));
  write("code-number", words("code-of", facts));
}

function plan() {
  window.clearInterval(shown.timer);
  if (!shown.isPaused && shown.codes.length > 1) shown.timer = window.setInterval(() => turn(1), SHOWN_MS);
  write("pause-codes", words(shown.isPaused ? "go-on" : "pause"));
}

// Shows what this phone knows, code after code. what: as `makeCodes` takes it.
export async function showCodes(what) {
  shown.codes = await makeCodes(what);
  shown.place = 0;
  shown.isPaused = false;
  show("one-code", shown.codes.length === 1);
  show("many-codes", shown.codes.length > 1);
  turn(0);
  plan();
}

export function hideCodes() {
  window.clearInterval(shown.timer);
  shown.codes = [];
}

part("pause-codes").addEventListener("click", () => {
  shown.isPaused = !shown.isPaused;
  plan();
});
for (const [name, step] of [["code-before", -1], ["code-after", 1]]) {
  part(name).addEventListener("click", () => {
    shown.isPaused = true;
    turn(step);
    plan();
  });
}

// --- reading

let run = null;

function state({ count, seen, missing, isWhole }) {
  if (!count) return words("looking");
  if (isWhole) return words("read-all", { count });
  return words("read-some", { seen: seen.size, of: count, missing: missing.join(", ") });
}

function takeCodes({ how, onCode, onRefused }) {
  const read = new Set();
  const collected = new Collected();
  return async (said) => {
    if (read.has(said)) return "again";
    read.add(said);
    try {
      const code = await readCode(said, how);
      await onCode(code); // it says itself what it does not take
      const isNew = collected.add(code);
      write("read-state", state(collected));
      if (collected.isWhole) return "whole";
      return isNew ? "new" : "again";
    } catch (error) {
      if (!(error instanceof CodeRefused)) throw error;
      onRefused(error.cause);
      return "again";
    }
  };
}

// Reads another phone's codes. onCode: called with each new one, and rejects with CodeRefused what it does not take;
// onRefused: with the cause. Resolves with "whole", "silence", "stopped", or why there is no camera.
export async function readCodes({ how, onCode, onRefused }) {
  if (run) return "stopped";
  run = new AbortController();
  const { signal } = run;
  const video = part("camera");
  let stream = null;
  write("read-state", words("looking"));
  try {
    stream = await openRearCamera(video, signal);
    if (!(stream instanceof MediaStream)) return "stopped";
    video.srcObject = stream;
    await video.play();
    const take = takeCodes({ how, onCode, onRefused });
    const looking = lookForCodes({ video, signal, silenceMs: SILENCE_MS, take });
    return await Promise.race([looking, aborted(signal).then(() => "stopped")]);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return refusal(error);
  } finally {
    if (stream instanceof MediaStream) stopCamera(stream, video);
    run = null;
  }
}

export function stopReading() {
  run?.abort("stopped");
}

document.addEventListener("visibilitychange", () => document.hidden && stopReading());
window.addEventListener("pagehide", stopReading);
