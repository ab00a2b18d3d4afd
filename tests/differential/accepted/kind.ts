import type { Document } from 'mongodb';
import type { Difference, Operation } from '../operation.js';
import { canonical } from '../outcome.js';
import type { WitnessName } from '../servers.js';

export const FERRETDB: WitnessName = 'ferretdb';
export const JAVA: WitnessName = 'mongo-java-server';

/** A difference from a witness that asked which is right by MongoDB's manual. */
export interface AcceptedDifference {
  readonly name: string;
  /** What the manual says, in our own words, or which fault of the witness this is. */
  readonly why: string;
  /** As narrow as it can be: what the command and the fewest documents that show it hold, and how the outcomes differ. */
  readonly covers: (difference: Difference) => boolean;
}

export const commandText = (operation: Operation): string => canonical(operation.command);

/** Whether some value of a document, at any depth, satisfies a test. */
export function holds(value: unknown, test: (value: unknown) => boolean): boolean {
  return childrenOf(value).some((child) => test(child) || holds(child, test));
}

export const isArrayInArray = (value: unknown): boolean => Array.isArray(value) && value.some(Array.isArray);

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null || '_bsontype' in value || value instanceof Date) return [];
  return Object.values(value);
}

/** Every dotted path that a command names, as a field or as a string. */
export function pathsOf(value: unknown): string[] {
  const here = typeof value === 'string' ? [value] : isPlain(value) ? Object.keys(value) : [];
  return [...here.filter((name) => /^\$?[a-z]+\./.test(name)), ...childrenOf(value).flatMap(pathsOf)];
}

/** Whether a path meets an array before its end. */
export function walks(document: Document, path: string): boolean {
  let value: unknown = document;
  for (const segment of path.replace(/^\$/, '').split('.')) {
    if (Array.isArray(value)) return true;
    if (!isPlain(value)) return false;
    value = value[segment];
  }
  return false;
}

/** Whether a path names an element that its array does not have. */
export function pointsBeyond(document: Document, path: string): boolean {
  let value: unknown = document;
  for (const segment of path.replace(/^\$/, '').split('.')) {
    if (Array.isArray(value)) {
      if (/^\d+$/.test(segment) && Number(segment) >= value.length) return true;
      value = value[Number(segment)];
    } else if (isPlain(value)) value = value[segment];
    else return false;
  }
  return false;
}

export const isPlain = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('_bsontype' in value);
