// One look of the camera, for one basket. `look` opens the camera, sends frames one at a time, and returns why
// it ended; whatever happens, every track is stopped and the video is empty before it returns (promise 3).

const FRAME_WIDTH = 640;
const FRAME_HEIGHT = 480;
const JPEG_QUALITY = 0.85;
const PAUSE_MS = 100; // the engine needs some 20 ms a frame; more frames of the same moment tell it nothing new
const TRIES = 3; // a frame that the network lost is replaced by a newer one

const REFUSALS = {
  NotAllowedError: "camera_refused",
  SecurityError: "camera_refused",
  NotFoundError: "camera_missing",
  OverconstrainedError: "camera_missing",
  NotReadableError: "camera_busy",
  AbortError: "camera_busy",
};

function pause(milliseconds) {
  return new Promise((resolve) => window.setTimeout(resolve, milliseconds));
}

function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });
}

function ended(track) {
  return new Promise((resolve) => track.addEventListener("ended", () => resolve("camera_lost"), { once: true }));
}

function stop(stream, video) {
  for (const track of stream.getTracks()) track.stop();
  video.pause();
  video.srcObject = null;
}

async function openCamera(video, signal) {
  const asked = navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { width: { ideal: FRAME_WIDTH }, height: { ideal: FRAME_HEIGHT }, facingMode: "user" },
  });
  const first = await Promise.race([asked, aborted(signal)]);
  if (first instanceof MediaStream) return first;
  // Cancelled while the browser was still asking: a late yes must not leave the lamp on.
  asked.then((stream) => stop(stream, video)).catch(() => {});
  return first;
}

function draw(video, canvas) {
  // The whole picture, not mirrored: only the preview is a mirror.
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
}

async function send(url, frame, signal) {
  const token = document.querySelector("#screen input[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(url, {
    method: "POST",
    body: frame,
    headers: { "Content-Type": "image/jpeg", "X-CSRFToken": token },
    credentials: "same-origin",
    redirect: "error",
    signal,
  });
  if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  return answer.ok ? answer.json() : { state: "decided" }; // refused: the next screen says why
}

async function sendPatiently(url, takeFrame, signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(url, await takeFrame(), signal);
    } catch (error) {
      if (signal.aborted || attempt === TRIES) throw error;
      await pause(300 * attempt);
    }
  }
}

async function sendFrames(panel, video, signal) {
  const canvas = document.createElement("canvas");
  canvas.width = FRAME_WIDTH;
  canvas.height = FRAME_HEIGHT;
  const hint = panel.querySelector("[data-hint]");
  while (!signal.aborted) {
    let answer;
    try {
      answer = await sendPatiently(panel.dataset.frameUrl, () => draw(video, canvas), signal);
    } catch {
      return "network";
    }
    if (answer.state !== "looking") return answer.state;
    if (answer.hint) hint.textContent = answer.hint;
    await pause(PAUSE_MS);
  }
  return signal.reason;
}

async function show(stream, video, panel) {
  video.srcObject = stream;
  await video.play();
  panel.querySelector("[data-hint]").textContent = panel.querySelector("[data-looking]").content.textContent;
  panel.classList.add("looking");
}

export async function look(panel, signal) {
  const video = panel.querySelector("video");
  const over = new AbortController(); // also ends a frame that is on its way
  let stream;
  try {
    stream = await openCamera(video, signal);
  } catch (error) {
    return REFUSALS[error?.name] ?? "camera_missing"; // no mediaDevices at all, too: a page without https
  }
  if (!(stream instanceof MediaStream)) return stream;
  // At once, not with the next turn of the event loop: the screen that replaces this one must find it dark.
  signal.addEventListener("abort", () => stop(stream, video), { once: true });
  try {
    return await Promise.race([
      aborted(signal),
      ...stream.getVideoTracks().map(ended),
      show(stream, video, panel).then(() =>
        Promise.race([
          sendFrames(panel, video, over.signal),
          pause(Number(panel.dataset.seconds) * 1000).then(() => "timeout"),
        ]),
      ),
    ]);
  } catch {
    return "camera_lost";
  } finally {
    stop(stream, video);
    over.abort("over");
    panel.classList.remove("looking");
    panel.classList.add("ended");
  }
}
