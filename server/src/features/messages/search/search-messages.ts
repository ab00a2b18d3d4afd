// Owns finding messages by their words. Rare words are found by the index of words, and put in order in memory; where all of them are
// common, history is gone through from its end, and soon has a page of them. Neither looks at more than it must, however long history is.
import { AppError, type Message, type messagesSearchInputSchema } from '@parley/shared';
import type { z } from 'zod';
import { cutPage, decodeCursor } from '../../../platform/cursor.js';
import { findByKeys, startsWith } from '../../../platform/rows.js';
import { rangesOf, type TextRange, wordsSought } from '../../../platform/terms.js';
import { beyond, type TimePlace, timePlace } from '../../../platform/time-place.js';
import type { MessagesParts } from '../parts.js';
import { type TermsModel, type TermsRow, termsIndexes } from './terms.model.js';

type Input = z.output<typeof messagesSearchInputSchema>;

export interface Hit {
  readonly message: Message;
  readonly highlights: TextRange[];
}

const LIST = 'messages.search';

export const searchMessages = async (
  parts: MessagesParts,
  userId: string,
  input: Input,
): Promise<{ items: Hit[]; nextCursor: string | null }> => {
  const last = input.cursor === undefined ? null : decodeCursor(LIST, timePlace, input.cursor);
  const words = wordsSought(input.text);
  if (words.length === 0)
    throw new AppError('INVALID_INPUT', { details: { fields: { text: ['has no word in it'] } } });
  const places = await placesIn(parts, userId, input.conversationId);
  const ids = [...places.keys()];
  await parts.found(ids);
  const found = await find(parts.messageTerms, { ids, words, input, last });
  const { rows, nextCursor } = cutPage(LIST, found, input.limit, placeOf);
  const shown = rows.filter(({ conversation, seq }) => seq > (places.get(conversation) ?? 0));
  const byId = await parts.reader.byIds(shown.map(({ _id }) => _id));
  // What was deleted since is left out.
  const messages = shown
    .flatMap(({ _id }) => byId.get(_id) ?? [])
    .filter(({ deletedAt }) => deletedAt === null);
  const items: Hit[] = [];
  for (const message of messages) {
    items.push({ message, highlights: rangesOf(message.text, words) });
    // Long texts take milliseconds each: others have their turn in between.
    await new Promise(setImmediate);
  }
  return { items, nextCursor };
};

/** Where is looked, and from which number on. */
const placesIn = async (
  { conversations, live, placesOf }: MessagesParts,
  userId: string,
  conversationId: string | undefined,
): Promise<ReadonlyMap<string, number>> => {
  if (conversationId === undefined) {
    const all = await placesOf(userId);
    await live.allSettled([...all.keys()]);
    return all;
  }
  const { sinceSeq } = await conversations.getAccess(conversationId, userId);
  await live.settled(conversationId);
  return new Map([[conversationId, sinceSeq]]);
};

interface Sought {
  readonly ids: readonly string[];
  /** The longest first, which is most often the rarest. */
  readonly words: readonly string[];
  readonly input: Input;
  /** The last that was told before. */
  readonly last: TimePlace | null;
}

/** Messages that are few enough to be put in order in memory. */
const FEW = 1_000;

/** One more than a page, newest first. */
const find = async (index: TermsModel, sought: Sought): Promise<TermsRow[]> => {
  const rare = await rarest(index, sought);
  if (rare === null) return await goThrough(index, sought);
  return await ask(index, sought, {
    where: { terms: startsWith(rare) },
    hint: termsIndexes.terms,
    limit: sought.input.limit + 1,
  });
};

/** The first word that few messages have; null where all are common. */
const rarest = async (index: TermsModel, { ids, words }: Sought): Promise<string | null> => {
  for (const word of words) {
    const found = await findByKeys(ids, (some) =>
      index
        .find({ conversation: { $in: some }, terms: startsWith(word) })
        .hint({ ...termsIndexes.terms })
        .limit(FEW + 1)
        .select({ _id: 1 })
        .lean<Pick<TermsRow, '_id'>[]>(),
    );
    if (found.length <= FEW) return word;
  }
  return null;
};

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Each stretch of time that is gone through is so many times as long as the one after it. */
const GROWTH = 4;

/** Stretch by stretch, from the newest: what is common is soon found. A few reach back to the beginning. */
const goThrough = async (index: TermsModel, sought: Sought): Promise<TermsRow[]> => {
  const { input, last } = sought;
  const oldestMs = input.after?.getTime() ?? 0;
  const found: TermsRow[] = [];
  let endMs = Math.min(last?.[0] ?? Date.now(), input.before?.getTime() ?? Number.POSITIVE_INFINITY) + 1;
  for (let lengthMs = DAY_MS; found.length <= input.limit && endMs > oldestMs; lengthMs *= GROWTH) {
    const beginMs = endMs - lengthMs;
    const where = { receivedAt: { $gte: new Date(beginMs), $lt: new Date(endMs) } };
    const limit = input.limit + 1 - found.length;
    found.push(...(await ask(index, sought, { where, hint: termsIndexes.received, limit })));
    endMs = beginMs;
  }
  return found;
};

interface Question {
  /** What its index finds. */
  readonly where: object;
  readonly hint: object;
  readonly limit: number;
}

const ask = async (
  index: TermsModel,
  { ids, words, input, last }: Sought,
  { where, hint, limit }: Question,
): Promise<TermsRow[]> => {
  const found = await findByKeys(ids, (some) =>
    index
      .find({
        $and: [
          { conversation: { $in: some }, ...where },
          ...words.map((word) => ({ terms: startsWith(word) })),
          ...narrowed(input),
          ...(last === null ? [] : [beyond('receivedAt', last, 'newest first')]),
        ],
      })
      .hint({ ...hint })
      .sort({ receivedAt: -1, _id: -1 })
      .limit(limit)
      .lean<TermsRow[]>(),
  );
  return found.sort(newestFirst).slice(0, limit);
};

const narrowed = ({ authorId, after, before, hasFile }: Input): object[] => [
  ...(authorId === undefined ? [] : [{ author: authorId }]),
  ...(after === undefined ? [] : [{ receivedAt: { $gte: after } }]),
  ...(before === undefined ? [] : [{ receivedAt: { $lt: before } }]),
  ...(hasFile === undefined ? [] : [{ hasFile }]),
];

const placeOf = (row: TermsRow): TimePlace => [row.receivedAt.getTime(), row._id];

const newestFirst = (left: TermsRow, right: TermsRow): number =>
  right.receivedAt.getTime() - left.receivedAt.getTime() || (right._id < left._id ? -1 : 1);
