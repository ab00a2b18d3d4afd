// Owns the sockets of one conversation: everybody in it, the sender too, is told of each message once.
import { AppError, type ErrorCode, limits, opaqueIdSchema, type ParleyEvent } from '@parley/shared';
import { conversationFrameSchema, readAs } from './frames.js';
import { Heard } from './heard.js';
import type { Speaker, Talk, TalkParts } from './talk.js';

export class ConversationTalk implements Talk {
  readonly #parts: TalkParts;
  readonly #speaker: Speaker;
  readonly #name: string | null;
  #conversationId = '';
  #heard: Heard;
  /** What was said before the socket opened. */
  #openedAt = 0;

  /** `name`: its id, or a room's name. */
  constructor(parts: TalkParts, speaker: Speaker, name: string | null) {
    this.#parts = parts;
    this.#speaker = speaker;
    this.#name = name;
    this.#heard = new Heard(parts.messages, '', 0);
  }

  async begin(): Promise<void> {
    const { messages, history, settled } = this.#parts;
    const { conversationId, sinceSeq } = await this.#find();
    await settled(conversationId);
    this.#openedAt = Math.max(sinceSeq, await history.newestSeq(conversationId));
    this.#conversationId = conversationId;
    this.#heard = new Heard(messages, conversationId, this.#openedAt);
  }

  async *hear(event: ParleyEvent): AsyncGenerator<string, void> {
    if (event.type === 'stream.gap') {
      yield* this.#catchUp();
      return;
    }
    const code = this.endsWith(event);
    if (code !== null) throw new AppError(code);
    if (event.type === 'message.added' && event.conversationId === this.#conversationId)
      yield* this.#goOn(event.messages.at(-1)?.seq ?? 0);
  }

  endsWith(event: ParleyEvent): ErrorCode | null {
    if (!('conversationId' in event) || event.conversationId !== this.#conversationId) return null;
    if (event.type === 'conversation.deleted') return 'NOT_FOUND';
    const isOut = event.type === 'conversation.memberLeft' && event.userId === this.#speaker.userId;
    return isOut ? 'FORBIDDEN' : null;
  }

  async say(value: unknown): Promise<string | null> {
    const { message: text, id, recipient_id: recipient } = readAs(conversationFrameSchema, value);
    const conversationId = this.#conversationId;
    if (typeof recipient === 'string') await this.#assertMember(recipient);
    const sent = await this.#speaker.procedures().messages.send({
      ...{ conversationId, text },
      ...(typeof id === 'string' ? { id } : {}),
    });
    // Sent again, over another line than at first: nobody else is to hear of it, and no event will tell.
    if (sent.seq > this.#openedAt) return null;
    const again = await this.#parts.messages.page({ conversationId, after: sent.seq - 1, upTo: sent.seq });
    return again.told[0]?.frame ?? null;
  }

  async *#goOn(upTo: number): AsyncGenerator<string, void> {
    for await (const { frame } of this.#heard.goOn(upTo)) yield frame;
  }

  /** Some of what happened was not told, perhaps that they are not in it any more. */
  async *#catchUp(): AsyncGenerator<string, void> {
    const { conversations, history } = this.#parts;
    const { sinceSeq } = await conversations.getAccess(this.#conversationId, this.#speaker.userId);
    this.#heard.skipTo(sinceSeq);
    yield* this.#goOn(await history.newestSeq(this.#conversationId));
  }

  /** Ids are not anybody's to choose, names of rooms are: an id counts first. */
  async #find(): Promise<{ readonly conversationId: string; readonly sinceSeq: number }> {
    const name = this.#name ?? '';
    const id = opaqueIdSchema.safeParse(name);
    const byId = id.success ? await this.#accessTo(id.data) : null;
    if (byId !== null) return byId;
    const roomId =
      name.length > limits.roomNameCharacters.value * 4 ? null : await this.#parts.rooms.idOf(name);
    const byName = roomId === null ? null : await this.#accessTo(roomId);
    if (byName === null) throw new AppError('NOT_FOUND');
    return byName;
  }

  async #accessTo(conversationId: string) {
    const access = await this.#parts.conversations.access(conversationId, this.#speaker.userId);
    if (access === 'forbidden') throw new AppError('FORBIDDEN');
    return access === null ? null : { conversationId, sinceSeq: access.sinceSeq };
  }

  async #assertMember(userId: string): Promise<void> {
    const access = await this.#parts.conversations.access(this.#conversationId, userId);
    if (access !== null && access !== 'forbidden') return;
    throw new AppError('INVALID_INPUT', {
      details: { fields: { recipient_id: ['must be somebody in this conversation'] } },
    });
  }
}
