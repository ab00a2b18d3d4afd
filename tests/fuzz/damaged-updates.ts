// Real updates with something wrong in them that is still an update: other client ids, other clocks, other lengths, another order.
import * as Y from 'yjs';
import type { Random } from '../harness/random.js';
import { mutated } from './random-updates.js';

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
};

const replaced = (
  update: Uint8Array,
  from: readonly number[],
  to: readonly number[],
  every: boolean,
): Uint8Array => {
  const bytes: number[] = [];
  let done = false;
  for (let at = 0; at < update.length; ) {
    const isHere = (every || !done) && from.every((byte, index) => update[at + index] === byte);
    if (isHere) {
      bytes.push(...to);
      at += from.length;
      done = true;
    } else {
      bytes.push(update[at] ?? 0);
      at += 1;
    }
  }
  return Uint8Array.from(bytes);
};

const clientsOf = (update: Uint8Array): number[] => {
  const { structs, ds } = Y.decodeUpdate(update);
  return [...new Set([...structs.map(({ id }) => id.client), ...ds.clients.keys()])];
};

/** One of the ways, or none where the update gives nothing to work on. `known`: client ids there are. */
export const damaged = (
  random: Random,
  update: Uint8Array,
  { known, other }: { known: readonly number[]; other: Uint8Array },
): Uint8Array => {
  const clients = clientsOf(update);
  const [client, another] = [random.pick([...clients, 1]), random.pick([...clients, ...known, 1])];
  switch (random.below(6)) {
    case 0: // Speaks under another id.
      return replaced(update, varint(client), varint(another), random.chance(70));
    case 1: {
      // A clock moves: right behind a client id comes its clock.
      const clock = random.below(8);
      return replaced(
        update,
        [...varint(client), clock],
        [...varint(client), random.pick([clock + 1, clock + 5, 0])],
        false,
      );
    }
    case 2: {
      // Cut in the middle of what a client wrote.
      const vector = new Map(clients.map((each) => [each, random.below(6)]));
      return Y.diffUpdate(update, Y.encodeStateVector(vector));
    }
    case 3:
      return Y.mergeUpdates(random.chance(50) ? [other, update] : [update, other]);
    case 4: {
      // A length or a count.
      const bytes = Uint8Array.from(update);
      const at = random.below(bytes.length);
      bytes[at] = random.pick([0, 1, 2, 3, 4, 0x44, 0x84, 0x88, 0xc8, 0x28, 0x08]);
      return bytes;
    }
    default:
      return mutated(random, update, other);
  }
};
