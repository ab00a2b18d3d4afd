import { Double, Int32, Long, ObjectId } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import type { Aim } from './targets.js';
import { documents, value } from './values.js';

/** A document to insert; its `_id` is new, taken, missing, elsewhere than in front, or of a type that is refused. */
export function insertable(random: Random, aim: Aim): Document {
  const [{ _id, ...rest } = {}] = documents(random, aim.taste, 1);
  if (random.below(8) === 0) return { ...rest, ...oddField(random, aim) };
  switch (random.below(8)) {
    case 0:
      return rest;
    case 1:
      return { ...rest, _id: newId(random) };
    case 2:
      return { _id: value(random, aim.taste, 2), ...rest };
    case 3:
      return { _id: takenId(random, aim), ...rest };
    default:
      return { _id: newId(random), ...rest };
  }
}

const newId = (random: Random): unknown =>
  random.pick<unknown>([
    new Int32(10 + random.below(4)),
    'ten',
    null,
    new ObjectId('65a000000000000000000001'),
  ]);

/** An `_id` that is there, as a number of any type. */
function takenId(random: Random, aim: Aim): unknown {
  const id = 1 + random.below(aim.held.length);
  return random.pick<unknown>([new Int32(id), new Double(id), Long.fromNumber(id)]);
}

const oddField = (random: Random, aim: Aim): Document => ({
  [random.pick(['', 'a.b', '.', '$a', 'a$b', '__proto__', '12'])]: value(random, aim.taste, 1),
});
