// Owns the sockets of all direct conversations of one person: they hear what is said there through whichever door, and speak to
// whoever is online.
import { AppError, newId, type ParleyEvent } from '@parley/shared';
import { directFrameSchema, doneFrame, readAs } from './frames.js';
import { Heard } from './heard.js';
import type { Speaker, Talk, TalkParts } from './talk.js';
import type { Told } from './told-messages.js';

/** Clocks of nodes may differ so much. */
const CLOCKS_APART_MS = 10_000;
const PAGE = 100;
/** What one socket keeps in mind of whom it spoke to, and of what it sent and has not heard of. */
const MAX_REMEMBERED = 1_000;

export class DirectTalk implements Talk {
  readonly #parts: TalkParts;
  readonly #speaker: Speaker;
  /** By conversation; null for those that are not direct. */
  readonly #heard = new Map<string, Heard | null>();
  /** Conversations by whom they are with. */
  readonly #with = new Map<string, string>();
  /** Messages of this socket, which is not told of them again. */
  readonly #sentHere = new Set<string>();
  /** Messages that came before it are from before the socket opened, whichever node's clock says when. */
  #longBefore = new Date(0);
  #openedAtPlace = '0';

  constructor(parts: TalkParts, speaker: Speaker) {
    this.#parts = parts;
    this.#speaker = speaker;
  }

  async begin(place: string): Promise<void> {
    this.#longBefore = new Date(Date.now() - CLOCKS_APART_MS);
    this.#openedAtPlace = place;
  }

  async *hear(event: ParleyEvent): AsyncGenerator<string, void> {
    if (event.type === 'stream.gap') {
      yield* this.#catchUp();
      return;
    }
    if (event.type !== 'message.added') return;
    const [first] = event.messages;
    const last = event.messages.at(-1);
    if (first === undefined || last === undefined) return;
    const { conversationId } = event;
    const heard = await this.#heardOf(conversationId, first.seq - 1);
    if (heard !== null) yield* this.#goOn(heard, last.seq);
  }

  endsWith(): null {
    return null;
  }

  async say(value: unknown): Promise<string> {
    const { message: text, id: given, receiver } = readAs(directFrameSchema, value);
    const conversationId = await this.#conversationWith(await this.#find(receiver));
    const id = given ?? newId();
    this.#sentHere.add(id);
    try {
      await this.#speaker.procedures().messages.send({ conversationId, id, text });
    } catch (error) {
      this.#sentHere.delete(id);
      throw error;
    }
    forgetOldest(this.#sentHere);
    return doneFrame(id);
  }

  /** `upTo`: what comes after was not told before the socket opened. Null for conversations that are not direct. */
  async #heardOf(conversationId: string, upTo = Number.POSITIVE_INFINITY): Promise<Heard | null> {
    const known = this.#heard.get(conversationId);
    if (known !== undefined) return known;
    const access = await this.#parts.conversations.access(conversationId, this.#speaker.userId);
    const isDirect = access !== null && access !== 'forbidden' && access.kind === 'direct';
    const heard = isDirect
      ? new Heard(
          this.#parts.messages,
          conversationId,
          Math.max(access.sinceSeq, await this.#seqAtOpening(conversationId, upTo)),
        )
      : null;
    this.#heard.set(conversationId, heard);
    return heard;
  }

  async *#goOn(heard: Heard, upTo: number): AsyncGenerator<string, void> {
    for await (const told of heard.goOn(upTo)) if (!this.#isFromHere(told)) yield told.frame;
  }

  #isFromHere({ id, author }: Told): boolean {
    return author === this.#speaker.userId && this.#sentHere.delete(id);
  }

  /** Some of what happened was not told: whatever is newer than the socket, and it has not heard, it hears now. */
  async *#catchUp(): AsyncGenerator<string, void> {
    const since = this.#longBefore.getTime();
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await this.#speaker.procedures().conversations.list({
        ...{ kind: 'direct', limit: PAGE },
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { id, lastMessage } of items) {
        if (lastMessage === null || lastMessage.receivedAt.getTime() < since) continue;
        const heard = await this.#heardOf(id);
        if (heard !== null) yield* this.#goOn(heard, lastMessage.seq);
      }
      const oldest = items.at(-1)?.activeAt.getTime() ?? 0;
      cursor = oldest < since ? undefined : (nextCursor ?? undefined);
    } while (cursor !== undefined);
  }

  /**
   * The number of the last message before the socket opened, no more than `upTo`: told by then, or older than any that was not. Nodes
   * may tell of a conversation in another order than its own, so the first that is heard of need not be the first there is.
   */
  async #seqAtOpening(conversationId: string, upTo: number): Promise<number> {
    const { events, history } = this.#parts;
    const told = await events.toldUpTo(conversationId, this.#openedAtPlace);
    if (told >= upTo) return upTo;
    return Math.min(upTo, Math.max(told, await history.seqBefore(conversationId, this.#longBefore)));
  }

  /** An id counts first: nobody can choose theirs, and so nobody gets what is for another. */
  async #find(receiver: string): Promise<string> {
    const { users } = this.#parts;
    const user = (await users.find(receiver)) ?? (await users.findByUsername(receiver));
    if (user === null) throw new AppError('NOT_FOUND');
    if (user._id === this.#speaker.userId) {
      throw new AppError('INVALID_INPUT', { details: { fields: { receiver: ['must be somebody else'] } } });
    }
    return user._id;
  }

  /** The one conversation with them, made where there is none. NOT_FOUND across a block, RECIPIENT_OFFLINE for whoever is not here. */
  async #conversationWith(userId: string): Promise<string> {
    const procedures = this.#speaker.procedures();
    // Across a block nobody is found, as everywhere.
    await procedures.users.get({ userId });
    const { items } = await procedures.presence.get({ userIds: [userId] });
    if (items[0] === undefined || items[0].status === 'offline') throw new AppError('RECIPIENT_OFFLINE');
    const known = this.#with.get(userId);
    if (known !== undefined) return known;
    const { conversation } = await procedures.conversations.start({ userId });
    this.#with.set(userId, conversation.id);
    forgetOldest(this.#with);
    return conversation.id;
  }
}

const forgetOldest = (some: Set<string> | Map<string, string>): void => {
  const [oldest] = some.keys();
  if (some.size > MAX_REMEMBERED && oldest !== undefined) some.delete(oldest);
};
