// The camera of a page. Nothing here touches navigator.mediaDevices before `openCamera` is called, which only a
// press does; whoever opens it stops it with `stopCamera` before anything else shows (promise 3).

const FRAME_WIDTH = 640;
const FRAME_HEIGHT = 480;
const FACE_SIZE = { width: { ideal: FRAME_WIDTH }, height: { ideal: FRAME_HEIGHT } };
const CODE_SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } }; // as sharp as codes need it
const TRIES = 3; // a frame that the network lost is replaced by a newer one

const REFUSALS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

// Why a camera did not open: "refused", "missing" or "busy". A page without https has no mediaDevices at all.
export function refusal(error) {
  return REFUSALS[error?.name] ?? "missing";
}

// Resolves with the signal's reason once it is aborted.
export function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });
}

// Resolves after that time, or at once when the signal is aborted.
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}

// Which camera was chosen on this device: its id and name, kept by this browser alone and told to nobody. The id
// means nothing on another computer, so it belongs to no row of the server.
const CHOSEN = "willing-camera";
const standIns = new WeakSet();

function chosenCamera() {
  try {
    return JSON.parse(window.localStorage.getItem(CHOSEN));
  } catch {
    return null; // storage is off, or something else is in it: the browser's own choice
  }
}

function ask(which, size) {
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
}

async function askForChosen(signal, size) {
  const chosen = chosenCamera();
  if (!chosen?.id) return ask({ facingMode: "user" }, size);
  try {
    return await ask({ deviceId: { exact: chosen.id } }, size);
  } catch (error) {
    const isGone = error.name === "OverconstrainedError" || error.name === "NotFoundError";
    if (!isGone || signal.aborted) throw error;
    return askByName(chosen.label, size);
  }
}

function remember(id, label) {
  window.localStorage.setItem(CHOSEN, JSON.stringify({ id, label }));
}

// Some browsers give a camera another id after a while. It is known by its name then, and that is readable only
// while a camera runs.
async function askByName(label, size) {
  const stream = await ask({ facingMode: "user" }, size);
  const now = stream.getVideoTracks()[0];
  const devices = await navigator.mediaDevices.enumerateDevices();
  const [same, another] = devices.filter((one) => one.kind === "videoinput" && one.label === label);
  if (!same || another) {
    standIns.add(stream);
    return stream;
  }
  remember(same.deviceId, label);
  if (now.getSettings().deviceId === same.deviceId) return stream;
  for (const track of stream.getTracks()) track.stop();
  return ask({ deviceId: { exact: same.deviceId } }, size);
}

// Whether another camera runs because the chosen one is not there.
export function isStandIn(stream) {
  return standIns.has(stream);
}

// Offers the cameras of this device in a select, where there are several. The names are known only while one runs,
// so this comes after `openCamera`. `chosen` is called once another one was taken and remembered.
export async function offerCameras(select, stream, chosen) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter((one) => one.kind === "videoinput" && one.deviceId);
  if (cameras.length < 2) return;
  const now = stream.getVideoTracks()[0]?.getSettings().deviceId;
  const options = cameras.map((one) => new Option(one.label, one.deviceId, false, one.deviceId === now));
  select.replaceChildren(...options);
  select.onchange = () => {
    const { value, text } = select.selectedOptions[0];
    remember(value, text);
    chosen();
  };
  select.closest("[data-cameras]").hidden = false;
}

// Resolves with a MediaStream, or with the signal's reason where it was aborted first.
export function openCamera(video, signal) {
  return opened(askForChosen(signal, FACE_SIZE), video, signal);
}

// The same camera, for what is held in front of it: the code on a card.
export function openCodeCamera(video, signal) {
  return opened(askForChosen(signal, CODE_SIZE), video, signal);
}

// The camera on a phone's back; a device without one gives what it has.
export function openRearCamera(video, signal) {
  return opened(ask({ facingMode: "environment" }, CODE_SIZE), video, signal);
}

async function opened(asked, video, signal) {
  const first = await Promise.race([asked, aborted(signal)]);
  if (first instanceof MediaStream) return first;
  // Cancelled while the browser was still asking: a late yes must not leave the lamp on.
  asked.then((stream) => stopCamera(stream, video)).catch(() => {});
  return first;
}

export function stopCamera(stream, video) {
  for (const track of stream.getTracks()) track.stop();
  video.pause();
  video.srcObject = null;
}

// The middle of a picture of whatever shape, as large as it goes in the shape of a frame: what the preview shows
// too. Nothing is ever stretched; a face drawn wider than it is, is a stranger's.
export function middleOf(width, height) {
  const takenWidth = Math.min(width, (height * FRAME_WIDTH) / FRAME_HEIGHT);
  const takenHeight = Math.min(height, (width * FRAME_HEIGHT) / FRAME_WIDTH);
  return [(width - takenWidth) / 2, (height - takenHeight) / 2, takenWidth, takenHeight];
}

// A function that resolves with the present frame as a JPEG, not mirrored: only the preview is a mirror.
export function frameTaker(video, jpegQuality) {
  const canvas = document.createElement("canvas");
  canvas.width = FRAME_WIDTH;
  canvas.height = FRAME_HEIGHT;
  const context = canvas.getContext("2d", { alpha: false });
  return () => {
    const middle = middleOf(video.videoWidth, video.videoHeight);
    context.drawImage(video, ...middle, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", jpegQuality));
  };
}

// Resolves with the server's answer to one frame. Rejects where the network or the server failed three times,
// each time with a frame of its own, and where the signal was aborted.
export async function sendFrame(url, takeFrame, token, signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(url, {
        method: "POST",
        body: await takeFrame(),
        headers: { "Content-Type": "image/jpeg", "X-CSRFToken": token },
        credentials: "same-origin",
        redirect: "error",
        signal,
      });
      if (answer.status >= 500) throw new Error(`status ${answer.status}`);
      return answer;
    } catch (error) {
      if (signal.aborted || attempt === TRIES) throw error;
      await pause(300 * attempt, signal);
    }
  }
}
