import { Int32 } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { SUBJECT } from '../operation.js';
import { upsertChoice } from './choices.js';
import type { Aim } from './targets.js';
import { updateWish } from './updates.js';
import { field, path } from './values.js';

/** A findAndModify of any kind; at times one whose options contradict each other. */
export function findAndModify(random: Random, aim: Aim): Document {
  const { q, u, arrayFilters } = updateWish(random, aim);
  const upsert = random.below(4) === 0;
  const command = {
    findAndModify: SUBJECT,
    query: upsert && random.below(2) === 0 ? upsertChoice(random, aim) : q,
    sort: sort(random),
    ...(random.below(6) === 0 ? { fields: fields(random) } : {}),
  };
  const returnsNew = random.below(2) === 0 ? { new: true } : {};
  const change = { update: u, ...(arrayFilters ? { arrayFilters } : {}), ...(upsert ? { upsert } : {}) };
  switch (random.below(20)) {
    case 0:
      return { ...command, ...change, ...returnsNew, remove: true };
    case 1:
      return command;
    case 2:
    case 3:
    case 4:
      return { ...command, remove: true };
    default:
      return { ...command, ...change, ...returnsNew };
  }
}

/** The order is complete, so that every server means the same document. */
function sort(random: Random): Document {
  const byField = random.below(2) === 0 ? { [field(random)]: direction(random) } : {};
  return { ...byField, _id: direction(random) };
}

function fields(random: Random): Document {
  const wanted = new Int32(random.below(2));
  const chosen: Document = { [path(random)]: wanted };
  const other = field(random);
  if (!Object.keys(chosen).some((name) => name.startsWith(other))) chosen[other] = wanted;
  return random.below(3) === 0 ? { ...chosen, _id: new Int32(0) } : chosen;
}

const direction = (random: Random): Int32 => new Int32(random.pick([1, -1]));
