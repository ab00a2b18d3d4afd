// Owns what groups and rooms have in common: who comes in and goes out, who is what in them, and what they are like.
import {
  AppError,
  type Outsider,
  type outsidersInputSchema,
  type Space,
  type SpaceInvitation,
  type setSpaceRoleInputSchema,
  type spaceInvitationsInputSchema,
  type spaceMemberRefSchema,
} from '@parley/shared';
import type { z } from 'zod';
import type { ConversationRow } from '../conversation.model.js';
import { ban, unban } from '../members/ban.js';
import { comeIn, FROM_ANYWHERE } from '../members/come-in.js';
import { goOut } from '../members/go-out.js';
import { endWait } from '../members/invite.js';
import { giveRole, setSilenced } from '../members/roles.js';
import type { MemberRole } from '../membership.model.js';
import { assertAbove, assertMayGive, getOpenSpace, getSpace, type SpaceKind, type Wanted } from './access.js';
import { inviteInto, joinSpace, leaveSpace, transferSpace } from './come-and-go.js';
import { deleteSpace, finishDeletions } from './delete-space.js';
import { createSpaceLinks, type SpaceLinks } from './links.js';
import { listInvitations, listOutsiders, listSpaces, type SpacesListInput } from './lists.js';
import type { SpacesParts } from './parts.js';
import { toSpaces } from './show-spaces.js';
import { type SpaceChange, setSpaceArchived, updateSpace } from './update-space.js';

type Ref = z.output<typeof spaceMemberRefSchema>;
type Page<Item> = Promise<{ items: Item[]; nextCursor: string | null }>;

/**
 * Of groups or of rooms. Every method answers NOT_FOUND to whoever may not know of it, FORBIDDEN to whoever may and may do less than is
 * needed, and CONFLICT to whoever changes what is archived.
 */
export interface SpacesService {
  get(userId: string, conversationId: string): Promise<Space>;
  /** As somebody sees a row. */
  show(userId: string, row: ConversationRow): Promise<Space>;
  list(
    userId: string,
    input: SpacesListInput,
  ): Promise<{ rows: ConversationRow[]; spaces: Space[]; nextCursor: string | null }>;
  /** By whoever is invited, or where it is public; where an admin lets people in, one waits for that afterwards. */
  join(userId: string, conversationId: string): Promise<Space>;
  /** Or takes back that one wants to come in; done already for whoever is not in it. CONFLICT for the only owner of a group with others in it; a room is handed on. */
  leave(userId: string, conversationId: string): Promise<void>;
  /** By an admin. */
  update(userId: string, conversationId: string, change: SpaceChange): Promise<Space>;
  setArchived(userId: string, conversationId: string, isArchived: boolean): Promise<Space>;
  /** By an owner, for good. */
  delete(userId: string, conversationId: string): Promise<void>;
  /** All below by an admin. NOT_FOUND for nobody, and across a block. */
  addMember(userId: string, ref: Ref): Promise<void>;
  removeMember(userId: string, ref: Ref): Promise<void>;
  ban(userId: string, ref: Ref): Promise<void>;
  unban(userId: string, ref: Ref): Promise<void>;
  setSilenced(userId: string, ref: Ref, silenced: boolean): Promise<void>;
  setRole(userId: string, input: z.output<typeof setSpaceRoleInputSchema>): Promise<void>;
  /** By an owner, who is an admin from then on. */
  transfer(userId: string, ref: Ref): Promise<void>;
  invite(userId: string, ref: Ref): Promise<void>;
  revokeInvitation(userId: string, ref: Ref): Promise<void>;
  approve(userId: string, ref: Ref): Promise<void>;
  declineRequest(userId: string, ref: Ref): Promise<void>;
  outsiders(
    userId: string,
    state: 'invited' | 'requested' | 'banned',
    input: z.output<typeof outsidersInputSchema>,
  ): Page<Outsider>;
  /** One's own. */
  decline(userId: string, conversationId: string): Promise<void>;
  invitations(userId: string, input: z.output<typeof spaceInvitationsInputSchema>): Page<SpaceInvitation>;
  readonly links: SpaceLinks;
  /** Finishes what an earlier process began to delete, of either kind. */
  finishDeletions(): Promise<void>;
}

