// Owns this process's place among those on one store: a lease that it renews, and noticing whose has run out.
import { newId } from '@parley/shared';
import { inTime } from '../platform/in-time.js';
import type { Logger } from '../platform/logger.js';
import { repeat } from '../platform/repeat.js';
import { uncast } from '../platform/rows.js';
import type { NodeModel } from './node.model.js';

export interface NodeOptions {
  readonly nodes: NodeModel;
  readonly log: Logger;
  /** How often the lease is renewed, ms; it lasts three times as long. */
  readonly beatMs: number;
}

/** What is told to whoever keeps something in the name of a node. */
export interface NodeEvents {
  /** Puts away what a process that died held. Called until it resolves once, maybe by several processes. */
  onDead(nodeId: string): Promise<void>;
  /** This process was taken for dead and has another id from now on: what it holds is to be told again. */
  onReborn(): void;
}

const LEASE_BEATS = 3;
/** A store that does not answer keeps no server from stopping: the lease ends by itself. */
const CLOSE_MS = 2_000;

export class Node {
  readonly #options: NodeOptions;
  readonly #events: NodeEvents;
  #id = newId();
  #others = 0;
  #stop: () => Promise<void> = async () => undefined;

  constructor(options: NodeOptions, events: NodeEvents) {
    this.#options = options;
    this.#events = events;
  }

  get id(): string {
    return this.#id;
  }

  /** Whether other processes were alive at the last beat. */
  get hasOthers(): boolean {
    return this.#others > 0;
  }

  /** Resolves once the others can see this one, and what died before has been put away. */
  async start(): Promise<void> {
    await this.#enter();
    await this.#lookAround();
    const { log, beatMs } = this.#options;
    this.#stop = repeat({ name: 'the beat of this node', everyMs: beatMs, log }, () => this.#beat());
  }

  /** The others see at once that it is gone. */
  async close(): Promise<void> {
    await this.#stop();
    await inTime(this.#options.nodes.deleteOne({ _id: this.#id }), CLOSE_MS);
  }

  async #beat(): Promise<void> {
    const renewed = await this.#rows.updateOne({ _id: this.#id, isDead: false }, this.#lease());
    if (renewed.matchedCount === 0) {
      this.#options.log.warn({ node: this.#id }, 'this node was taken for dead and begins anew');
      this.#id = newId();
      await this.#enter();
      this.#events.onReborn();
    }
    await this.#lookAround();
  }

  async #enter(): Promise<void> {
    await this.#rows.updateOne({ _id: this.#id }, this.#lease(), { upsert: true });
  }

  #lease(): object[] {
    const aliveUntil = { $add: ['$$NOW', this.#options.beatMs * LEASE_BEATS] };
    return [{ $set: { aliveUntil, isDead: { $ifNull: ['$isDead', false] } } }];
  }

  async #lookAround(): Promise<void> {
    // Marked first, in one write with the question: a node that is marked knows it by its next beat.
    const isOver = { isDead: false, $expr: { $lt: ['$aliveUntil', '$$NOW'] } };
    await this.#rows.updateMany(isOver, { $set: { isDead: true } });
    const rows = await this.#options.nodes.find().lean();
    this.#others = rows.filter(({ _id, isDead }) => !isDead && _id !== this.#id).length;
    for (const { _id } of rows.filter(({ isDead }) => isDead)) {
      await this.#events.onDead(_id);
      await this.#options.nodes.deleteOne({ _id, isDead: true });
    }
  }

  get #rows() {
    return uncast(this.#options.nodes);
  }
}
