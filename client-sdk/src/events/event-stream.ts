// Owns the one stream of events of a client: opened with its first listener, closed a moment after its last, in the name of whoever is
// signed in. Breaks and tokens are the business of the subscription below it, which goes on after the last event.
import type { EventType, ParleyEvent } from '@parley/shared';
import type { Api } from '../api/api.js';
import { Emitter } from '../emitter.js';
import type { Timing } from '../timing.js';

/** The event of that type. */
export type EventOf<Type extends EventType> = Extract<ParleyEvent, { readonly type: Type }>;

/** `closed`: nobody listens, nobody is signed in, or the server refused for good. */
export type EventsStatus = 'closed' | 'connecting' | 'open';

/**
 * Everything the signed-in person may hear of, over one stream however many listen; it goes on where it broke, over tokens, lines and
 * restarts. Listeners stay over a new sign-in, and hear the new person's events from a new stream. What a listener throws becomes an
 * uncaught error, and stops nobody.
 */
export interface Events {
  /** Returns what takes the listener away again. `stream.ready`, `stream.gap` and `stream.still` are events like the others. */
  on<Type extends EventType>(type: Type, listener: (event: EventOf<Type>) => void): () => void;
  onAny(listener: (event: ParleyEvent) => void): () => void;
  readonly status: EventsStatus;
  onStatus(listener: (status: EventsStatus) => void): () => void;
}

export interface EventStreamParts {
  readonly api: Pick<Api, 'events'>;
  readonly isSignedIn: () => boolean;
  readonly timing: Timing;
}

/** Whoever stops listening may be about to listen again, as a view that is drawn anew. */
const LINGER_MS = 1_000;

export class EventStream implements Events {
  readonly #parts: EventStreamParts;
  #emitter = new Emitter<{ event: ParleyEvent }>();
  readonly #changes = new Emitter<{ status: EventsStatus }>();
  #listeners = 0;
  #status: EventsStatus = 'closed';
  #isReady = false;
  #leave: (() => void) | null = null;
  #callOff = (): void => undefined;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
  }

  get status(): EventsStatus {
    return this.#status;
  }

  /** Whether everything that happens from now on is told: now, or once the line is back. */
  get isReady(): boolean {
    return this.#isReady;
  }

  on<Type extends EventType>(type: Type, listener: (event: EventOf<Type>) => void): () => void {
    const isIt = (event: ParleyEvent): event is EventOf<Type> => event.type === type;
    return this.onAny((event) => {
      if (isIt(event)) listener(event);
    });
  }

  onAny(listener: (event: ParleyEvent) => void): () => void {
    const emitter = this.#emitter;
    // One function given twice is two listeners: each is taken away by its own.
    const stop = emitter.on('event', (event) => listener(event));
    this.#listeners += 1;
    this.#callOff();
    this.#open();
    let isOn = true;
    return () => {
      if (!isOn || emitter !== this.#emitter) return;
      isOn = false;
      stop();
      this.#listeners -= 1;
      if (this.#listeners === 0) this.#callOff = this.#parts.timing.after(LINGER_MS, () => this.stop());
    };
  }

  onStatus(listener: (status: EventsStatus) => void): () => void {
    return this.#changes.on('status', listener);
  }

  /** Somebody has signed in: whoever still listens hears what is theirs. */
  start(): void {
    if (this.#listeners > 0) this.#open();
  }

  /** The stream that was open is over; the next one begins anew. */
  stop(): void {
    this.#callOff();
    this.#leave?.();
    this.#leave = null;
    this.#isReady = false;
    this.#become('closed');
  }

  /** Takes every listener away. */
  close(): void {
    this.#emitter = new Emitter();
    this.#listeners = 0;
    this.stop();
  }

  #open(): void {
    if (this.#leave !== null || !this.#parts.isSignedIn()) return;
    let isOver = false;
    const over = (): void => {
      if (!isOver) this.stop();
    };
    this.#become('connecting');
    const subscription = this.#parts.api.events.stream.subscribe(
      {},
      {
        onData: ({ data }) => {
          if (!isOver) this.#tell(data);
        },
        onConnectionStateChange: ({ state }) => {
          if (!isOver && state === 'connecting') this.#become('connecting');
        },
        onError: over,
        onComplete: over,
      },
    );
    this.#leave = () => {
      isOver = true;
      subscription.unsubscribe();
    };
  }

  #tell(event: ParleyEvent): void {
    if (event.type === 'stream.ready') this.#isReady = true;
    this.#become('open');
    this.#emitter.emit('event', event);
  }

  #become(status: EventsStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#changes.emit('status', status);
  }
}
