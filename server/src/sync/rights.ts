// Owns what each user may do in each document just now: asks the kinds, once for all who ask at the same moment, and asks
// again for those who are connected when something may have changed. Does not own sockets; `Holder` is all it sees of them.
import { AppError, type ErrorCode, isErrorCode } from '@parley/shared';
import type { CompleteKind } from './complete-kind.js';
import type { Access, Actor, EngineLog } from './ports.js';
import { pause } from './timing.js';

/** What somebody may do, and the kind of document that says so. */
export interface Granted {
  readonly access: Access;
  readonly kind: CompleteKind;
}

/** One who is in a document on the strength of an earlier answer. */
export interface Holder {
  readonly actor: Actor;
  /** From here on this is what it may do. */
  changeAccess(access: Access): void;
  /** Sends it away; nothing of it that still waits is taken. */
  expel(code: ErrorCode): void;
}

export interface RightsOptions {
  readonly kinds: readonly CompleteKind[];
  readonly log: EngineLog;
  /** The document whose rights hold in this one too, or null. */
  readonly rulerOf: (documentId: string) => string | null;
  readonly usersIn: (documentId: string) => readonly string[];
  /** The connections of one user to one document. */
  readonly holdersOf: (documentId: string, userId: string) => readonly Holder[];
}

interface Asking {
  readonly documentId: string;
  readonly ruler: string | null;
  readonly answer: Promise<Granted | ErrorCode>;
}

/** A user in a document whose rights are to be asked for again. `failures`: how often the store did not answer. */
interface Recheck {
  readonly documentId: string;
  readonly userId: string;
  readonly failures: number;
}

/** One change may concern everybody in a large room; admissions need the store as well. */
const RECHECKS_AT_ONCE = 16;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

export class Rights {
  readonly #options: RightsOptions;
  readonly #asking = new Map<string, Asking>();
  readonly #due = new Map<string, Recheck>();
  readonly #busy = new Set<string>();
  #closed = false;

  constructor(options: RightsOptions) {
    this.#options = options;
  }

  /** What the actor's user may do in the document. Throws the kind's error code; NOT_FOUND when no kind knows the document. */
  async ask(documentId: string, actor: Actor): Promise<Granted> {
    const answer = await this.#answer(documentId, actor);
    if (typeof answer === 'string') throw new AppError(answer);
    return answer;
  }

  /**
   * Rights in the document have changed, and the change is stored: the user's, or everybody's. Whoever asks from here on gets
   * an answer from after the change, and who is connected is asked about again. Calls made together are carried out together.
   */
  changed(documentId: string, userId?: string): void {
    if (this.#closed) return;
    for (const [place, asking] of this.#asking) {
      const isOld =
        (asking.documentId === documentId || asking.ruler === documentId) &&
        (userId === undefined || place === placeOf(asking.documentId, userId));
      if (isOld) this.#asking.delete(place);
    }
    const users = userId === undefined ? this.#options.usersIn(documentId) : [userId];
    for (const user of users) {
      this.#due.set(placeOf(documentId, user), { documentId, userId: user, failures: 0 });
    }
    this.#start();
  }

  /** Asks about nobody again. */
  close(): void {
    this.#closed = true;
    this.#due.clear();
  }

  #answer(documentId: string, actor: Actor): Promise<Granted | ErrorCode> {
    const place = placeOf(documentId, actor.userId);
    const known = this.#asking.get(place);
    if (known !== undefined) return known.answer;
    const answer = this.#askKinds(documentId, actor).finally(() => {
      if (this.#asking.get(place) === asking) this.#asking.delete(place);
    });
    const asking: Asking = { documentId, ruler: this.#options.rulerOf(documentId), answer };
    this.#asking.set(place, asking);
    return answer;
  }

  async #askKinds(documentId: string, actor: Actor): Promise<Granted | ErrorCode> {
    for (const kind of this.#options.kinds) {
      const access = await kind.authorize(documentId, actor);
      if (access === null) continue;
      return isErrorCode(access) ? access : { access, kind };
    }
    return 'NOT_FOUND';
  }

  #start(): void {
    for (const [place, recheck] of this.#due) {
      if (this.#busy.size >= RECHECKS_AT_ONCE) return;
      if (this.#busy.has(place)) continue;
      this.#due.delete(place);
      this.#busy.add(place);
      void this.#recheck(place, recheck).finally(() => {
        this.#busy.delete(place);
        this.#start();
      });
    }
  }

  async #recheck(place: string, recheck: Recheck): Promise<void> {
    const { documentId, userId } = recheck;
    const [somebody] = this.#options.holdersOf(documentId, userId);
    if (somebody === undefined) return;
    try {
      const answer = await this.#answer(documentId, somebody.actor);
      // Changed once more meanwhile: the next answer decides.
      if (this.#closed || this.#due.has(place)) return;
      for (const holder of this.#options.holdersOf(documentId, userId)) {
        if (typeof answer === 'string') holder.expel(answer);
        else holder.changeAccess(answer.access);
      }
    } catch (error) {
      // A store that does not answer says nothing about anybody: throwing people out would make an outage of its every hiccup.
      // Nothing is lost by asking on, either: while it is down nobody's update is stored, so nobody sees anything new.
      this.#options.log.warn({ err: error, document: documentId }, 'rights could not be asked for again');
      void this.#askLater(place, { ...recheck, failures: recheck.failures + 1 });
    }
  }

  async #askLater(place: string, recheck: Recheck): Promise<void> {
    await pause(Math.min(FIRST_RETRY_MS * 2 ** (recheck.failures - 1), LAST_RETRY_MS));
    if (this.#closed || this.#due.has(place)) return;
    this.#due.set(place, recheck);
    this.#start();
  }
}

/** A user's id holds no space. */
const placeOf = (documentId: string, userId: string): string => `${userId} ${documentId}`;
