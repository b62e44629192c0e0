// One try before a till's camera: a press opens it, frames go one at a time, and whatever closes the try, every track
// is stopped and the video is empty before the page says so (promise 3). The page is loaded anew after each try.

import { frameTaker, isStandIn, offerCameras, openCamera, pause, refusal, sendFrame, stopCamera } from "../ui/camera.js";

const JPEG_QUALITY = 0.85;
const PAUSE_MS = 100; // as the till's own page

const desk = document.querySelector("[data-till-test]");
const video = desk.querySelector("video");
const find = (name) => desk.querySelector(`[data-${name}]`);
const words = (name) => desk.querySelector(`template[data-words="${name}"]`).content.textContent;
const token = () => desk.querySelector("input[name=csrfmiddlewaretoken]").value;
let run = null; // the AbortController of the try that is on

function say(text) {
  find("hint").textContent = text;
}

async function begin(signal) {
  const response = await fetch(desk.dataset.tryUrl, {
    method: "POST",
    headers: { "X-CSRFToken": token() },
    body: new URLSearchParams({ kind: desk.dataset.kind }),
    signal,
  });
  if (!response.ok && response.status !== 409) throw new Error(`status ${response.status}`);
  return response.json();
}

// Resolves with how the try came to its end: "over" where it is counted, a text of the server, or a word of this page.
async function sendFrames(signal) {
  const takeFrame = frameTaker(video, JPEG_QUALITY);
  try {
    const begun = await begin(signal);
    if (begun.refusal) return { text: begun.refusal };
    while (!signal.aborted) {
      const response = await sendFrame(begun.frames, takeFrame, token(), signal);
      if (!response.ok && response.status !== 409) return "network";
      const answer = await response.json();
      if (answer.refusal) return { text: answer.refusal };
      if (answer.state === "over") return "over";
      if (answer.hint) say(answer.hint);
      desk.dataset.turn = answer.turn;
      await pause(PAUSE_MS, signal);
    }
  } catch {
    if (!signal.aborted) return "network";
  }
  return signal.reason;
}

async function look(stream, controller) {
  for (const track of stream.getVideoTracks()) {
    track.addEventListener("ended", () => controller.abort("lost"), { once: true });
  }
  video.srcObject = stream;
  await video.play();
  find("off").hidden = true;
  find("stand-in").hidden = !isStandIn(stream);
  offerCameras(find("camera"), stream, () => controller.abort("stopped")).catch(() => {});
  say(words("looking"));
  return sendFrames(controller.signal);
}

async function start() {
  if (run) return;
  run = new AbortController();
  const { signal } = run;
  find("start").hidden = true;
  find("stop").hidden = false;
  find("stop").focus();
  say(words("starting"));
  let stream = null;
  let ending = "stopped";
  try {
    stream = await openCamera(video, signal);
    ending = stream instanceof MediaStream ? await look(stream, run) : stream;
  } catch (error) {
    ending = stream ? "lost" : refusal(error);
  } finally {
    if (stream instanceof MediaStream) stopCamera(stream, video);
    run.abort("stopped");
    run = null;
    desk.dataset.turn = "";
    find("off").hidden = false;
    find("stop").hidden = true;
    find("start").hidden = false;
  }
  if (ending === "over") {
    window.location.reload();
    return;
  }
  say(ending.text ?? words(ending));
  find("start").focus();
}

find("start").addEventListener("click", start);
find("stop").addEventListener("click", () => run?.abort("stopped"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") run?.abort("stopped");
});
// A page that nobody sees has no business with the camera.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) run?.abort("stopped");
});
window.addEventListener("pagehide", () => run?.abort("stopped"));
find("controls").hidden = false;
find("start").focus();
