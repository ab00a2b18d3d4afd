// Owns hearing of people who come and go on other nodes. While this one is alone it asks nobody.
import type { Logger } from '../../platform/logger.js';
import { repeat } from '../../platform/repeat.js';
import type { PresenceModel, PresenceRow } from './presence.model.js';
import type { Watchers } from './watchers.js';

export interface FollowerOptions {
  readonly presence: PresenceModel;
  readonly log: Logger;
  readonly node: { readonly hasOthers: boolean };
  readonly watchers: Watchers;
}

const EVERY_MS = 1_000;
/** A write may show itself a little after the time it bears. */
const OVERLAP_MS = 2_000;
/** More than so many at once, and everybody who is watched is looked at anew. */
const MAX_ROWS = 2_000;

export class Follower {
  readonly #options: FollowerOptions;
  /** Up to when changes are known; null while nobody else was there. */
  #until: Date | null = null;
  #stop: () => Promise<void> = async () => undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  start(): void {
    const { log } = this.#options;
    this.#stop = repeat({ name: 'presence of other nodes', everyMs: EVERY_MS, log }, () => this.#follow());
  }

  async close(): Promise<void> {
    await this.#stop();
  }

  async #follow(): Promise<void> {
    const { node, watchers } = this.#options;
    if (!node.hasOthers) {
      this.#until = null;
      return;
    }
    const rows = this.#until === null ? null : await this.#since(this.#until);
    if (rows === null || rows.length === MAX_ROWS) {
      this.#until = await this.#newest();
      watchers.allChanged();
      return;
    }
    this.#until = rows.at(-1)?.changedAt ?? this.#until;
    watchers.changed(rows.map(({ _id }) => _id));
  }

  async #since(until: Date): Promise<PresenceRow[]> {
    const from = new Date(until.getTime() - OVERLAP_MS);
    return await this.#options.presence
      .find({ changedAt: { $gt: from } })
      .sort({ changedAt: 1 })
      .limit(MAX_ROWS)
      .select({ changedAt: 1 })
      .lean<PresenceRow[]>();
  }

  async #newest(): Promise<Date> {
    const row = await this.#options.presence.findOne().sort({ changedAt: -1 }).lean<PresenceRow>();
    return row?.changedAt ?? new Date(0);
  }
}
