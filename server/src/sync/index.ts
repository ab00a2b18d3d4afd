export { SyncEngine } from './engine.js';
export type { DecodedUpdate } from './guard/decode-update.js';
export type { FreshDelete, FreshItem, JudgedUpdate, Place } from './guard/judged-update.js';
export { createLogModels } from './log/log.models.js';
export type { EngineMeter, EngineState, GenerationEnd } from './meter.js';
export {
  type Actor,
  type ActorFacts,
  type Crowd,
  type DocumentKind,
  type DocumentPlace,
  type DocumentView,
  type EngineLog,
  type Projected,
  type Refused,
  refuse,
  type StoredChanges,
  type Verdict,
} from './ports.js';
export { rootPlace } from './root-place.js';
export { type ServerClients, writeAs } from './server-clients.js';
