// A scanned card opens its owner's enrolment. A reader types it (scan.js), or the camera reads its QR code where the
// browser can do so by itself. Either way no more than the code leaves this page (ui/card.js).

import { listenForScans } from "../kiosk/scan.js";
import { aborted, openCamera, pause, refusal, stopCamera } from "../ui/camera.js";
import { codeOf } from "../ui/card.js";

const LOOK_MS = 150;
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

async function look(signal) {
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  while (!signal.aborted) {
    const found = await detector.detect(video).catch(() => []); // no picture yet
    const code = found.map(({ rawValue }) => codeOf(rawValue)).find(Boolean);
    if (code && !signal.aborted) return code;
    await pause(LOOK_MS, signal);
  }
  return null;
}

async function scanByCamera() {
  if (run) return;
  run = new AbortController();
  const { signal } = run;
  let stream = null;
  let code = null;
  panel.hidden = false;
  open.hidden = true;
  say(words("looking"));
  try {
    stream = await openCamera(video, signal);
    if (stream instanceof MediaStream) {
      video.srcObject = stream;
      await video.play();
      code = await Promise.race([look(signal), aborted(signal).then(() => null)]);
    }
    say("");
  } catch (error) {
    say(words(refusal(error)));
  } finally {
    if (stream instanceof MediaStream) stopCamera(stream, video);
    run = null;
    panel.hidden = true;
    open.hidden = false;
  }
  if (code) send({ code, keys: "" });
}

if (window.BarcodeDetector && navigator.mediaDevices) {
  const formats = await window.BarcodeDetector.getSupportedFormats();
  open.hidden = !formats.includes("qr_code");
}
open.addEventListener("click", scanByCamera);
form.querySelector("[data-scan-stop]").addEventListener("click", () => run?.abort("stopped"));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) run?.abort("stopped");
});
window.addEventListener("pagehide", () => run?.abort("stopped"));
listenForScans(() => "any", send);
