import type { Document } from 'mongodb';
import { aggregate } from './operations.js';
import type { Row } from './table.js';

/** What an expression yields for one document; `undefined` stands for no value at all. */
export function evaluates(title: string, document: Document, expression: unknown, value: unknown): Row {
  return {
    title,
    given: [{ _id: 1, ...document }],
    when: aggregate([{ $replaceWith: { value: expression } }]),
    gives: [value === undefined ? {} : { value }],
  };
}

/** An expression that is refused with an error code. */
export function refuses(title: string, expression: unknown, refused: number): Row {
  return {
    title,
    given: [{ _id: 1, text: 'x' }],
    when: aggregate([{ $replaceWith: { value: expression } }]),
    refused,
  };
}

/** A moment on a leap day. */
export const at = new Date('2024-02-29T13:45:30.123Z');
