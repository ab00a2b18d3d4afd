type Maybe<T> = T | Promise<T>;

/** Where a client keeps its session and what it has not sent yet, as text by key. Answers at once or later. */
export interface Storage {
  /** Null or undefined when there is nothing under the key. */
  get(key: string): Maybe<string | null | undefined>;
  set(key: string, value: string): Maybe<void>;
  remove(key: string): Maybe<void>;
}

/** Keeps things as long as the process lives. Two clients that share one share the session. */
export const memoryStorage = (): Storage => {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => {
      values.set(key, value);
    },
    remove: (key) => {
      values.delete(key);
    },
  };
};

/** The part of a browser's `localStorage` or `sessionStorage` that is used. */
export interface WebStorageLike {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Keeps things in `localStorage` (they outlive the page) or `sessionStorage`. */
export const webStorage = (storage: WebStorageLike): Storage => ({
  get: (key) => storage.getItem(key),
  set: (key, value) => storage.setItem(key, value),
  remove: (key) => storage.removeItem(key),
});
