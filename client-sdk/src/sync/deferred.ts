import { type Deferred, deferred } from '@parley/shared';

/** One that nobody needs to wait for: a rejection that no one asked about is no fault. */
export const quietDeferred = <T>(): Deferred<T> => {
  const made = deferred<T>();
  made.promise.catch(() => undefined);
  return made;
};
