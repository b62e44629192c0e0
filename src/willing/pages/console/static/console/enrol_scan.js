// A scanned card opens its owner's enrolment. A reader types it (scan.js), or the camera reads its QR code after a press
// (ui/qr_camera.js). Either way no more than the code leaves this page (ui/card.js).

import { listenForScans } from "../kiosk/scan.js";
import { aborted, openCamera, refusal, stopCamera } from "../ui/camera.js";
import { codeOf } from "../ui/card.js";

const SILENCE_MS = 60_000; // then the camera stops by itself
const form = document.querySelector("[data-scan-card]");
const panel = form.querySelector("[data-scan-panel]");
const video = form.querySelector("video");
const open = form.querySelector("[data-scan-by-camera]");
const words = (name) => form.querySelector(`template[data-words="${name}"]`).content.textContent;
let run = null;

function send({ code, keys }) {
  run?.abort("found");
  form.elements.code.value = code;
  form.elements.keys.value = keys;
  form.submit();
}

function say(text) {
  form.querySelector("[data-scan-state]").textContent = text;
}

// Resolves with the code of the first card that is seen, "silence" or "stopped".
async function look(signal) {
  const { lookForCodes } = await import("../ui/qr_camera.js");
  return lookForCodes({ video, signal, silenceMs: SILENCE_MS, take: (said) => codeOf(said) ?? "again" });
}

async function scanByCamera() {
  if (run) return;
  run = new AbortController();
  const { signal } = run;
  let stream = null;
  let found = "stopped";
  panel.hidden = false;
  open.hidden = true;
  say(words("looking"));
  try {
    stream = await openCamera(video, signal);
    if (stream instanceof MediaStream) {
      video.srcObject = stream;
      await video.play();
      found = await Promise.race([look(signal), aborted(signal).then(() => "stopped")]);
    }
    say(found === "silence" ? words("silence") : "");
  } catch (error) {
    say(words(error instanceof DOMException ? refusal(error) : "failed"));
  } finally {
    if (stream instanceof MediaStream) stopCamera(stream, video);
    run = null;
    panel.hidden = true;
    open.hidden = false;
  }
  if (found !== "stopped" && found !== "silence") send({ code: found, keys: "" });
}

// A page without https has no cameras at all.
if (form.hasAttribute("data-has-codes") && window.isSecureContext) open.hidden = false;
open.addEventListener("click", scanByCamera);
form.querySelector("[data-scan-stop]").addEventListener("click", () => run?.abort("stopped"));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) run?.abort("stopped");
});
window.addEventListener("pagehide", () => run?.abort("stopped"));
listenForScans(() => "any", send);
