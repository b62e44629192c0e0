// Asks the server for data, for a page that goes on without it.

const ANSWER_MS = 10_000;

// The server is not there, or does not answer as ours does.
export class Away extends Error {}
// Nobody is signed in on this device any more.
export class SignedOut extends Error {}
export async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, {
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_MS),
      ...options,
    });
  } catch {
    throw new Away("no answer");
  }
  // Where nobody is signed in the answer leads to the sign-in page; 403 is for someone without this role, and where the
  // server says as data why, that is for the caller.
  const isData = answer.headers.get("Content-Type")?.startsWith("application/json");
  const isRefused = answer.status === 403 && !isData && options.method !== "POST";
  if (answer.type === "opaqueredirect" || isRefused) throw new SignedOut("sign-in");
  if (![200, 400, 403, 409].includes(answer.status) || (answer.status === 403 && !isData)) throw new Away(`status ${answer.status}`);
  try {
    return { status: answer.status, content: await answer.json() };
  } catch {
    throw new Away("no data");
  }
}
