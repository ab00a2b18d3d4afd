// The few globals that every runtime of Parley has: Node, browsers, workers. Declared here alone,
// so that nothing else of the contract can lean on one runtime.
declare const TextEncoder: { new (): { encode(text: string): Uint8Array<ArrayBuffer> } };
declare const TextDecoder: {
  new (label: string, options: { fatal: boolean; ignoreBOM: boolean }): { decode(bytes: Uint8Array): string };
};
declare const crypto: { getRandomValues(target: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8Encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** Throws a TypeError for bytes that are not UTF-8. */
export const utf8Decode = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Asked for in stock: a call costs more than the bytes. */
const stock = new Uint8Array(4_096);
let used = stock.length;

/** Up to 4,096 random bytes that nobody gets a second time. */
export const randomBytes = (count: number): Uint8Array<ArrayBuffer> => {
  if (used + count > stock.length) {
    crypto.getRandomValues(stock);
    used = 0;
  }
  used += count;
  return stock.slice(used - count, used);
};
