export { SyncEngine } from './engine.js';
export type { DecodedUpdate } from './guard/decode-update.js';
export type { FreshDelete, FreshItem, JudgedUpdate, Place } from './guard/judged-update.js';
export { createLogModels } from './log/log.models.js';
export type {
  Access,
  Actor,
  ActorFacts,
  DocumentKind,
  DocumentView,
  Projected,
  Refused,
  StoredChanges,
  Verdict,
} from './ports.js';
