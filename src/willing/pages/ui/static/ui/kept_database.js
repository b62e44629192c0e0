// A database of the browser, for pages that go on without the server.

export function asPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// makeStores: called with a new database; null where none is to be made, and then this rejects if there is none.
export function openDatabase(name, makeStores) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    if (makeStores) makeStores(request.result);
    else request.transaction.abort();
  };
  return asPromise(request);
}

// Resolves with what `work` resolves with, once the disk has all of it: a mark that shows is not lost with the battery.
export async function change(database, name, mode, work) {
  const transaction = database.transaction(name, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const found = await work(transaction.objectStore(name));
  await done;
  return found;
}
