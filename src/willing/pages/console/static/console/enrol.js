// The camera at the enrolment desk. Nothing here touches navigator.mediaDevices before somebody presses start;
// whatever ends a run, every track is stopped and the video is empty before the page says so (promise 3).

import {
  frameTaker,
  isStandIn,
  offerCameras,
  openCamera,
  pause,
  refusal,
  sendFrame,
  stopCamera,
} from "../ui/camera.js";

const JPEG_QUALITY = 0.9;
const PAUSE_MS = 700; // long enough for the person to move a little: five equal frames would teach nothing

const desk = document.querySelector("[data-capture]");
const video = desk.querySelector("video");
const find = (name) => desk.querySelector(`[data-${name}]`);
const words = (name) => desk.querySelector(`template[data-words="${name}"]`).content.textContent;
let run = null; // the AbortController of the run that is on

function say(text, isGood = false) {
  const hint = find("hint");
  hint.textContent = text;
  hint.classList.toggle("good", isGood);
}

// isPicture: the camera may have seen a picture, so a member of staff confirms the person first.
function showCount(good, isPicture) {
  find("count").textContent = String(good);
  find("progress").value = Math.min(good, Number(desk.dataset.enough));
  find("picture").hidden = !isPicture;
  const isShort = good < Number(desk.dataset.atLeast);
  for (const button of desk.querySelectorAll("[data-finish]")) button.disabled = isShort || isPicture;
}

const isEnough = () => Number(find("count").textContent) >= Number(desk.dataset.enough);

function offerStart() {
  find("start").hidden = isEnough();
}

async function sendFrames(signal) {
  const takeFrame = frameTaker(video, JPEG_QUALITY);
  const token = desk.querySelector("input[name=csrfmiddlewaretoken]").value;
  while (!signal.aborted) {
    let answer;
    try {
      const response = await sendFrame(desk.dataset.frameUrl, takeFrame, token, signal);
      if (!response.ok && response.status !== 409) return "network";
      answer = await response.json();
    } catch {
      return signal.aborted ? signal.reason : "network";
    }
    if (answer.refusal) return { text: answer.refusal };
    showCount(answer.good, answer.is_picture);
    say(answer.hint, answer.is_good);
    if (answer.good >= Number(desk.dataset.enough)) return "enough";
    await pause(PAUSE_MS, signal);
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
  offerCameras(find("camera"), stream, () => controller.abort("chosen")).catch(() => {});
  say(words("looking"));
  return sendFrames(controller.signal);
}

async function start() {
  if (run) return;
  run = new AbortController();
  const { signal } = run;
  find("start").hidden = true;
  find("stop").hidden = false;
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
    find("off").hidden = false;
    offerStart();
    find("stop").hidden = true;
  }
  if (ending === "chosen") {
    await start(); // at once, with the camera that was just taken
    return;
  }
  const isPicture = !find("picture").hidden;
  if (ending === "enough" && isPicture) ending = "confirm";
  say(ending.text ?? words(ending), ending === "enough");
  if (ending === "enough") find("finish").focus();
  if (ending === "confirm") find("picture").querySelector("button").focus();
}

find("start").addEventListener("click", start);
find("stop").addEventListener("click", () => run?.abort("stopped"));
document.addEventListener("willing:card-camera", () => run?.abort("stopped")); // enrol_card.js
// A page that nobody sees has no business with the camera.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) run?.abort("stopped");
});
window.addEventListener("pagehide", () => run?.abort("stopped"));
find("controls").hidden = false;
offerStart();
// What was taken before, of photographs perhaps: there is nothing to start.
if (isEnough()) say(words(find("picture").hidden ? "enough" : "confirm"), find("picture").hidden);
