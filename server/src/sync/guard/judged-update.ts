// What is left of an update once everything the document already has is taken out. Types only.
import type * as Y from 'yjs';
import type { DecodedContent, StructId } from './decode-update.js';

/** Where a new item will stand. `gone`: what it hangs on has been collected, so Yjs collects it too. */
export type Place =
  | { readonly kind: 'gone' }
  | { readonly kind: 'root'; readonly name: string; readonly key: string | null }
  | { readonly kind: 'type'; readonly type: Y.AbstractType<unknown>; readonly key: string | null }
  | { readonly kind: 'new'; readonly holder: FreshItem; readonly key: string | null };

/** An item that the document does not have yet, or the part of one that it lacks. */
export interface FreshItem {
  readonly id: StructId;
  readonly length: number;
  /** How many of the content's elements the document has already. */
  readonly offset: number;
  readonly content: DecodedContent;
  readonly rightOrigin: StructId | null;
  readonly place: Place;
}

/** A stretch of an existing item that the update deletes and that was not deleted before. */
export interface FreshDelete {
  readonly item: Y.Item;
  readonly offset: number;
  readonly length: number;
}

/** What an update would really change, everything the document already has left out. */
export interface JudgedUpdate {
  /** The length of the update as it was sent. */
  readonly bytes: number;
  /** Each item after those it depends on. */
  readonly items: readonly FreshItem[];
  readonly deletes: readonly FreshDelete[];
  /** Client ids that nobody owned until now. */
  readonly newClients: readonly number[];
  /** Whether the update deletes the element that it brings itself under this id. */
  takesBack(client: number, clock: number): boolean;
}
