// What the procedures of projects are given.
import type { KeyObject } from 'node:crypto';
import type { Publish } from '../events/index.js';
import type { LinkModel } from '../links/index.js';
import type { HiddenFrom, UsersService } from '../users/index.js';
import type { AccessModels } from './access.js';
import type { InvitationModel } from './invitations/invitation.model.js';

export interface ProjectModels extends AccessModels {
  readonly projectInvitations: InvitationModel;
  readonly projectLinks: LinkModel;
}

export interface MembersParts extends ProjectModels {
  readonly publish: Publish;
  readonly users: UsersService;
  readonly hiddenFrom: HiddenFrom;
  /** Signs links. */
  readonly linkKey: KeyObject;
  /** Told of every change of what people may do in a project, once it stands: the user, or everybody. */
  readonly onRightsChanged: (projectId: string, userId?: string) => void;
  /** Somebody is not in it any more: what was theirs there is nobody's. May be repeated. */
  readonly onLeft: (projectId: string, userId: string) => Promise<void>;
  /** Removes what features above keep in a project that is gone; may be repeated. */
  readonly removeContent: (projectId: string) => Promise<void>;
}
