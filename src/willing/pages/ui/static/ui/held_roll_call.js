// What this device keeps for a roll call, in three stores of the browser's database. "held": the list of today,
// with names and medical needs, for one person, and which roll call is running. "ticks": ticks of that roll call, ids and
// times, sent or not. "about": the device's own id, and openings of the list that the server has not heard of. Where
// the browser keeps nothing, all of it lives in this page only.

import { asPromise, change, openDatabase } from "./kept_database.js";

const NAME = "willing-roll-call";
const HELD = "held";
const TICKS = "ticks";
const ABOUT = "about";
const ONLY = "today";
const PEOPLE = "people"; // apart: they are written when the list is, and not with each tick

function makeStores(database) {
  database.createObjectStore(HELD);
  database.createObjectStore(TICKS, { keyPath: "key" });
  database.createObjectStore(ABOUT);
}

class Kept {
  constructor(database) {
    this.database = database;
    this.isKept = true;
    this.people = null; // those that are written
  }

  async held() {
    const [rest, people] = await change(this.database, HELD, "readonly", (store) => Promise.all([ONLY, PEOPLE].map((name) => asPromise(store.get(name)))));
    if (!rest || !people) return undefined;
    this.people = people;
    return { ...rest, people };
  }

  async hold({ people, ...rest }) {
    await change(this.database, HELD, "readwrite", (store) => Promise.all([asPromise(store.put(rest, ONLY)), ...(people === this.people ? [] : [asPromise(store.put(people, PEOPLE))])]));
    this.people = people;
  }

  about(name) {
    return change(this.database, ABOUT, "readonly", (store) => asPromise(store.get(name)));
  }

  note(name, value) {
    return change(this.database, ABOUT, "readwrite", (store) => asPromise(store.put(value, name)));
  }

  ticks() {
    return change(this.database, TICKS, "readonly", (store) => asPromise(store.getAll()));
  }

  // Ticks only grow: one that is there is written again with what is known of it since, never taken out.
  put(ticks) {
    return change(this.database, TICKS, "readwrite", (store) => Promise.all(ticks.map((one) => asPromise(store.put(one)))));
  }

  // Erases the list and ticks that the server has; those it has not yet name nobody, and stay.
  async erase() {
    this.people = null;
    await change(this.database, HELD, "readwrite", (store) => asPromise(store.clear()));
    await change(this.database, TICKS, "readwrite", async (store) => {
      for (const one of await asPromise(store.getAll())) if (one.isSent) await asPromise(store.delete(one.key));
    });
  }

  forget(keys) {
    return change(this.database, TICKS, "readwrite", (store) => Promise.all(keys.map((key) => asPromise(store.delete(key)))));
  }
}

class InThisPage {
  constructor() {
    this.isKept = false;
    this.value = undefined;
    this.known = new Map();
    this.noted = new Map();
  }

  async held() {
    return this.value;
  }

  async hold(value) {
    this.value = value;
  }

  async about(name) {
    return this.noted.get(name);
  }

  async note(name, value) {
    this.noted.set(name, value);
  }

  async ticks() {
    return [...this.known.values()];
  }

  async put(ticks) {
    for (const one of ticks) this.known.set(one.key, one);
  }

  async erase() {
    this.value = undefined;
    await this.forget([...this.known.values()].filter(({ isSent }) => isSent).map(({ key }) => key));
  }

  async forget(keys) {
    for (const key of keys) this.known.delete(key);
  }
}

export async function openStore() {
  try {
    return new Kept(await openDatabase(NAME, makeStores));
  } catch {
    return new InThisPage();
  }
}

// Erases the names that any page of this browser keeps, for the page where nobody is signed in. While a roll call is
// running they stay until the app itself erases them: people are being looked for.
export async function eraseList(deviceMs) {
  const database = await openDatabase(NAME, null).catch(() => null);
  if (!database) return;
  const kept = new Kept(database);
  const held = await kept.held();
  const isRunning = held?.call && !held.call.ended_at && deviceMs < held.call.keepUntil;
  if (!isRunning) await kept.erase();
  database.close();
}
