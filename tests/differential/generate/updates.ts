import { Double, Int32, Long } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { arrayOperation, positionalUpdate } from './array-updates.js';
import { choice } from './choices.js';
import { type Aim, isAnything, isInteger, isNumber, pathTo } from './targets.js';
import type { Operation, UpdateWish } from './update-wish.js';
import { documents, field, number, path, scalar, value } from './values.js';

/**
 * One way to change the documents: by operators, by position in an array, or by a new document. Mostly it is aimed at the
 * document it chooses.
 */
export function updateWish(random: Random, aim: Aim): UpdateWish {
  const [first, ...others] = aim.held;
  const one = first === undefined || random.below(4) === 0 ? undefined : random.pick([first, ...others]);
  const q = one ? { _id: one._id } : choice(random, aim);
  const aimed = one ? { ...aim, held: [one] } : aim;
  const kind = random.below(20);
  if (kind < 2) return { q, u: replacement(random, aimed) };
  if (kind < 5) return positionalUpdate(random, aimed, q);
  return { q, u: operators(random, aimed) };
}

function replacement(random: Random, aim: Aim): Document {
  const [document = {}] = documents(random, aim.taste, 1);
  const { _id, ...rest } = document;
  if (random.below(3) > 0) return rest;
  const [one] = aim.held;
  return { _id: one && random.below(4) > 0 ? one._id : new Int32(2), ...rest };
}

/** One or two operators; few of them conflict. */
function operators(random: Random, aim: Aim): Document {
  const [operator, target, operand] = operation(random, aim);
  const update = { [operator]: { [target]: operand } };
  const [another, place, change] = operation(random, aim);
  const conflicts = target[0] === place[0] || operator === '$rename' || another === '$rename';
  if (random.below(conflicts ? 8 : 2) > 0) return update;
  return { ...update, [another]: { ...update[another], [place]: change } };
}

function operation(random: Random, aim: Aim): Operation {
  if (random.below(40) === 0) return malformed(random, aim);
  switch (random.below(16)) {
    case 0:
    case 1:
      return ['$set', pathTo(random, aim, isAnything), value(random, aim.taste, 1)];
    case 2:
      return ['$set', random.below(2) === 0 ? field(random) : path(random), value(random, aim.taste)];
    case 3:
      return ['$unset', pathTo(random, aim, isAnything), ''];
    case 4:
    case 5:
      return [random.pick(['$inc', '$mul']), pathTo(random, aim, isNumber), number(random)];
    case 6:
      return [
        random.pick(['$min', '$max']),
        pathTo(random, aim, isAnything),
        random.pick([number, anyScalar(aim)])(random),
      ];
    case 7:
      return [
        '$rename',
        pathTo(random, aim, isAnything),
        random.below(2) === 0 ? field(random) : path(random),
      ];
    case 8:
      return [
        '$currentDate',
        path(random),
        random.pick<unknown>([true, { $type: 'date' }, { $type: 'timestamp' }]),
      ];
    case 9:
      return ['$setOnInsert', field(random), value(random, aim.taste, 1)];
    case 10:
      return ['$bit', pathTo(random, aim, isInteger), bits(random)];
    default:
      return arrayOperation(random, aim);
  }
}

const anyScalar =
  ({ taste }: Aim) =>
  (random: Random): unknown =>
    scalar(random, taste);

const bits = (random: Random): Document => ({
  [random.pick(['and', 'or', 'xor'])]: random.pick([new Int32(5), new Int32(-3), Long.fromNumber(6)]),
});

/** What a server must refuse, or may not stumble over. */
function malformed(random: Random, aim: Aim): Operation {
  const target = pathTo(random, aim, isAnything);
  return random.pick<Operation>([
    ['$set', '_id', new Int32(1 + random.below(3))],
    ['$unset', '_id', ''],
    ['$inc', '_id', new Int32(random.below(2))],
    ['$set', '', new Int32(1)],
    ['$set', `${target}.`, new Int32(1)],
    ['$set', `.${target}`, new Int32(1)],
    ['$inc', target, 'x'],
    ['$mul', target, null],
    ['$bit', target, { and: new Double(1.5) }],
    ['$bit', target, { nand: new Int32(1) }],
    ['$bit', target, {}],
    ['$currentDate', target, { $type: 'day' }],
    ['$currentDate', target, 'date'],
    ['$rename', target, target],
    ['$rename', target, new Int32(1)],
    ['$rename', target, `${target}.x`],
    ['$pop', target, new Int32(2)],
    ['$pop', target, 'x'],
    ['$pullAll', target, new Int32(1)],
    ['$addToSet', target, { $each: new Int32(1) }],
    ['$push', target, { $each: new Int32(1) }],
    ['$push', target, { $each: [], $slice: 'x' }],
    ['$push', target, { $each: [], $sort: new Int32(2) }],
    ['$push', target, { $each: [], $position: new Double(1.5) }],
    ['$push', target, { $each: [], $many: new Int32(1) }],
    ['$nothing', target, new Int32(1)],
  ]);
}
