// Owns links into groups and rooms. A link leads where it leads, whichever of the two it is asked at.
import {
  AppError,
  type createSpaceLinkInputSchema,
  limits,
  type Space,
  type SpaceLink,
  type SpaceLinkPreview,
} from '@parley/shared';
import type { z } from 'zod';
import { createLinks, type IssuedLink, type LinkRow, type Links } from '../../links/index.js';
import type { ConversationRow } from '../conversation.model.js';
import { comeIn, FROM_ANYWHERE, findPlace } from '../members/come-in.js';
import { isArchived } from '../members/counts.js';
import { getOpenSpace, getSpace, type SpaceKind } from './access.js';
import type { SpacesParts } from './parts.js';
import { toSpaces } from './show-spaces.js';

export interface SpaceLinks {
  /** By an admin. CONFLICT where there are as many as may be. */
  create(userId: string, input: z.output<typeof createSpaceLinkInputSchema>): Promise<SpaceLink>;
  /** Those whose time is not over, with their tokens; by an admin. */
  list(userId: string, conversationId: string): Promise<{ items: SpaceLink[] }>;
  /** By an admin. Nobody comes in by it from here on. */
  revoke(userId: string, linkId: string): Promise<void>;
  /** By anybody who has the token. NOT_FOUND once it was revoked or what it leads to is gone, EXPIRED once it is over or used up. */
  preview(token: string): Promise<SpaceLinkPreview>;
  /** The same, and in one is. Whoever is in already uses nothing up. FORBIDDEN for the banned, CONFLICT where it is archived or full. */
  join(userId: string, token: string): Promise<Space>;
}

/** No other sort of token has it. */
const AUDIENCE = 'parley:conversation-link';

export const createSpaceLinks = (parts: SpacesParts, kind: SpaceKind): SpaceLinks => {
  const links = createLinks({
    ...{ links: parts.conversationLinks, users: parts.users, key: parts.linkKey, audience: AUDIENCE },
    ...{ field: 'conversationId', maxPerPlace: limits.linksPerConversation.value },
    stands: async (conversationId) => (await findSpace(parts, conversationId)) !== null,
  });
  return {
    create: async (userId, { conversationId, ...terms }) => {
      await getOpenSpace(parts, { kind, conversationId, userId, needs: 'admin' });
      const wanted = { ...terms, role: 'member', place: conversationId, createdBy: userId } as const;
      return withoutRole(await links.make(wanted));
    },
    list: async (userId, conversationId) => {
      await getSpace(parts, { kind, conversationId, userId, needs: 'admin' });
      return { items: (await links.list(conversationId)).map(withoutRole) };
    },
    revoke: async (userId, linkId) => {
      const row = await links.find(linkId);
      if (row === null) throw new AppError('NOT_FOUND');
      await getSpace(parts, { kind, conversationId: row.place, userId, needs: 'admin' });
      await links.revoke(linkId);
    },
    preview: async (token) => {
      const { row, space } = await findLink(parts, links, token);
      if (row.usesLeft <= 0) throw new AppError('EXPIRED');
      const [people, [shown]] = await Promise.all([
        parts.users.people([row.createdBy]),
        toSpaces(parts, row.createdBy, [space]),
      ]);
      const invitedBy = people.get(row.createdBy);
      if (invitedBy === undefined || shown === undefined) throw new AppError('NOT_FOUND');
      const { id, kind: sort, name, topic, memberCount } = shown;
      return { space: { id, kind: sort, name, topic, memberCount }, invitedBy, expiresAt: row.expiresAt };
    },
    join: async (userId, token) => {
      const { row, space } = await findLink(parts, links, token);
      await join(parts, links, { row, space, userId });
      const [shown] = await toSpaces(parts, userId, [(await findSpace(parts, space._id)) ?? space]);
      if (shown === undefined) throw new TypeError('what was joined must be shown');
      return shown;
    },
  };
};

interface Joining {
  readonly row: LinkRow;
  readonly space: ConversationRow;
  readonly userId: string;
}

const join = async (parts: SpacesParts, links: Links, { row, space, userId }: Joining): Promise<void> => {
  const place = { conversationId: space._id, userId };
  const standing = await findPlace(parts, place);
  if (standing?.state === 'member') return;
  if (standing?.state === 'banned') throw new AppError('FORBIDDEN');
  if (space.archivedAt !== null) throw isArchived();
  await links.use(row, async () => {
    const isNew = await comeIn(parts, place, { by: userId, from: FROM_ANYWHERE });
    // What they are changed under the hand; they may try again.
    if (isNew === null) throw new AppError('CONFLICT');
    return isNew;
  });
};

const findSpace = async (
  { conversations }: SpacesParts,
  conversationId: string,
): Promise<ConversationRow | null> =>
  await conversations.findOne({ _id: conversationId, deletedAt: null }).lean<ConversationRow>();

const findLink = async (
  parts: SpacesParts,
  links: Links,
  token: string,
): Promise<{ row: LinkRow; space: ConversationRow }> => {
  const row = await links.read(token);
  const space = await findSpace(parts, row.place);
  if (space === null) throw new AppError('NOT_FOUND');
  return { row, space };
};

const withoutRole = ({ role: _, ...link }: IssuedLink): SpaceLink => link;
