import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

export type ConversationKind = 'direct' | 'group' | 'room';
export type Visibility = 'public' | 'private';

/**
 * A stored thread; its document has the same id. Fields that a unique index covers are absent, not null, where they do
 * not apply, or two rows without them would clash. `messageCount` is the highest `seq`; it, `lastMessage` (an id of
 * history) and `activeAt` are kept by projection.
 */
export interface ConversationRow {
  readonly _id: string;
  readonly kind: ConversationKind;
  readonly name?: string;
  /** The folded name of a room. */
  readonly nameKey?: string;
  /** The folded name of a group, to find it by. */
  readonly foldedName?: string;
  /** Of a group: who made it, and its folded name. Nobody makes two of one name. */
  readonly groupKey?: string;
  /** The two user ids of a direct conversation, sorted. */
  readonly directKey?: string;
  readonly topic: string;
  /** Public: whoever is signed in may know of it. */
  readonly visibility: Visibility;
  /** Of a public group: whoever wants to come in is let in by an admin. */
  readonly approval: boolean;
  /** From where whoever comes in sees what was said: from the start, or from when they come in. */
  readonly history: 'all' | 'fromJoin';
  /** Whether it says in the conversation itself who comes and goes. */
  readonly announces: boolean;
  /** Members at most; null for as many as may be in any. */
  readonly capacity: number | null;
  /** Kept with every membership that begins and ends; after a crash it may be too high, never too low. */
  readonly memberCount: number;
  /** How many of them own it; after a crash it may be too low, never too high. */
  readonly ownerCount: number;
  /** When one of the two was last changed, or was about to be. */
  readonly movedAt: Date | null;
  /** So long whoever has said something waits before the next, if they are no admin; 0 for no wait. */
  readonly slowModeMs: number;
  /** What is older than so many days is erased; null for never. */
  readonly retentionDays: number | null;
  /** Nobody writes in it any more. */
  readonly archivedAt: Date | null;
  /** It is being removed, or made (`IN_THE_MAKING`): for everybody it is not there. */
  readonly deletedAt: Date | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly activeAt: Date;
  readonly messageCount: number;
  readonly lastMessage: string | null;
  /** Messages up to and including that one were erased. */
  readonly erasedSeq: number;
  /** Messages up to and including that one are found by their words. */
  readonly indexedSeq: number;
}

/** `deletedAt` of a conversation that is being made, until all who are in it from the start are. */
export const IN_THE_MAKING = new Date(0);

/** What a row begins with, beside what whoever makes it says. */
export const freshConversation = {
  topic: '',
  approval: false,
  history: 'all',
  announces: false,
  capacity: null,
  memberCount: 0,
  ownerCount: 0,
  movedAt: null,
  slowModeMs: 0,
  retentionDays: null,
  archivedAt: null,
  deletedAt: null,
  messageCount: 0,
  lastMessage: null,
  erasedSeq: 0,
  indexedSeq: 0,
} as const satisfies Partial<ConversationRow>;

export type ConversationModel = Model<ConversationRow>;

const conversationSchema = new Schema<ConversationRow>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true, enum: ['direct', 'group', 'room'] },
    name: { type: String },
    nameKey: { type: String },
    foldedName: { type: String },
    groupKey: { type: String },
    directKey: { type: String },
    topic: { type: String, default: '' },
    visibility: { type: String, required: true, enum: ['public', 'private'] },
    approval: { type: Boolean, default: false },
    history: { type: String, enum: ['all', 'fromJoin'], default: 'all' },
    announces: { type: Boolean, default: false },
    capacity: { type: Number, default: null },
    memberCount: { type: Number, default: 0 },
    ownerCount: { type: Number, default: 0 },
    movedAt: { type: Date, default: null },
    slowModeMs: { type: Number, default: 0 },
    retentionDays: { type: Number, default: null },
    archivedAt: { type: Date, default: null },
    deletedAt: { type: Date, default: null },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    activeAt: { type: Date, required: true },
    messageCount: { type: Number, default: 0 },
    lastMessage: { type: String, default: null },
    erasedSeq: { type: Number, default: 0 },
    indexedSeq: { type: Number, default: 0 },
  },
  rowOptions,
);

conversationSchema.index({ directKey: 1 }, { unique: true, sparse: true });
conversationSchema.index({ nameKey: 1 }, { unique: true, sparse: true });
conversationSchema.index({ groupKey: 1 }, { unique: true, sparse: true });
conversationSchema.index({ kind: 1, visibility: 1, activeAt: -1, _id: -1 });
conversationSchema.index({ kind: 1, visibility: 1, foldedName: 1 });
conversationSchema.index({ deletedAt: 1 }, { partialFilterExpression: { deletedAt: { $type: 'date' } } });
conversationSchema.index({ retentionDays: 1 }, { partialFilterExpression: { retentionDays: { $gt: 0 } } });

export const createConversationModel = (connection: Connection): ConversationModel =>
  connection.model<ConversationRow>('Conversation', conversationSchema, 'conversations');
