import { memoryStorage, type Storage } from '@parley/client';
import { Conversation, type ConversationParts } from '@parley/client/internal/conversation/conversation';
import type { Me } from '@parley/shared';
import { FakeServer } from './fake-server.js';
import { FakeTiming } from './fake-timing.js';

export const me: Me = {
  id: 'user-1',
  username: 'ada',
  email: null,
  firstName: 'Ada',
  lastName: '',
  role: 'user',
  bio: '',
  interests: [],
  lastSeen: 'friends',
  isListed: true,
  createdAt: new Date(0),
};

export interface BenchOptions {
  readonly storage?: Storage;
  readonly server?: FakeServer;
  readonly parts?: Partial<ConversationParts>;
}

/** A conversation against a fake server, on a fake clock. */
export const openConversation = ({
  storage = memoryStorage(),
  server = new FakeServer(),
  parts = {},
}: BenchOptions = {}) => {
  const timing = new FakeTiming();
  const unused = (): never => {
    throw new Error('not reached here');
  };
  const conversation = new Conversation({
    changeMessage: unused,
    id: 'c1',
    me,
    storage,
    timing,
    WebSocket: server.WebSocket,
    wsUrl: 'ws://parley.test',
    outboxKey: 'outbox',
    changesKey: 'changes',
    tokens: { accessToken: () => Promise.resolve('token'), renew: () => Promise.resolve('token-2') },
    fetchSinceSeq: () => Promise.resolve(0),
    fetchHistory: () => Promise.resolve({ items: [], nextCursor: null }),
    onClose: () => undefined,
    ...parts,
  });
  return { conversation, server, timing, storage };
};

export const texts = (conversation: Conversation): string[] => conversation.messages.map(({ text }) => text);
