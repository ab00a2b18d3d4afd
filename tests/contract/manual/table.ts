import { EJSON } from 'bson';
import { expect } from 'chai';
import type { Db, Document } from 'mongodb';
import { openTestMongo, type TestMongo } from '../store-harness.js';

/** What a row works on: a database and a collection of its own, holding the row's documents. */
export interface Bench {
  readonly db: Db;
  readonly name: string;
  /** Runs a command; numbers of the reply keep their BSON types. Throws for a refusal, and for a refused write. */
  command(body: Document): Promise<Document>;
  /** The same in the database `admin`. */
  admin(body: Document): Promise<Document>;
}

export type Operation = (on: Bench) => Promise<unknown>;

interface Case {
  /** One rule of MongoDB's manual in plain words. */
  readonly title: string;
  readonly given?: readonly Document[];
  readonly when: Operation;
  /** Only for the embedded store: MongoDB can do it, the store refuses it by design. */
  readonly embeddedOnly?: true;
}

/**
 * One documented rule. `gives` is compared with BSON types and field order; a plain whole number means an int32.
 * `refused` is the error code.
 */
export type Row = Case & ({ readonly gives: unknown } | { readonly refused: number });

/** One chapter of the manual: every row becomes a test. */
export function manual(chapter: string, rows: readonly Row[]): void {
  describe(`manual: ${chapter}`, () => {
    let mongo: TestMongo;
    before(async () => {
      mongo = await openTestMongo();
    });
    after(() => mongo.close());

    for (const row of rows) {
      it(row.title, async function () {
        if (row.embeddedOnly && !mongo.embedded) this.skip();
        const on = bench(mongo);
        if (row.given?.length) await on.command({ insert: on.name, documents: row.given });
        if ('refused' in row) expect(await codeOf(row.when(on))).to.equal(row.refused);
        else expect(shown(await row.when(on))).to.equal(shown(row.gives));
      });
    }
  });
}

function bench(mongo: TestMongo): Bench {
  const db = mongo.newDatabase();
  return { db, name: 'things', command: runIn(db), admin: runIn(mongo.client.db('admin')) };
}

function runIn(db: Db): (body: Document) => Promise<Document> {
  return async (body) => {
    const reply = await db.command(body, { promoteValues: false, bsonRegExp: true });
    const [refused] = reply.writeErrors ?? [];
    if (refused) throw Object.assign(new Error(refused.errmsg), refused);
    return reply;
  };
}

/** Canonical extended JSON names every type and keeps the order of fields, and reads well in a failed test. */
function shown(value: unknown): string {
  return EJSON.stringify({ value }, undefined, 1, { relaxed: false });
}

/** The code of a refusal; a result instead of one is shown in the failed test. */
async function codeOf(outcome: Promise<unknown>): Promise<unknown> {
  try {
    return `no refusal but ${shown(await outcome)}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? Number(error.code) : error;
  }
}
