/** The platform's `fetch`, or something in its place. */
export type Fetch = typeof globalThis.fetch;
