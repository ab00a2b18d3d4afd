import {
  AppError,
  type createGroupInputSchema,
  type groupsListInputSchema,
  type Space,
} from '@parley/shared';
import type { z } from 'zod';
import {
  createSpacesService,
  makeSpace,
  type SpacesParts,
  type SpacesService,
} from '../conversations/index.js';

type CreateInput = z.output<typeof createGroupInputSchema>;

export interface GroupsService {
  readonly spaces: SpacesService;
  /** With its members, or not at all: NOT_FOUND naming those who are nobody, or across a block; CONFLICT where one has made one of that name. */
  create(userId: string, input: CreateInput): Promise<Space>;
  /** Public ones. */
  list(
    userId: string,
    input: z.output<typeof groupsListInputSchema>,
  ): Promise<{ items: Space[]; nextCursor: string | null }>;
}

export const createGroupsService = (parts: SpacesParts): GroupsService => {
  const spaces = createSpacesService(parts, 'group');
  return {
    spaces,
    create: async (userId, input) => await spaces.show(userId, await create(parts, userId, input)),
    list: async (userId, input) => {
      const { spaces: items, nextCursor } = await spaces.list(userId, input);
      return { items, nextCursor };
    },
  };
};

const create = async (parts: SpacesParts, userId: string, { members: named, ...input }: CreateInput) => {
  const members = named.filter((id) => id !== userId);
  await assertSomebody(parts, userId, named);
  const { name, visibility = 'private', announces = true, ...others } = input;
  if (others.capacity != null && members.length >= others.capacity)
    throw new AppError('INVALID_INPUT', { details: { fields: { capacity: ['is less than who is in it'] } } });
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const made = { ...given, name, visibility, announces, kind: 'group', createdBy: userId, members } as const;
  const group = await makeSpace(parts, made);
  if (group === null)
    throw new AppError('CONFLICT', { details: { fields: { name: ['is that of a group you have made'] } } });
  if (members.length > 0 && announces) await parts.say(group._id, userId, { type: 'joined', users: members });
  return group;
};

const assertSomebody = async (
  { users, hiddenFrom }: SpacesParts,
  userId: string,
  members: readonly string[],
): Promise<void> => {
  const others = members.filter((id) => id !== userId);
  const [open, hidden] = await Promise.all([users.open(others), hiddenFrom(userId, others)]);
  const fields = Object.fromEntries(
    [...members.entries()]
      .filter(([, id]) => id !== userId && (!open.has(id) || hidden.has(id)))
      .map(([index]) => [`members.${index}`, ['is nobody']]),
  );
  if (Object.keys(fields).length > 0) throw new AppError('NOT_FOUND', { details: { fields } });
};
