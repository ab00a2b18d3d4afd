// A pad's document without a server: the guard, the kind and Yjs, batch by batch.
import { createPadKind } from '@parley/server/internal/features/pads/document/pad-kind';
import { PadView } from '@parley/server/internal/features/pads/document/pad-view';
import { GuardBench } from './guard-bench.js';

const unused = (): never => {
  throw new Error('the bench has no store');
};

export const createPadBench = (): GuardBench =>
  new GuardBench(
    {},
    { kind: createPadKind({ pads: unused as never, access: unused }), open: (doc) => new PadView(doc) },
  );
