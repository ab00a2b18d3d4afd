import DataLoader from 'dataloader';
import { inTime } from './in-time.js';

/** As many questions as one query takes. */
const MAX_TOGETHER = 100;
/** So many queries are on their way at a time: what comes meanwhile goes with the next, and one that hangs holds up nobody. */
const MAX_AT_ONCE = 2;

/**
 * Makes one query of the questions that come in the same turn of the event loop, or while earlier ones are on their way: when a
 * thousand people come back at once each of them needs the same few rows. Nothing is remembered, every answer is read after it
 * was asked for. `ask` answers in the order of the keys; when it rejects, so does every question in it.
 */
export const together = <Key, Row>(
  ask: (keys: readonly Key[]) => Promise<readonly (Row | null)[]>,
): ((key: Key) => Promise<Row | null>) => {
  const due: (() => void)[] = [];
  let asking = 0;
  const askNext = (): void => {
    while (asking < MAX_AT_ONCE && due.length > 0) due.shift()?.();
  };
  const counted = async (keys: readonly Key[]): Promise<readonly (Row | null)[]> => {
    asking += 1;
    try {
      return await inTime(ask(keys));
    } finally {
      asking -= 1;
      askNext();
    }
  };
  const loader = new DataLoader<Key, Row | null>(counted, {
    cache: false,
    maxBatchSize: MAX_TOGETHER,
    batchScheduleFn: (go) => {
      due.push(go);
      setImmediate(askNext);
    },
  });
  return (key) => loader.load(key);
};

/** The same for rows by their ids. */
export const rowsTogether = <Row extends { readonly _id: string }>(
  find: (ids: string[]) => PromiseLike<Row[]>,
): ((id: string) => Promise<Row | null>) =>
  together<string, Row>(async (ids) => {
    const rows = new Map((await find([...new Set(ids)])).map((row) => [row._id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });
