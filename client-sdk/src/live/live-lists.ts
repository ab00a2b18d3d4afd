import { ParleyError } from '../api/errors.js';
import type { EventStream } from '../events/event-stream.js';
import type { Timing } from '../timing.js';
import { LiveItems } from './live-list.js';
import type { LiveList, LiveListSource } from './live-list-ports.js';

/** Opens a list for whoever is signed in, whose id it is told. Throws NOT_SIGNED_IN. */
export type OpenLiveList = <Item>(source: (userId: string) => LiveListSource<Item>) => LiveList<Item>;

export interface LiveListsParts {
  readonly events: EventStream;
  readonly timing: Timing;
  readonly userId: () => string | null;
}

/** The live lists of a client that are open. */
export class LiveLists {
  readonly #parts: LiveListsParts;
  readonly #open = new Set<{ close(reason?: ParleyError): void }>();

  constructor(parts: LiveListsParts) {
    this.#parts = parts;
  }

  readonly open: OpenLiveList = (source) => {
    const { events, timing } = this.#parts;
    const userId = this.#parts.userId();
    if (userId === null) throw new ParleyError('NOT_SIGNED_IN');
    const onClose = (): boolean => this.#open.delete(list);
    const list = new LiveItems({ ...source(userId), events, timing, onClose });
    this.#open.add(list);
    return list;
  };

  closeAll(reason?: ParleyError): void {
    for (const list of [...this.#open]) list.close(reason);
  }
}
