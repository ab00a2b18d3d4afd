// Owns that there is always an admin who can sign in: every change after which somebody is none goes through here.
import { AppError, newId } from '@parley/shared';
import type { UpdateQuery } from 'mongoose';
import type { UserModel, UserRow } from './user.model.js';

/** Times somebody else may change the same account between our mark and our change. */
const MAX_TRIES = 50;

const canAct = { deletedAt: null, role: 'admin', suspendedAt: null } as const;

export interface Loss {
  readonly userId: string;
  readonly change: UpdateQuery<UserRow>;
  /** Awaited once, when nothing refuses the change any more and before it is made. */
  readonly sure?: () => Promise<void>;
}

/**
 * Makes a change after which somebody is no admin who can sign in; whether they were here. CONFLICT where nobody else is one.
 *
 * First they are marked, then an admin without a mark is looked for, then the change is made if the mark still stands. So two who
 * take it from each other cannot both succeed: whoever looks last finds the other marked. Both may be refused, and a crash on
 * the way leaves an admin with a mark, whom nobody counts on until the next start; never none.
 */
export const loseAdmin = async (
  users: UserModel,
  { userId, change, sure = async () => undefined }: Loss,
): Promise<boolean> => {
  let isSure = false;
  const beSure = async (): Promise<void> => {
    if (!isSure) await sure();
    isSure = true;
  };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const steppingDown = newId();
    const marked = await users.updateOne({ ...canAct, _id: userId }, { $set: { steppingDown } });
    const isCounted = marked.matchedCount > 0;
    if (isCounted && (await users.exists({ ...canAct, steppingDown: null })) === null) {
      await users.updateOne({ _id: userId, steppingDown }, { $unset: { steppingDown: 1 } });
      throw new AppError('CONFLICT', { details: { fields: { userId: ['no other admin would be left'] } } });
    }
    if (!isCounted && (await users.exists({ _id: userId, deletedAt: null })) === null) return false;
    await beSure();
    const asSeen = isCounted ? { steppingDown } : { $nor: [canAct] };
    const { matchedCount } = await users.updateOne(
      { ...asSeen, _id: userId, deletedAt: null },
      { ...change, $unset: { ...change.$unset, steppingDown: 1 } },
    );
    if (matchedCount > 0) return true;
  }
  throw new AppError('CONFLICT');
};

/** Takes back the marks that a crash has left; whoever is at it on another server begins anew. */
export const clearMarks = async (users: UserModel): Promise<void> => {
  await users.updateMany(
    { deletedAt: null, role: 'admin', steppingDown: { $exists: true } },
    { $unset: { steppingDown: 1 } },
  );
};
