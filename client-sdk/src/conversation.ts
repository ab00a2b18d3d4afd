import {
  conversationKeys,
  limits,
  type Me,
  type MessageValue,
  messageValue,
  newId,
  type Notice,
  readMessages,
  readWindow,
} from '@parley/shared';
import * as Y from 'yjs';
import type { Api, TokenSource } from './api/api.js';
import { ParleyError, toParleyError } from './api/errors.js';
import { Emitter } from './emitter.js';
import { History } from './history.js';
import { type Deferred, deferred } from './sync/deferred.js';
import { Delivery } from './sync/delivery.js';
import { Outbox } from './sync/outbox.js';
import { Presence, type PresenceState, type Present } from './sync/presence.js';
import { SyncProvider, type SyncStatus } from './sync/provider.js';
import type { WebSocketClass } from './sync/socket.js';
import type { Storage } from './storage.js';
import { type ConversationMessage, Timeline } from './timeline.js';
import type { Timing } from './timing.js';

