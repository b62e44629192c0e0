// The camera at the enrolment desk. Nothing here touches navigator.mediaDevices before somebody presses start;
// whatever ends a run, every track is stopped and the video is empty before the page says so (promise 3).

const FRAME_WIDTH = 640;
const FRAME_HEIGHT = 480;
const JPEG_QUALITY = 0.9;
const PAUSE_MS = 700; // long enough for the person to move a little: five equal frames would teach nothing
const TRIES = 3; // a frame that the network lost is replaced by a newer one

const REFUSALS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

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

function showCount(good) {
  find("count").textContent = String(good);
  find("progress").value = good;
  find("finish").disabled = good < Number(desk.dataset.atLeast);
}

function offerStart() {
  const good = Number(find("count").textContent);
  find("start").hidden = good >= Number(desk.dataset.enough);
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}

function draw(canvas) {
  // The whole picture, not mirrored: only the preview is a mirror.
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
}

async function send(canvas, signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(desk.dataset.frameUrl, {
        method: "POST",
        body: await draw(canvas),
        headers: {
          "Content-Type": "image/jpeg",
          "X-CSRFToken": desk.querySelector("input[name=csrfmiddlewaretoken]").value,
        },
        credentials: "same-origin",
        redirect: "error",
        signal,
      });
      if (!answer.ok && answer.status !== 409) throw new Error(`status ${answer.status}`);
      return await answer.json();
    } catch (error) {
      if (signal.aborted || attempt === TRIES) throw error;
      await pause(300 * attempt, signal);
    }
  }
}

async function sendFrames(signal) {
  const canvas = document.createElement("canvas");
  canvas.width = FRAME_WIDTH;
  canvas.height = FRAME_HEIGHT;
  while (!signal.aborted) {
    let answer;
    try {
      answer = await send(canvas, signal);
    } catch {
      return signal.aborted ? signal.reason : "network";
    }
    if (answer.refusal) return { text: answer.refusal };
    showCount(answer.good);
    say(answer.hint, answer.is_good);
    if (answer.good >= Number(desk.dataset.enough)) return "enough";
    await pause(PAUSE_MS, signal);
  }
  return signal.reason;
}

async function openCamera(signal) {
  const asked = navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { width: { ideal: FRAME_WIDTH }, height: { ideal: FRAME_HEIGHT }, facingMode: "user" },
  });
  const stream = await asked;
  if (!signal.aborted) return stream;
  // Stopped while the browser was still asking: a late yes must not leave the lamp on.
  close(stream);
  return null;
}

function close(stream) {
  for (const track of stream.getTracks()) track.stop();
  video.pause();
  video.srcObject = null;
}

async function look(stream, controller) {
  for (const track of stream.getVideoTracks()) {
    track.addEventListener("ended", () => controller.abort("lost"), { once: true });
  }
  video.srcObject = stream;
  await video.play();
  find("off").hidden = true;
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
    stream = await openCamera(signal);
    if (stream) ending = await look(stream, run);
  } catch (error) {
    ending = stream ? "lost" : (REFUSALS[error?.name] ?? "missing");
  } finally {
    if (stream) close(stream);
    run.abort("stopped");
    run = null;
    find("off").hidden = false;
    offerStart();
    find("stop").hidden = true;
  }
  say(ending.text ?? words(ending), ending === "enough");
  if (ending === "enough") find("finish").focus();
}

find("start").addEventListener("click", start);
find("stop").addEventListener("click", () => run?.abort("stopped"));
// A page that nobody sees has no business with the camera.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) run?.abort("stopped");
});
window.addEventListener("pagehide", () => run?.abort("stopped"));
find("controls").hidden = false;
offerStart();
