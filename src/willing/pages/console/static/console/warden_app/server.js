// What the wardens' app asks of the server and brings to it. Each message may be cut and come again: a tick is one of a
// set, a roll call has an id of the phone's.

import { ask, Away } from "../../ui/asking.js";

export const TICKS_MAX = 400; // of one message

// The server shows this person no names: they are not named as a warden.
export class NotWarden extends Error {}

function require(answer) {
  if (answer.status === 403 || answer.content.code === "roll_call_not_warden") throw new NotWarden(answer.content.message);
  if (answer.status !== 200) throw new Away(answer.content.code ?? "refused");
  return answer.content;
}

export async function fetchList(url, device, isOpened) {
  const query = new URLSearchParams({ device, ...(isOpened ? { opened: "1" } : {}) });
  return require(await ask(`${url}?${query}`, {}));
}

export async function fetchState(url, since) {
  return require(await ask(`${url}?since=${since}`, {}));
}

function post(url, csrf, content) {
  return ask(url, {
    method: "POST",
    body: JSON.stringify(content),
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
  });
}

// Resolves with the roll call that the server has: this one, or the one that was running already.
export async function sendBegin(url, csrf, call) {
  return require(await post(url, csrf, { id: call.id, kind: call.kind, at: call.started_at }));
}

export async function sendEnd(url, csrf, call) {
  return require(await post(url, csrf, { id: call.id }));
}

// Resolves with what the server has now, and with what became of each tick; or with { refused: code, message }.
export async function sendTicks(url, csrf, { call, device, user, opened, since, ticks }) {
  const sent = ticks.map(({ subject, state, at, by, device: from }) => ({ subject, state, at, by, device: from }));
  const { status, content } = await post(url, csrf, { roll_call: call, device, user, opened, since, ticks: sent });
  if (status === 409 && content.code !== "roll_call_not_warden") return { refused: content.code, message: content.message };
  return require({ status, content });
}
