import { AppError, type SuggestionReason, suggestionsInputSchema } from '@parley/shared';
import { z } from 'zod';
import { route } from '../route.js';
import { personBody, toPerson } from './people.js';

const count = z.number().int();
const ids = z.array(z.string());

const reasonBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('interests'), interests: z.array(z.string()) }),
  z.object({ type: z.literal('mutual_friends'), count, user_ids: ids }),
  z.object({ type: z.literal('conversations'), count, conversation_ids: ids }),
  z.object({ type: z.literal('projects'), count, project_ids: ids }),
]);

const toReason = (reason: SuggestionReason): z.input<typeof reasonBody> => {
  switch (reason.type) {
    case 'interests':
      return reason;
    case 'mutualFriends':
      return { type: 'mutual_friends', count: reason.count, user_ids: reason.userIds };
    case 'conversations':
      return { type: reason.type, count: reason.count, conversation_ids: reason.conversationIds };
    case 'projects':
      return { type: reason.type, count: reason.count, project_ids: reason.projectIds };
  }
};

export const suggestionRoutes = [
  route({
    id: 'listSuggestedFriends',
    method: 'GET',
    paths: ['/api/suggested-friends/{user_id}'],
    tag: 'Users',
    summary: 'Whom one may know, and why; the best first',
    procedure: 'friends.suggestions',
    input: z.object({ limit: suggestionsInputSchema.shape.limit }),
    response: z.array(
      personBody.extend({
        first_name: z.string(),
        last_name: z.string(),
        score: count,
        reasons: z.array(reasonBody),
      }),
    ),
    errors: ['FORBIDDEN'],
    allow: async ({ me }, { user_id }) => {
      if ((await me()).userId !== user_id) throw new AppError('FORBIDDEN');
    },
    run: async ({ api, services }, { input }) => {
      const { items } = await api.friends.suggestions(input);
      const names = await services.names(items.map(({ person }) => person.id));
      return {
        body: items.map(({ person, score, reasons }) => ({
          ...toPerson(person),
          first_name: names.get(person.id)?.firstName ?? '',
          last_name: names.get(person.id)?.lastName ?? '',
          ...{ score, reasons: reasons.map(toReason) },
        })),
      };
    },
  }),
];
