// Owns what the peers of one document hear, and when: the question for what they have, answers, what is new, presence, and how
// those who fell behind catch up. Does not own the document nor its log: it is told when what is in memory is what is stored.
import { type ErrorCode, encodeNotice, encodeStateVector, limits, PROTOCOL_VERSION } from '@parley/shared';
import * as Y from 'yjs';
import { Presence } from '../awareness/presence.js';
import type { EngineMeter } from '../meter.js';
import { Answers } from './answers.js';
import { Audience } from './audience.js';
import type { Loaded } from './batch.js';
import type { Peer } from './peer.js';

/** Answers before other work gets its turn: encoding one may take milliseconds, and a whole room may come back at once. */
const MAX_ENCODED_AT_ONCE = 8;
const MAX_ANSWERED_AT_ONCE = 50;

export class Listeners {
  readonly presence: Presence;
  readonly #loaded: () => Loaded;
  readonly #audience = new Audience();
  readonly #answers = new Answers();
  /** State vectors that wait for an answer: a peer's newest stands for all of its. */
  readonly #joiners = new Map<Peer, Uint8Array>();
  /** Peers that were sent a state vector and have not answered it. */
  readonly #asked = new Set<Peer>();
  /** Who is told that a peer has had its first answer, or has gone. */
  readonly #firstAnswers = new Map<Peer, () => void>();

  /** `loaded`: the document as it is in memory now. */
  constructor(loaded: () => Loaded, meter: Pick<EngineMeter, 'presenceSent'>) {
    this.#loaded = loaded;
    this.presence = new Presence((frame) => {
      this.#audience.tellAll(frame);
      meter.presenceSent();
      return this.#audience.size;
    });
  }

  get size(): number {
    return this.#audience.size;
  }

  get isFull(): boolean {
    return this.size >= limits.connectionsPerDocument.value;
  }

  /** Whether somebody is here, and all of them start over by themselves when told to. */
  get allStartOver(): boolean {
    return this.size > 0 && this.#audience.allAcking;
  }

  /** Whether somebody waits for an answer. */
  get hasJoiners(): boolean {
    return this.#joiners.size > 0;
  }

  /** Whether somebody waits for what only the stored document can tell. */
  get areWaiting(): boolean {
    return this.hasJoiners || this.#audience.hasDrained;
  }

  /** Takes a peer in: it is asked for what it has before it is told anything, so that nothing of its own can be lost. */
  attach(peer: Peer): void {
    this.#audience.add(peer);
    this.#welcome(peer);
    this.ask(peer);
    const everybody = this.presence.everybody();
    if (everybody !== null) peer.send(everybody);
  }

  detach(peer: Peer): void {
    this.#audience.remove(peer);
    this.#joiners.delete(peer);
    this.#asked.delete(peer);
    this.presence.leave(peer);
    this.#firstAnswered(peer);
  }

  /** The peer's access is another one now. One who may only read is not seen. */
  accessChanged(peer: Peer): void {
    if (peer.access === 'read') this.presence.leave(peer);
    this.#welcome(peer);
  }

  /** Asks for what the peer has and the document lacks; once, until it has answered. */
  ask(peer: Peer): void {
    if (this.#asked.has(peer)) return;
    this.#asked.add(peer);
    this.#sendQuestion(peer);
  }

  /** The peer has answered: it may be asked again. */
  answered(peer: Peer): void {
    this.#asked.delete(peer);
  }

  /** The peer asks for what it lacks. */
  join(peer: Peer, stateVector: Uint8Array): void {
    this.#joiners.set(peer, stateVector);
  }

  /** A slow reader has taken what waited for it. */
  drained(peer: Peer): void {
    this.#audience.drained(peer);
  }

  /** Resolves once the peer has had its first answer, or has gone. */
  firstAnswer(peer: Peer): Promise<void> {
    if (!this.#audience.has(peer)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#firstAnswers.set(peer, resolve);
    });
  }

  /**
   * Answers those who have waited longest, the others when other work had its turn; then slow readers that can take it get all they
   * missed in one answer, and hear anew of what was left out for them. To be called while the document is exactly what is stored.
   */
  answerAll(): void {
    this.#answerJoiners();
    this.#catchUp();
  }

  /** Relays what was just stored. */
  tell(frame: Uint8Array): void {
    this.#audience.tellSynced(frame, this.#stateVector);
  }

  /** To those who asked for Parley's own frames. */
  tellAcking(frame: Uint8Array): void {
    this.#audience.tellAcking(frame);
  }

  /** The document was read again, in the same generation: everybody gets all of it, and the numbers nobody here has heard. */
  tellWhole(): void {
    this.#answers.clear();
    const { doc, position } = this.#loaded();
    this.tell(this.#answers.frameFor(doc, position));
    this.tellAcking(this.#numbers());
  }

  /** Sends everybody away; whoever waited for an answer gets none. */
  dismiss(code: ErrorCode): void {
    this.#answers.clear();
    this.#joiners.clear();
    this.#audience.dismiss(code);
  }

  #answerJoiners(): void {
    const mostEncoded = this.#answers.encoded + MAX_ENCODED_AT_ONCE;
    let answered = 0;
    for (const [peer, stateVector] of this.#joiners) {
      if (answered === MAX_ANSWERED_AT_ONCE || this.#answers.encoded >= mostEncoded) return;
      this.#joiners.delete(peer);
      if (!this.#audience.has(peer)) continue;
      answered += 1;
      if (this.#audience.missedSince(peer) !== undefined) this.#audience.asksAgain(peer, stateVector);
      else if (this.#reply(peer, stateVector)) this.#tellNumbers(peer);
      this.#firstAnswered(peer);
    }
  }

  #firstAnswered(peer: Peer): void {
    this.#firstAnswers.get(peer)?.();
    this.#firstAnswers.delete(peer);
  }

  #catchUp(): void {
    for (const peer of this.#audience.takeDrained()) {
      const missedSince = this.#audience.missedSince(peer);
      if (missedSince !== undefined && !this.#reply(peer, missedSince)) continue;
      peer.caughtUp();
      // Its access may have changed meanwhile.
      this.#welcome(peer);
      this.#tellNumbers(peer);
      peer.send(this.presence.afresh());
      if (this.#asked.has(peer)) this.#sendQuestion(peer);
    }
  }

  /** Sends all that a holder of the state vector lacks; false when that is more than the peer takes just now. */
  #reply(peer: Peer, stateVector: Uint8Array): boolean {
    const { doc, position } = this.#loaded();
    const frame = this.#answers.frameFor(doc, position, stateVector);
    return this.#audience.answer(peer, frame, this.#stateVector);
  }

  /** Tells one who asked for Parley's own frames where it is and what it may do. */
  #welcome(peer: Peer): void {
    if (!peer.acks) return;
    const { generation } = this.#loaded();
    const { access } = peer;
    peer.send(encodeNotice({ type: 'welcome', generation, protocol: PROTOCOL_VERSION, access }));
  }

  #tellNumbers(peer: Peer): void {
    if (peer.acks) peer.send(this.#numbers());
  }

  #numbers(): Uint8Array {
    return encodeNotice({ type: 'sequenced', ...this.#loaded().view.sequenced() });
  }

  #sendQuestion(peer: Peer): void {
    peer.send(encodeStateVector(this.#stateVector()));
  }

  /** Of the document as it is in memory. */
  readonly #stateVector = (): Uint8Array => Y.encodeStateVector(this.#loaded().doc);
}
