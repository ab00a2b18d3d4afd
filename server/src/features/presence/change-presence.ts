// Owns how a row of presence changes. What others see follows from the nodes and the status, and is worked out in the store, in the
// same write: two nodes, or a node and the person, may change a row at the same moment.
import type { OwnStatus } from '@parley/shared';

const isSeen = { $and: [{ $gt: [{ $size: '$nodes' }, 0] }, { $ne: ['$status', 'invisible'] }] };
const wasSeen = { $ne: [{ $ifNull: ['$onlineSince', null] }, null] };

/** `goneMs`: for how long somebody who is not seen any more has been gone already. */
const settle = (goneMs: number): object => ({
  $set: {
    onlineSince: { $cond: [isSeen, { $ifNull: ['$onlineSince', '$$NOW'] }, null] },
    lastSeenAt: {
      $cond: [
        { $and: [wasSeen, { $not: [isSeen] }] },
        { $subtract: ['$$NOW', goneMs] },
        { $ifNull: ['$lastSeenAt', null] },
      ],
    },
    changedAt: '$$NOW',
  },
});

interface Change {
  readonly filter: { readonly _id?: string; readonly nodes?: string };
  readonly update: object[];
  readonly upsert: boolean;
}

/** Somebody is connected to a node. */
export const came = (userId: string, node: string): Change => ({
  filter: { _id: userId },
  update: [
    {
      $set: {
        nodes: { $setUnion: [{ $ifNull: ['$nodes', []] }, [node]] },
        status: { $ifNull: ['$status', 'available'] },
      },
    },
    settle(0),
  ],
  upsert: true,
});

/** Somebody is not connected to a node any more. */
export const left = (userId: string, node: string, goneMs: number): Change => ({
  filter: { _id: userId, nodes: node },
  update: [{ $set: { nodes: { $setDifference: ['$nodes', [node]] } } }, settle(goneMs)],
  upsert: false,
});

/** Nobody is connected to a node any more. */
export const allLeft = (node: string): Change => ({
  filter: { nodes: node },
  update: [{ $set: { nodes: { $setDifference: ['$nodes', [node]] } } }, settle(0)],
  upsert: false,
});

/** Somebody wants to be seen otherwise. */
export const showAs = (userId: string, status: OwnStatus): Change => ({
  filter: { _id: userId },
  update: [{ $set: { nodes: { $ifNull: ['$nodes', []] }, status } }, settle(0)],
  upsert: true,
});
