import type { Document } from 'mongodb';
import type { Random } from '../harness/random.js';
import { chapter } from './chapter.js';
import { choice, upsertChoice } from './generate/choices.js';
import { insertable } from './generate/inserts.js';
import { type Aim, heldDocuments } from './generate/targets.js';
import { updateWish } from './generate/updates.js';
import { tasteOf } from './generate/values.js';
import { type Operation, SUBJECT } from './operation.js';
import type { Server } from './servers.js';
import { observeWrite, writeBulk, writeOneByOne } from './written.js';

/** How many writes start from the same documents. */
const WRITES = 6;

type Command = (random: Random, aim: Aim) => Document;

function writes(
  random: Random,
  command: Command,
  write: (server: Server, command: Document) => Promise<Document>,
): Operation[] {
  const taste = tasteOf(random);
  const held = heldDocuments(random, taste);
  return Array.from({ length: WRITES }, () => ({
    documents: held,
    command: command(random, { held, taste }),
    ...observeWrite(write),
  }));
}

/** Which of several documents comes first is not the same everywhere, so only an `_id` chooses one. */
const choosesOne = (q: Document): boolean => Object.hasOwn(q, '_id');

const isReplacement = (u: Document): boolean => !Object.keys(u)[0]?.startsWith('$');

const updateStatement: Command = (random, aim) => {
  const upsert = random.below(4) === 0;
  const wish = updateWish(random, aim);
  const q = upsert && random.below(2) === 0 ? upsertChoice(random, aim) : wish.q;
  const multi = !choosesOne(q) || (random.below(4) === 0 && !isReplacement(wish.u)) || random.below(20) === 0;
  return { ...wish, q, ...(multi ? { multi } : {}), ...(upsert ? { upsert } : {}) };
};

const deleteStatement: Command = (random, aim) => {
  const q = choice(random, aim);
  return { q, limit: random.below(20) === 0 ? 2 : choosesOne(q) ? random.below(2) : 0 };
};

const update: Command = (random, aim) => ({ update: SUBJECT, updates: [updateStatement(random, aim)] });

const deletion: Command = (random, aim) => ({ delete: SUBJECT, deletes: [deleteStatement(random, aim)] });

const insert: Command = (random, aim) => ({ insert: SUBJECT, documents: [insertable(random, aim)] });

/** A bulk of one kind, ordered or not. */
const bulk: Command = (random, aim) => {
  const several = (statement: Command): Document[] =>
    Array.from({ length: 2 + random.below(4) }, () => statement(random, aim));
  const ordered = random.below(2) === 0;
  return random.pick<() => Document>([
    () => ({ update: SUBJECT, updates: several(updateStatement), ordered }),
    () => ({ delete: SUBJECT, deletes: several(deleteStatement), ordered }),
    () => ({ insert: SUBJECT, documents: several(insertable), ordered }),
  ])();
};

chapter('updates', (random) => writes(random, update, writeBulk), { share: 0.5 });
chapter('deletes', (random) => writes(random, deletion, writeBulk), { share: 0.1 });
chapter('inserts', (random) => writes(random, insert, writeBulk), { share: 0.1 });
chapter(
  'bulks and their statements one by one',
  (random) =>
    writes(random, bulk, (server, command) =>
      (server.name === 'store' ? writeBulk : writeOneByOne)(server, command),
    ),
  { besideItself: true, share: 0.15 },
);