export const createSpacesService = (parts: SpacesParts, kind: SpaceKind): SpacesService => {
  const wanted = (userId: string, conversationId: string, needs: Wanted['needs']): Wanted => ({
    ...{ kind, conversationId, userId, needs },
  });
  const show = async (userId: string, row: ConversationRow): Promise<Space> => {
    const [space] = await toSpaces(parts, userId, [row]);
    if (space === undefined) throw new TypeError('what was found must be shown');
    return space;
  };
  const get = async (userId: string, conversationId: string): Promise<Space> =>
    await show(userId, (await getSpace(parts, wanted(userId, conversationId, 'sight'))).space);
  /** What they are themselves. */
  const getAdmin = async (userId: string, { conversationId, userId: other }: Ref): Promise<MemberRole> => {
    const { place } = await getSpace(parts, wanted(userId, conversationId, 'admin'));
    if (other === userId)
      throw new AppError('INVALID_INPUT', { details: { fields: { userId: ['must be somebody else'] } } });
    return place?.role ?? 'member';
  };
  const assertOpen = async (userId: string, { conversationId }: Ref): Promise<void> => {
    await getOpenSpace(parts, wanted(userId, conversationId, 'admin'));
  };
  const assertSomebody = async (userId: string, other: string): Promise<void> => {
    const [user, hidden] = await Promise.all([parts.users.find(other), parts.hiddenFrom(userId, [other])]);
    if (user === null || hidden.has(other)) throw new AppError('NOT_FOUND');
  };
  return {
    get,
    show,
    list: async (userId, input) => {
      const { rows, nextCursor } = await listSpaces(parts, { kind, userId }, input);
      return { rows, spaces: await toSpaces(parts, userId, rows), nextCursor };
    },
    join: async (userId, conversationId) => {
      await joinSpace(parts, wanted(userId, conversationId, 'sight'));
      return await get(userId, conversationId);
    },
    leave: (userId, conversationId) => leaveSpace(parts, wanted(userId, conversationId, 'sight')),
    update: async (userId, conversationId, change) => {
      const { space } = await getOpenSpace(parts, wanted(userId, conversationId, 'admin'));
      return await show(userId, await updateSpace(parts, space, { userId, change }));
    },
    setArchived: async (userId, conversationId, isArchived) => {
      const { space } = await getSpace(parts, wanted(userId, conversationId, 'admin'));
      await setSpaceArchived(parts, space, { userId, isArchived });
      return await get(userId, conversationId);
    },
    delete: async (userId, conversationId) => {
      await getSpace(parts, wanted(userId, conversationId, 'owner'));
      await deleteSpace(parts, conversationId, userId);
    },
    addMember: async (userId, ref) => {
      await assertOpen(userId, ref);
      await assertSomebody(userId, ref.userId);
      if ((await comeIn(parts, ref, { by: userId, from: FROM_ANYWHERE })) === null)
        throw new AppError('CONFLICT');
    },
    removeMember: async (userId, ref) => {
      const role = await getAdmin(userId, ref);
      const going = {
        by: userId,
        to: 'left',
        allow: (other: MemberRole) => assertAbove(role, other),
      } as const;
      if (!(await goOut(parts, ref, going))) throw new AppError('NOT_FOUND');
    },
    ban: async (userId, ref) => {
      const role = await getAdmin(userId, ref);
      if ((await parts.users.find(ref.userId)) === null) throw new AppError('NOT_FOUND');
      await ban(parts, ref, { by: userId, allow: (other) => assertAbove(role, other) });
    },
    unban: async (userId, ref) => {
      await getAdmin(userId, ref);
      if (!(await unban(parts, ref))) throw new AppError('NOT_FOUND');
    },
    setSilenced: async (userId, ref, silenced) => {
      const role = await getAdmin(userId, ref);
      await setSilenced(parts, ref, { silenced, allow: (other) => assertAbove(role, other) });
    },
    setRole: async (userId, { role: given, ...ref }) => {
      const { place } = await getOpenSpace(parts, wanted(userId, ref.conversationId, 'admin'));
      const role = place?.role ?? 'member';
      assertMayGive(role, given);
      // Everybody may step down.
      const allow = (other: MemberRole): void => {
        if (ref.userId !== userId) assertAbove(role, other);
      };
      await giveRole(parts, ref, { role: given, allow });
    },
    transfer: async (userId, ref) => {
      await getOpenSpace(parts, wanted(userId, ref.conversationId, 'owner'));
      await transferSpace(parts, userId, ref);
    },
    invite: async (userId, ref) => {
      await assertOpen(userId, ref);
      await assertSomebody(userId, ref.userId);
      await inviteInto(parts, userId, ref);
    },
    revokeInvitation: async (userId, ref) => {
      await getAdmin(userId, ref);
      await endWait(parts, ref, { state: 'invited', by: userId });
    },
    approve: async (userId, ref) => {
      await assertOpen(userId, ref);
      if ((await comeIn(parts, ref, { by: userId, from: ['requested'] })) === null)
        throw new AppError('NOT_FOUND');
    },
    declineRequest: async (userId, ref) => {
      await getAdmin(userId, ref);
      await endWait(parts, ref, { state: 'requested', by: userId });
    },
    outsiders: (userId, state, input) =>
      listOutsiders(parts, state, {
        ...input,
        assertAdmin: () => getSpace(parts, wanted(userId, input.conversationId, 'admin')),
      }),
    decline: async (userId, conversationId) => {
      await getSpace(parts, wanted(userId, conversationId, 'sight'));
      await endWait(parts, { conversationId, userId }, { state: 'invited', by: userId });
    },
    invitations: (userId, input) => listInvitations(parts, { kind, userId }, input),
    links: createSpaceLinks(parts, kind),
    finishDeletions: () => finishDeletions(parts),
  };
};
