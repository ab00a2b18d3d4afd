import { BSONSymbol } from 'bson';
import { TAG, tagOf } from '../../bson/values.js';
import { numberKind } from './number-kinds.js';

const NAMES = new Map<number, string>([
  [TAG.minKey, 'minKey'],
  [TAG.undefined, 'missing'],
  [TAG.null, 'null'],
  [TAG.string, 'string'],
  [TAG.object, 'object'],
  [TAG.array, 'array'],
  [TAG.binary, 'binData'],
  [TAG.objectId, 'objectId'],
  [TAG.boolean, 'bool'],
  [TAG.date, 'date'],
  [TAG.timestamp, 'timestamp'],
  [TAG.regex, 'regex'],
  [TAG.code, 'javascript'],
  [TAG.codeWithScope, 'javascriptWithScope'],
  [TAG.maxKey, 'maxKey'],
]);

/** MongoDB's name for the type of a value, as `$type` and messages give it. */
export function typeName(value: unknown): string {
  if (value instanceof BSONSymbol) return 'symbol';
  return numberKind(value) ?? NAMES.get(tagOf(value)) ?? 'object';
}
