export { SyncEngine } from './engine.js';
export type { DecodedUpdate } from './guard/decode-update.js';
export type { FreshDelete, FreshItem, JudgedUpdate, Place } from './guard/judged-update.js';
export { createLogModels } from './log/log.models.js';
export type { EngineMeter, EngineState, GenerationEnd } from './meter.js';
export type {
  Access,
  Actor,
  ActorFacts,
  DocumentKind,
  DocumentPlace,
  DocumentView,
  Projected,
  Refused,
  StoredChanges,
  Verdict,
} from './ports.js';
export type { ServerClients } from './server-clients.js';
