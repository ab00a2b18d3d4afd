/**
 * Owns: the shape of a Yjs update as plain data.
 * Does not own: how the bytes are read (`decode-update.ts`), nor any judgement on what they say.
 */

/** Names one struct, or the first of a run. */
export interface StructId {
  readonly client: number;
  readonly clock: number;
}

/**
 * What an item holds. `bytes` and binary values are views of the update's memory: copy what has to outlive it. A `deleted`,
 * `string`, `json` or `any` content is as long as its characters (UTF-16 units) or values; the others count 1.
 */
export type DecodedContent =
  | { readonly kind: 'deleted'; readonly length: number }
  | { readonly kind: 'json'; readonly values: readonly unknown[] }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'embed'; readonly value: unknown }
  | { readonly kind: 'format'; readonly key: string; readonly value: unknown }
  | {
      readonly kind: 'type';
      /** 0 Array, 1 Map, 2 Text, 3 XmlElement, 4 XmlFragment, 5 XmlHook, 6 XmlText. */
      readonly typeRef: number;
      /** The node's or hook's name for 3 and 5, null for all others. */
      readonly name: string | null;
    }
  | { readonly kind: 'any'; readonly values: readonly unknown[] }
  | { readonly kind: 'doc'; readonly guid: string; readonly options: Readonly<Record<string, unknown>> };

/** Where an item with no neighbours hangs: under a root type's name, or under the item that holds its type. */
export type DecodedParent = { readonly root: string } | { readonly item: StructId };

/** An item of a shared type. */
export interface DecodedItem {
  readonly kind: 'item';
  readonly id: StructId;
  /** At least 1; the item takes the clocks `id.clock` to `id.clock + length - 1`. */
  readonly length: number;
  readonly origin: StructId | null;
  readonly rightOrigin: StructId | null;
  /** Null as soon as there is an origin on either side: Yjs then takes parent *and* key from that neighbour. */
  readonly parent: DecodedParent | null;
  /** Null together with `parent`, also for a map's entry: null does not prove that the item belongs to a list. */
  readonly parentSub: string | null;
  readonly content: DecodedContent;
}

/** One struct: an item, or a run of clocks that says nothing any more (`gc`) or is left out (`skip`). */
export type DecodedStruct =
  | { readonly kind: 'gc' | 'skip'; readonly id: StructId; readonly length: number }
  | DecodedItem;

/** The structs of one client id: never empty, without gaps from `clock` on. */
export interface DecodedBlock {
  readonly client: number;
  readonly clock: number;
  readonly structs: readonly DecodedStruct[];
}

/** A run of clocks to delete. Runs may overlap, come unsorted, and name what does not exist. */
export interface DecodedDelete {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
}

/** An update as data. Blocks come in falling order of client id, each id once. */
export interface DecodedUpdate {
  /** How long it is. */
  readonly bytes: number;
  readonly blocks: readonly DecodedBlock[];
  readonly deletes: readonly DecodedDelete[];
}
