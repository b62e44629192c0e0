// The camera reads the code on a card or a visitor's badge, after a press and for a while at most. It reads codes and
// nothing else, and no picture leaves this page. What reads them is other people's, and loaded with the first press;
// where it was not there when this program was built, the page has no such button.

import { aborted, openCodeCamera, refusal, stopCamera } from "./camera.js";
import { readSquare } from "./card.js";

async function watch(panel, signal, silenceMs) {
  const part = await import("./qr_camera.js").catch(() => null);
  if (!part) return "network";
  const take = (text) => {
    const square = readSquare(text);
    if (!square) panel.querySelector("[data-code-hint]").textContent = panel.querySelector("template[data-foreign]").content.textContent;
    return square ?? "again";
  };
  return part.lookForCodes({ video: panel.querySelector("video"), signal, silenceMs, take });
}

function unplugged(stream) {
  return Promise.race(
    stream.getVideoTracks().map((track) => new Promise((resolve) => track.addEventListener("ended", () => resolve("camera_lost"), { once: true }))),
  );
}

// Resolves with { code, share } of a card, or with why there is none; by then the camera is off. silenceMs: how long it
// waits for a card.
export async function readCard(panel, signal, silenceMs) {
  const video = panel.querySelector("video");
  const over = new AbortController(); // the watching ends with whatever comes first
  let stream = null;
  try {
    stream = await openCodeCamera(video, signal);
    if (!(stream instanceof MediaStream)) return stream;
    // At once, as with a face: what replaces this must find it dark.
    signal.addEventListener("abort", () => stopCamera(stream, video), { once: true });
    video.srcObject = stream;
    await video.play();
    panel.querySelector("[data-code-hint]").textContent = panel.querySelector("template[data-looking]").content.textContent;
    return await Promise.race([watch(panel, over.signal, silenceMs), unplugged(stream), aborted(signal)]);
  } catch (error) {
    if (signal.aborted) return signal.reason;
    if (!(error instanceof DOMException)) throw error;
    return `camera_${refusal(error)}`;
  } finally {
    over.abort("over");
    if (stream instanceof MediaStream) stopCamera(stream, video);
  }
}
