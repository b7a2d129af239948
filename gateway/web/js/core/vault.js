const NAME = "concierge";
const STORE = "kept";
/** An IndexedDB that does not answer in this time (it happens) is taken for refused. */
const OPEN_MS = 2_000;

/**
 * What a browser keeps for a person over reloads, in IndexedDB: things with an `id`, under who they belong to. Where it
 * is refused (private windows, full disks) nothing is kept, and that is all: no method throws.
 */
export class Vault {
  /** @param {() => IDBFactory|undefined} [idb] where it is refused, already the asking throws */
  constructor(idb = () => globalThis.indexedDB) {
    /** @type {Promise<IDBDatabase|null>} */
    this.opened = opened(idb, NAME, 1);
  }

  /** @param {string} owner @returns {Promise<any[]>} in the order of their ids */
  all(owner) {
    // Arrays come after strings: this is every id of this owner and of no other.
    return this.#do("readonly", (kept) => kept.getAll(IDBKeyRange.bound([owner], [owner, []])), []);
  }

  /** @param {string} owner @param {{id: string}} one */
  put(owner, one) {
    return this.#do("readwrite", (kept) => kept.put(one, [owner, one.id]), null);
  }

  /** @param {string} owner @param {string} id */
  delete(owner, id) {
    return this.#do("readwrite", (kept) => kept.delete([owner, id]), null);
  }

  /** All that is this owner's. @param {string} owner */
  clear(owner) {
    return this.#do("readwrite", (kept) => kept.delete(IDBKeyRange.bound([owner], [owner, []])), null);
  }

  /**
   * One transaction, each after those before it.
   * @template T @param {IDBTransactionMode} mode @param {(kept: IDBObjectStore) => IDBRequest} ask @param {T} none
   * @returns {Promise<T>} what was found once it is durable, `none` where that could not be
   */
  async #do(mode, ask, none) {
    const db = await this.opened;
    if (!db) return none;
    try {
      const turn = db.transaction(STORE, mode);
      const asked = ask(turn.objectStore(STORE));
      // Not left to the end of the page's turn: the page may be gone by then.
      turn.commit();
      return await new Promise((resolve) => {
        turn.oncomplete = () => resolve(asked.result);
        turn.onabort = () => resolve(none);
      });
    } catch {
      return none;
    }
  }
}

/** A database with one store, `kept`; what an older version had in it is dropped.
 * @param {() => IDBFactory|undefined} idb @param {string} name @param {number} version
 * @returns {Promise<IDBDatabase|null>} null where it is refused, or a newer version is there */
export function opened(idb, name, version) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), OPEN_MS);
    try {
      const asked = /** @type {IDBFactory} */ (idb()).open(name, version);
      asked.onupgradeneeded = () => {
        for (const old of asked.result.objectStoreNames) asked.result.deleteObjectStore(old);
        asked.result.createObjectStore(STORE);
      };
      asked.onerror = () => resolve(null);
      asked.onsuccess = () => {
        // A later version of this page must not wait for this one.
        asked.result.onversionchange = () => asked.result.close();
        resolve(asked.result);
      };
    } catch {
      resolve(null);
    }
  });
}
