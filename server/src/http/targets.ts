// Owns what a path asks a socket for. Does not own who may have it.
import { opaqueIdSchema, SYNC_PATH } from '@parley/shared';

/** What a JSON socket is about: all direct conversations of whoever opens it, or one conversation. */
export type JsonSubject =
  | { readonly kind: 'direct' }
  /** By its id or a room's name; null for what can be neither. */
  | { readonly kind: 'conversation'; readonly name: string | null };

export type Target =
  | { readonly door: 'subscriptions' }
  | { readonly door: 'sync'; readonly documentId: string }
  | { readonly door: 'json'; readonly subject: JsonSubject };

const paths: readonly (readonly [RegExp, (named: string) => Target | null])[] = [
  [/^\/trpc\/?$/, () => ({ door: 'subscriptions' })],
  [new RegExp(`^${SYNC_PATH}(.+)$`), (named) => syncTarget(decoded(named))],
  [/^\/api\/chat\/send\/?$/, () => ({ door: 'json', subject: { kind: 'direct' } })],
  [
    /^\/ws\/chat\/([^/]+)\/?$/,
    (named) => ({ door: 'json', subject: { kind: 'conversation', name: decoded(named) } }),
  ],
];

/** Null for a path of nothing. */
export const readTarget = (path: string): Target | null => {
  for (const [pattern, target] of paths) {
    const match = pattern.exec(path);
    if (match !== null) return target(match[1] ?? '');
  }
  return null;
};

/** An impossible id is no path of ours. */
const syncTarget = (documentId: string | null): Target | null => {
  const id = opaqueIdSchema.safeParse(documentId);
  return id.success && !id.data.includes('/') ? { door: 'sync', documentId: id.data } : null;
};

/** Null for a broken escape. */
const decoded = (named: string): string | null => {
  try {
    return decodeURIComponent(named);
  } catch {
    return null;
  }
};
