// The server of a world: it crashes and comes back on the same store; its store fails, lags, loses answers.
import { startTestServer, type TestServer } from '../harness/kit.js';
import { type Fate, type MeddlingProxy, startMeddlingProxy } from '../harness/meddling-proxy.js';
import type { Random } from '../harness/random.js';

/** Small everything, so that what is rare in life happens all the time. */
export const SETTINGS = {
  windowMessages: 12,
  segmentMessages: 4,
  generationClients: 9,
  generationMs: 0,
  documentIdleMs: 0,
  snapshotEntries: 7,
  logPatienceMs: 2_000,
} as const;

interface Running {
  readonly server: TestServer;
  readonly proxy: MeddlingProxy;
}

export type Weather = 'calm' | 'fails' | 'lags' | 'loses answers';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Servers {
  weather: Weather = 'calm';
  readonly #storeUri: string;
  readonly #random: Random;
  #running: Running | null = null;
  readonly #ends: Promise<void>[] = [];

  constructor(storeUri: string, random: Random) {
    this.#storeUri = storeUri;
    this.#random = random;
  }

  get url(): string | null {
    return this.#running?.server.url ?? null;
  }

  async start(): Promise<void> {
    this.#running = await this.#run();
  }

  /** The server is cut off from its store in the middle of whatever it does, and never heard of again. */
  async crash(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running !== null) this.#abandon(running);
    await this.start();
  }

  async close(): Promise<void> {
    this.weather = 'calm';
    await this.#running?.server.close();
    await this.#running?.proxy[Symbol.asyncDispose]();
    await Promise.all(this.#ends);
  }

  async #run(): Promise<Running> {
    // A server that cannot begin would be started again.
    let isStarting = true;
    const meddle = (name: string): Fate | Promise<Fate> => (isStarting ? 'pass' : this.#fate(name));
    const proxy = await startMeddlingProxy(this.#storeUri, (_command, name) => meddle(name));
    const mongodbUri = `${proxy.uri}&serverSelectionTimeoutMS=1500`;
    const server = await startTestServer({ ...SETTINGS, mongodbUri });
    isStarting = false;
    return { server, proxy };
  }

  #abandon({ server, proxy }: Running): void {
    proxy.sever(true);
    // What it still does reaches nobody; only its timers and sockets are waited for.
    this.#ends.push(server.close().then(() => proxy[Symbol.asyncDispose]()));
  }

  async #fate(name: string): Promise<Fate> {
    if (this.weather === 'calm' || name === 'hello' || name === 'ping' || name === 'endSessions')
      return 'pass';
    if (this.weather === 'lags') {
      await pause(this.#random.below(80));
      return 'pass';
    }
    if (this.#random.chance(85)) return 'pass';
    if (this.weather === 'loses answers') return 'lose the answer';
    return { reply: { ok: 0, code: 8_000, codeName: 'Meddled', errmsg: 'the weather is bad' } };
  }
}
