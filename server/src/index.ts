export { AppError } from '@parley/shared';
export {
  createParley,
  type KindContext,
  type Parley,
  type ParleyOptions,
} from './app/index.js';
export type { AppRouter } from './app-router.js';
export type { Letter, Mailer } from './mail/index.js';
export {
  type Actor,
  type ActorFacts,
  type DecodedUpdate,
  type DocumentKind,
  type DocumentPlace,
  type DocumentView,
  type FreshDelete,
  type FreshItem,
  type JudgedUpdate,
  type Place,
  type Refused,
  refuse,
  rootPlace,
  type ServerClients,
  type StoredChanges,
  type Verdict,
  writeAs,
} from './sync/index.js';
