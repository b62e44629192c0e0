// QR codes in what a camera sees. The part that reads them is other people's (browser_parts.toml), fetched when this
// program was built; a page without it can't import this. No picture leaves the page or is kept.

import { pause } from "./camera.js";
import { decodeQR } from "./parts/qr/decode.js";

const LOOK_MS = 40;
const WIDTH_MAX = 1280;

// A function that returns the text of the code in the video's present picture; null where it shows none, or half of one.
function codeIn(video) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  return () => {
    if (!video.videoWidth) return null;
    const scale = Math.min(1, WIDTH_MAX / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null;
    }
  };
}

// Looks at a video that plays until it was silent for so long, or is stopped. take: given the text of each code that is
// seen, again and again; it resolves with "again" for one that counts as none, "new" for one that does, and with what the
// whole is to resolve with after the last. Resolves with that, "silence" or "stopped".
export async function lookForCodes({ video, signal, silenceMs, take }) {
  const look = codeIn(video);
  let lastNew = performance.now();
  while (!signal.aborted && performance.now() - lastNew < silenceMs) {
    const said = look();
    const found = said ? await take(said) : "again";
    if (signal.aborted) break;
    if (found === "new") lastNew = performance.now();
    else if (found !== "again") return found;
    await pause(LOOK_MS, signal);
  }
  return signal.aborted ? "stopped" : "silence";
}
