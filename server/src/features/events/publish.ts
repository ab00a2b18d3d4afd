// Owns what features say when something has happened: the event, and who hears of it.
import type { ParleyEvent } from '@parley/shared';

/** Those who hear of something: one person on all their devices, whoever is in a place, or everybody. */
export type Audience = string;

export const userAudience = (userId: string): Audience => `user:${userId}`;
/** Whose audience it is; null for that of a place. */
export const userOf = (audience: Audience): string | null =>
  audience.startsWith('user:') ? audience.slice('user:'.length) : null;
export const projectAudience = (projectId: string): Audience => `project:${projectId}`;
export const conversationAudience = (conversationId: string): Audience => `conversation:${conversationId}`;
export const EVERYBODY: Audience = 'everybody';

/** Something that has happened and is stored. */
export interface NewEvent {
  readonly event: ParleyEvent;
  /** Whoever is in several hears of it once. */
  readonly audiences: readonly Audience[];
  /** The user is in the audience from this event on, which they hear. */
  readonly joins?: { readonly userId: string; readonly audience: Audience };
  /** The user is not in the audience any more; this event they still hear. Of a place that is gone: everybody, with `userId` null. */
  readonly leaves?: { readonly userId: string | null; readonly audience: Audience };
  /** Of events with the same key only the first is told, for a day: what may be done twice is told once. */
  readonly key?: string;
}

/**
 * Tells of what has happened, in this order. To be called once it is stored, and waited for before the caller is answered: whatever
 * happens after the answer is then told after this. Rejects when the store fails; everybody is told of a gap then, or of the events
 * late: these, where `onSure` was called before.
 */
export type Publish = (events: readonly NewEvent[], onSure?: () => void) => Promise<void>;
