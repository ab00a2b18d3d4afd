import type { Me, SignedIn, Tokens } from '@parley/shared';
import { Emitter } from '../emitter.js';
import { withStorageLock } from '../storage/lock.js';
import type { Timing } from '../timing.js';
import { isSignInError, ParleyError, toParleyError } from './errors.js';
import { type SessionStore, type StoredSession, sessionOf } from './stored-session.js';

/** Told on every sign-in, sign-out and end of a session; `reason` says why there is nobody any more. */
export interface SessionEvent {
  readonly user: Me | null;
  readonly reason: ParleyError | null;
}

export interface SessionParts {
  readonly store: SessionStore;
  readonly timing: Timing;
  /** Trades a refresh token for the next pair. */
  readonly refresh: (refreshToken: string) => Promise<Tokens>;
}

/** Who is signed in here, with tokens that are always fresh. One refresh at a time, however many ask. */
export class Session {
  readonly #parts: SessionParts;
  readonly #events = new Emitter<{ change: SessionEvent }>();
  #current: StoredSession | null = null;
  #renewing: Promise<string> | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get user(): Me | null {
    return this.#current?.signedIn.user ?? null;
  }

  onChange(listener: (event: SessionEvent) => void): () => void {
    return this.#events.on('change', listener);
  }

  /** Takes over a session that the server has just opened. */
  async open(signedIn: SignedIn): Promise<Me> {
    const session = sessionOf(signedIn, this.#parts.timing);
    await this.#parts.store.write(session);
    this.#become(session, null);
    return signedIn.user;
  }

  /** Takes up what the storage holds; asks no server. */
  async restore(): Promise<Me | null> {
    const stored = await this.#parts.store.read();
    if (stored !== null && stored !== undefined) this.#become(stored, null);
    return this.user;
  }

  /** Forgets the session here. Returns its last access token. */
  async end(reason: ParleyError | null): Promise<string | null> {
    const token = this.#current?.signedIn.tokens.accessToken ?? null;
    this.#become(null, reason);
    await this.#parts.store.write(null);
    return token;
  }

  /** A token that is good for some time yet, or null when nobody is signed in. Rejects when it had to be renewed and could not. */
  async accessToken(): Promise<string | null> {
    const current = this.#current;
    if (current === null) return null;
    const { accessToken, accessExpiresAt } = current.signedIn.tokens;
    const now = this.#parts.timing.now();
    if (current.refreshAt === null || now < current.refreshAt) return accessToken;
    try {
      return await this.renew(accessToken);
    } catch (error) {
      // Renewed early, to be on the safe side: what is not over yet still serves.
      if (toParleyError(error).retry === 'later' && now < accessExpiresAt.getTime()) return accessToken;
      throw error;
    }
  }

  /** A token other than the stale one. Rejects with NETWORK and the like, or with why the session is over. */
  async renew(stale: string): Promise<string> {
    const current = this.#current;
    if (current === null) throw new ParleyError('NOT_SIGNED_IN');
    if (current.signedIn.tokens.accessToken !== stale) return current.signedIn.tokens.accessToken;
    this.#renewing ??= withStorageLock(this.#parts.store.storage, this.#parts.store.key, () =>
      this.#renew(current),
    ).finally(() => {
      this.#renewing = null;
    });
    return await this.#renewing;
  }

  async #renew(mine: StoredSession): Promise<string> {
    const stored = await this.#parts.store.read();
    if (this.#current !== mine) return this.#tokenOrThrow();
    if (stored === null) {
      // Another client on this storage has signed out.
      const reason = new ParleyError('SESSION_ENDED');
      await this.end(reason);
      throw reason;
    }
    const latest = stored ?? mine;
    if (latest.signedIn.tokens.refreshToken !== mine.signedIn.tokens.refreshToken) {
      // Another client on this storage was faster. Our refresh token has been used: it must not be used again.
      this.#become(latest, null);
      const { refreshAt } = latest;
      if (refreshAt === null || this.#parts.timing.now() < refreshAt)
        return latest.signedIn.tokens.accessToken;
    }
    return await this.#trade(latest);
  }

  async #trade(session: StoredSession): Promise<string> {
    let tokens: Tokens;
    try {
      tokens = await this.#parts.refresh(session.signedIn.tokens.refreshToken);
    } catch (error) {
      const reason = toParleyError(error);
      if (isSignInError(reason) && this.user?.id === session.signedIn.user.id) await this.end(reason);
      throw reason;
    }
    if (this.#current?.signedIn.session.id !== session.signedIn.session.id) return this.#tokenOrThrow();
    const next = sessionOf({ ...this.#current.signedIn, tokens }, this.#parts.timing);
    this.#become(next, null);
    await this.#parts.store.write(next);
    return tokens.accessToken;
  }

  /** The session changed while something was under way. */
  #tokenOrThrow(): string {
    if (this.#current === null) throw new ParleyError('NOT_SIGNED_IN');
    return this.#current.signedIn.tokens.accessToken;
  }

  #become(next: StoredSession | null, reason: ParleyError | null): void {
    const before = this.#current;
    this.#current = next;
    if (before?.signedIn.session.id === next?.signedIn.session.id) return;
    this.#events.emit('change', { user: this.user, reason });
  }
}
