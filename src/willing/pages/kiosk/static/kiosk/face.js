// One look of the camera, for one basket. `look` opens the camera, sends frames one at a time, and returns why
// it ended; whatever happens, every track is stopped and the video is empty before it returns (promise 3).

import {
  aborted,
  frameTaker,
  isStandIn,
  offerCameras,
  openCamera,
  pause,
  refusal,
  sendFrame,
  stopCamera,
} from "../ui/camera.js";
import { readShare } from "../ui/card.js";
import { fromHex, seal, toHex } from "../ui/hpke.js";

const JPEG_QUALITY = 0.85;
const PAUSE_MS = 100; // the engine needs some 20 ms a frame; more frames of the same moment tell it nothing new

function ended(track) {
  return new Promise((resolve) => track.addEventListener("ended", () => resolve("camera_lost"), { once: true }));
}

// Seal what the card says to the process that serves this look alone. Nothing is sent that anybody else could read.
async function sendShare(panel, share, signal) {
  const { shareUrl, shareKey, shareInfo } = panel.dataset;
  if (!shareUrl) return "looking";
  const bytes = share && readShare(share.presses, share.table);
  if (!bytes) return "cancelled"; // the card was shown too long ago, or on another page
  const sealed = await seal(fromHex(shareKey), bytes, fromHex(shareInfo));
  bytes.fill(0);
  const token = document.querySelector("#screen input[name=csrfmiddlewaretoken]").value;
  const response = await fetch(shareUrl, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams({ share: toHex(sealed) }),
    signal,
  });
  return response.ok ? (await response.json()).state : "decided";
}

async function sendFrames(panel, video, signal) {
  const takeFrame = frameTaker(video, JPEG_QUALITY);
  const token = document.querySelector("#screen input[name=csrfmiddlewaretoken]").value;
  const hint = panel.querySelector("[data-hint]");
  while (!signal.aborted) {
    let answer;
    try {
      const response = await sendFrame(panel.dataset.frameUrl, takeFrame, token, signal);
      if (!response.ok) return "decided"; // refused: the next screen says why
      answer = await response.json();
    } catch {
      return "network";
    }
    if (answer.state !== "looking") return answer.state;
    if (answer.hint) hint.textContent = answer.hint;
    panel.dataset.turn = answer.turn;
    await pause(PAUSE_MS);
  }
  return signal.reason;
}

async function showAndSend(panel, video, stream, share, signal) {
  let state;
  try {
    [state] = await Promise.all([sendShare(panel, share, signal), show(stream, video, panel)]);
  } catch (error) {
    if (signal.aborted) return signal.reason;
    if (error instanceof TypeError) return "network";
    throw error;
  }
  if (state !== "looking") return state;
  const end = pause(Number(panel.dataset.seconds) * 1000).then(() => "timeout");
  return Promise.race([sendFrames(panel, video, signal), end]);
}

async function show(stream, video, panel) {
  video.srcObject = stream;
  await video.play();
  panel.querySelector("[data-hint]").textContent = panel.querySelector("[data-looking]").content.textContent;
  panel.classList.add("looking");
  panel.querySelector("[data-stand-in]").hidden = !isStandIn(stream);
}

// choose: called when a person takes another camera; this look ends with it, and the next press opens that one.
// share: what the card says, where the page holds it ({ presses, table }); it opens what the frames are compared with.
export async function look(panel, signal, choose, share = null) {
  const video = panel.querySelector("video");
  const over = new AbortController(); // also ends a frame that is on its way
  let stream;
  try {
    stream = await openCamera(video, signal);
  } catch (error) {
    return `camera_${refusal(error)}`;
  }
  if (!(stream instanceof MediaStream)) return stream;
  // At once, not with the next turn of the event loop: the screen that replaces this one must find it dark.
  signal.addEventListener("abort", () => stopCamera(stream, video), { once: true });
  offerCameras(panel.querySelector("[data-camera]"), stream, choose).catch(() => {}); // this one runs all the same
  try {
    return await Promise.race([
      aborted(signal),
      ...stream.getVideoTracks().map(ended),
      showAndSend(panel, video, stream, share, over.signal),
    ]);
  } catch {
    return "camera_lost";
  } finally {
    stopCamera(stream, video);
    over.abort("over");
    panel.classList.remove("looking");
    panel.classList.add("ended");
  }
}
