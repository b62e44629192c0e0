// What this device keeps of registers, in two stores of the browser's database. "held": today's registers with the
// names of their pupils, for one person; it is erased on its own. "queue": marks that are not sent yet, which name no
// pupil: ids, codes, times, the reason that was typed. Where the browser keeps nothing, both live in this page only.

import { asPromise, change, openDatabase } from "./kept_database.js";

const NAME = "willing-registers";
const HELD = "held";
const QUEUE = "queue";
const ONLY = "today";

function makeStores(database) {
  database.createObjectStore(HELD);
  database.createObjectStore(QUEUE, { keyPath: "seq", autoIncrement: true });
}

class Kept {
  constructor(database) {
    this.database = database;
    this.isKept = true;
  }

  held() {
    return change(this.database, HELD, "readonly", (store) => asPromise(store.get(ONLY)));
  }

  hold(value) {
    return change(this.database, HELD, "readwrite", (store) => asPromise(store.put(value, ONLY)));
  }

  erase() {
    return change(this.database, HELD, "readwrite", (store) => asPromise(store.clear()));
  }

  queue() {
    return change(this.database, QUEUE, "readonly", (store) => asPromise(store.getAll()));
  }

  add(items) {
    return change(this.database, QUEUE, "readwrite", (store) => Promise.all(items.map((one) => asPromise(store.add(one)))));
  }

  // Changes the items that are there still; `alter` returns the item as it is to be, or null to remove it.
  alter(seqs, alter) {
    return change(this.database, QUEUE, "readwrite", async (store) => {
      const changed = [];
      for (const seq of seqs) {
        const item = await asPromise(store.get(seq));
        if (!item) continue;
        const next = alter(item);
        if (next === item) continue;
        await asPromise(next ? store.put(next) : store.delete(seq));
        changed.push(item);
      }
      return changed;
    });
  }
}

class InThisPage {
  constructor() {
    this.isKept = false;
    this.value = undefined;
    this.items = new Map();
    this.last = 0;
  }

  async held() {
    return this.value;
  }

  async hold(value) {
    this.value = value;
  }

  async erase() {
    this.value = undefined;
  }

  async queue() {
    return [...this.items.values()];
  }

  async add(items) {
    for (const one of items) {
      this.last += 1;
      this.items.set(this.last, { ...one, seq: this.last });
    }
  }

  async alter(seqs, alter) {
    const changed = [];
    for (const seq of seqs) {
      const item = this.items.get(seq);
      const next = item && alter(item);
      if (next === item) continue;
      if (next) this.items.set(seq, next);
      else this.items.delete(seq);
      changed.push(item);
    }
    return changed;
  }
}

export async function openStore() {
  try {
    return new Kept(await openDatabase(NAME, makeStores));
  } catch {
    return new InThisPage();
  }
}

// Erases the names of pupils that any page of this browser keeps; the marks that wait to be sent stay.
export async function eraseNames() {
  const database = await openDatabase(NAME, null).catch(() => null);
  if (!database) return;
  await new Kept(database).erase();
  database.close();
}
