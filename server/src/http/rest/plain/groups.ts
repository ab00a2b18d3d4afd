import {
  conversationRoleSchema,
  conversationsListInputSchema,
  limits,
  nameText,
  opaqueIdSchema,
  visibilitySchema,
} from '@parley/shared';
import { z } from 'zod';
import type { Member } from '../../../features/conversations/index.js';
import { noFields, route } from '../route.js';
import { doneBody } from './done.js';
import { personBody, toPerson } from './people.js';

const groupBody = z.object({
  id: z.string(),
  name: z.string(),
  members: z.array(personBody.extend({ role: conversationRoleSchema })),
});

const toBody = (id: string, name: string | null, members: readonly Member[]): z.input<typeof groupBody> => ({
  ...{ id, name: name ?? '' },
  members: members.map(({ person, role }) => ({ ...toPerson(person), role })),
});

const { cursor, limit } = conversationsListInputSchema.unwrap().shape;
const names = { conversationId: 'id' };

export const groupRoutes = [
  route({
    id: 'listGroups',
    method: 'GET',
    paths: ['/api/groups/'],
    tag: 'Groups',
    summary: 'Own groups, the newest activity first, each with those who have been in it longest',
    procedure: 'conversations.list',
    input: z.object({ cursor, limit }),
    response: z.array(groupBody),
    run: async ({ api, services }, { input }) => {
      const { items, nextCursor } = await api.conversations.list({ ...input, kind: 'group' });
      const members = await services.members(items, limits.participantsShown.value);
      return {
        body: items.map(({ id, name }) => toBody(id, name, members.get(id) ?? [])),
        next: nextCursor,
      };
    },
  }),
  route({
    id: 'createGroup',
    method: 'POST',
    paths: ['/api/groups/create/'],
    tag: 'Groups',
    summary: 'Make a group with members, and own it',
    procedure: 'groups.create',
    input: z.object({
      name: z
        .string()
        .max(limits.groupNameCharacters.value)
        .regex(...nameText)
        .regex(/\S/u, 'must not be empty'),
      members: z.array(opaqueIdSchema).max(limits.membersAtOnce.value).default([]),
      /** Public: whoever has its id may join. */
      visibility: visibilitySchema.default('public'),
    }),
    statuses: [201],
    response: groupBody,
    errors: ['NOT_FOUND', 'CONFLICT'],
    links: { joinGroup: { id: '$response.body#/id' }, leaveGroup: { id: '$response.body#/id' } },
    run: async ({ api, services }, { input: { members, ...input } }) => {
      const given = { ...input, members: [...new Set(members)], announces: false };
      const group = await api.groups.create(given);
      const all = await services.members([group], limits.membersAtOnce.value + 1);
      return { body: toBody(group.id, group.name, all.get(group.id) ?? []) };
    },
  }),
  route({
    id: 'joinGroup',
    method: 'POST',
    paths: ['/api/groups/{id}/join/'],
    tag: 'Groups',
    summary: 'Come into a public group, or one into which one is invited',
    procedure: 'groups.join',
    input: noFields,
    names,
    response: doneBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params }) => {
      const { joined } = await api.groups.join({ conversationId: params.id });
      return { body: { message: joined ? 'You are in the group.' : 'You wait to be let in.' } };
    },
  }),
  route({
    id: 'leaveGroup',
    method: 'POST',
    paths: ['/api/groups/{id}/leave/'],
    tag: 'Groups',
    summary: 'Go out of a group',
    procedure: 'groups.leave',
    input: noFields,
    names,
    response: doneBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params }) => {
      await api.groups.leave({ conversationId: params.id });
      return { body: { message: 'You are not in the group.' } };
    },
  }),
  route({
    id: 'removeGroupMember',
    method: 'DELETE',
    paths: ['/api/groups/{id}/members/{user_id}/'],
    tag: 'Groups',
    summary: 'Take somebody out of a group, as an admin of it',
    procedure: 'groups.removeMember',
    input: noFields,
    names,
    response: doneBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params }) => {
      await api.groups.removeMember({ conversationId: params.id, userId: params.user_id });
      return { body: { message: 'The member was removed.' } };
    },
  }),
];
