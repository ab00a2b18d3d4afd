export { SyncEngine, type SyncEngineOptions, type SyncRequest } from './engine.js';
export type { DecodedContent, DecodedUpdate } from './guard/decode-update.js';
export type { FreshDelete, FreshItem, JudgedUpdate, Place } from './guard/judge.js';
export { createLogModels, type LogModels } from './log/log.models.js';
export type {
  Accepted,
  Access,
  Actor,
  ActorFacts,
  DocumentKind,
  DocumentView,
  EngineLog,
  Projected,
  Refused,
  StoredChanges,
  Verdict,
} from './ports.js';
