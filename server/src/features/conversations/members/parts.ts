// What coming into conversations and going out of them needs.
import type { SystemNote } from '@parley/shared';
import type { Publish } from '../../events/index.js';
import type { HiddenFrom, UsersService } from '../../users/index.js';
import type { AccessModels, MembershipEvents } from '../access.js';

/** What going out needs alone. */
export interface GoingParts extends AccessModels, MembershipEvents {
  readonly publish: Publish;
  /** Says in the conversation itself what somebody did there; never rejects. */
  say(conversationId: string, by: string, note: SystemNote): Promise<void>;
}

export interface MembersParts extends GoingParts {
  readonly users: UsersService;
  readonly hiddenFrom: HiddenFrom;
  /** From where whoever comes in now sees what is said. Asked before they are in. */
  historyStart(conversationId: string): Promise<number>;
}

/** Somebody, and a conversation. */
export interface Place {
  readonly conversationId: string;
  readonly userId: string;
}
