import { BSONRegExp, Double, Int32 } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { elementCondition } from './filters.js';
import { type Aim, isArray, isEmbedded, isNumber, pathTo, placesIn } from './targets.js';
import type { Operation, UpdateWish } from './update-wish.js';
import { number, path, value } from './values.js';

/** An operator that changes an array, mostly one that is there. */
export function arrayOperation(random: Random, aim: Aim): Operation {
  const target = pathTo(random, aim, isArray);
  switch (random.below(8)) {
    case 0:
      return ['$push', target, value(random, aim.taste, 1)];
    case 1:
    case 2:
      return ['$push', target, pushed(random, aim)];
    case 3:
      return [
        '$addToSet',
        target,
        random.below(3) === 0 ? value(random, aim.taste, 1) : element(random, aim),
      ];
    case 4:
      return ['$addToSet', target, { $each: elements(random, aim) }];
    case 5:
      return ['$pop', target, random.pick([new Int32(1), new Int32(-1), new Double(1)])];
    case 6:
      return ['$pullAll', target, elements(random, aim)];
    default:
      return ['$pull', target, pullCondition(random, aim)];
  }
}

/** Something that stands in an array somewhere, or any value. */
function element(random: Random, aim: Aim): unknown {
  const [first, ...others] = aim.held.flatMap((document) => placesIn(document, isArray)).flatMap(entriesOf);
  return first === undefined || random.below(5) === 0
    ? value(random, aim.taste, 1)
    : random.pick([first, ...others]).value;
}

const entriesOf = ({ value: array }: { readonly value: unknown }): { value: unknown }[] =>
  isArray(array) ? array.map((entry) => ({ value: entry })) : [];

const elements = (random: Random, aim: Aim): unknown[] =>
  Array.from({ length: random.below(3) }, () => element(random, aim));

function pushed(random: Random, aim: Aim): Document {
  const modifiers: Document = { $each: elements(random, aim) };
  if (random.below(2) === 0) modifiers.$position = new Int32(random.below(6) - 3);
  if (random.below(2) === 0) modifiers.$slice = new Int32(random.below(7) - 3);
  if (random.below(2) === 0)
    modifiers.$sort = random.pick([new Int32(1), new Int32(-1), { x: new Int32(1) }]);
  return modifiers;
}

function pullCondition(random: Random, aim: Aim): unknown {
  switch (random.below(5)) {
    case 0:
      return elementCondition(random, aim.taste, 1);
    case 1:
      return { [random.pick(['$gt', '$lte', '$ne'])]: number(random) };
    case 2:
      return random.pick<unknown>([{ $in: elements(random, aim) }, new BSONRegExp('^a', '')]);
    default:
      return element(random, aim);
  }
}

/** An update of the elements of an array through `$`, `$[]` or `$[name]`, at times deeper in. */
export function positionalUpdate(random: Random, aim: Aim, q: Document): UpdateWish {
  const target = pathTo(random, aim, (found) => isArray(found) && found.length > 0);
  const below = random.below(3) === 0 ? `.${random.pick(['x', 'y', '0'])}` : '';
  const [operator, operand] = elementOperation(random, aim);
  switch (random.below(4)) {
    case 0:
      return { q, u: { [operator]: { [`${target}.$[]${below}`]: operand } } };
    case 1: {
      const matching = element(random, aim);
      const condition =
        random.below(2) === 0 ? matching : { $elemMatch: elementCondition(random, aim.taste, 1) };
      return { q: { [target]: condition }, u: { [operator]: { [`${target}.$${below}`]: operand } } };
    }
    default: {
      const second = random.below(4) === 0 ? { $set: { [path(random)]: value(random, aim.taste, 1) } } : {};
      return {
        q,
        u: { ...second, [operator]: { [`${target}.$[e]${below}`]: operand } },
        arrayFilters: [arrayFilter(random, aim)],
      };
    }
  }
}

function elementOperation(random: Random, aim: Aim): readonly [string, unknown] {
  const numeric = aim.held.some((document) =>
    placesIn(document, isArray).some(({ value: array }) => isArray(array) && array.some(isNumber)),
  );
  if (numeric && random.below(3) === 0) return [random.pick(['$inc', '$mul', '$max']), number(random)];
  return random.below(6) === 0 ? ['$unset', ''] : ['$set', value(random, aim.taste, 1)];
}

function arrayFilter(random: Random, aim: Aim): Document {
  switch (random.below(20)) {
    case 0:
      return { [random.pick(['E', 'f'])]: new Int32(1) };
    case 1:
    case 2:
    case 3: {
      const found = element(random, aim);
      const [name] = isEmbedded(found) ? Object.keys(found) : [];
      return name === undefined ? { e: found } : { [`e.${name}`]: isEmbedded(found) ? found[name] : null };
    }
    case 4:
    case 5:
      return { e: { $gte: number(random) } };
    case 6:
      return { $or: [{ e: element(random, aim) }, { 'e.x': { $exists: true } }] };
    default:
      return { e: element(random, aim) };
  }
}
