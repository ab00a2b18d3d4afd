// Owns who listens to one document, and who of them has had an answer and gets what is new.
import type { ErrorCode } from '@parley/shared';
import type { Peer } from './peer.js';

export class Audience {
  readonly #peers = new Set<Peer>();
  /** Peers that have had their answer: from then on they get what is new. */
  readonly #synced = new Set<Peer>();

  get size(): number {
    return this.#peers.size;
  }

  has(peer: Peer): boolean {
    return this.#peers.has(peer);
  }

  add(peer: Peer): void {
    this.#peers.add(peer);
  }

  remove(peer: Peer): void {
    this.#peers.delete(peer);
    this.#synced.delete(peer);
  }

  /** Whether everybody here asked for Parley's own frames, and so starts over by itself when told to. */
  get allAcking(): boolean {
    return [...this.#peers].every((peer) => peer.acks);
  }

  markSynced(peer: Peer): void {
    this.#synced.add(peer);
  }

  /** To everyone here, synced or not. */
  tellAll(frame: Uint8Array): void {
    for (const peer of this.#peers) peer.send(frame);
  }

  tellSynced(frame: Uint8Array): void {
    for (const peer of this.#synced) peer.send(frame);
  }

  /** To those who asked for Parley's own frames. */
  tellAcking(frame: Uint8Array): void {
    for (const peer of this.#synced) if (peer.acks) peer.send(frame);
  }

  /** Sends everybody away. */
  dismiss(code: ErrorCode): void {
    for (const peer of [...this.#peers]) peer.close(code);
  }
}
