import { decodeTyped } from '../bson/raw.js';
import type { BsonObject } from '../bson/values.js';
import { afterText, elementEnd, HEAD_BYTES } from './elements.js';

/** Decodes only some fields of stored documents: most of what is stored is bytes and texts that no filter and no index looks at. */
export class SomeFields {
  /** Each with the zero that ends it. */
  private readonly names: readonly Buffer[];

  constructor(names: Iterable<string>) {
    this.names = Array.from(names, (name) => Buffer.from(`${name}\0`));
  }

  /** The fields as they stand in a document that is known to be well-formed, in its order. */
  decode(document: Buffer): BsonObject {
    const spans: { readonly from: number; to: number }[] = [];
    let bytes = HEAD_BYTES + 1;
    const end = document.length - 1;
    for (let at = HEAD_BYTES; at < end; ) {
      const next = elementEnd(document, at);
      if (this.isWanted(document, at + 1)) {
        bytes += next - at;
        const last = spans.at(-1);
        if (last?.to === at) last.to = next;
        else spans.push({ from: at, to: next });
      }
      at = next;
    }
    if (bytes === document.length) return decodeTyped(document);
    const some = Buffer.allocUnsafe(bytes);
    let at = some.writeInt32LE(bytes, 0);
    for (const { from, to } of spans) at += document.copy(some, at, from, to);
    some.writeUInt8(0, at);
    return decodeTyped(some);
  }

  private isWanted(document: Buffer, at: number): boolean {
    const { names } = this;
    const length = afterText(document, at) - at;
    return names.some((name) => name.length === length && isAt(document, at, name));
  }
}

function isAt(document: Buffer, at: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) if (document[at + i] !== name[i]) return false;
  return true;
}
