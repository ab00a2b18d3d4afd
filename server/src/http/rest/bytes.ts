// Owns telling of the paths that take and give the bytes of files, which http/file-routes.ts serves.
import { uploadedFileSchema } from '@parley/shared';
import { outputSchema } from './json-schema.js';
import { type BesideTable, failures } from './openapi.js';

const TAG = 'files';
const id = (description: string) => ({
  name: 'id',
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', minLength: 1 },
});
const signature = {
  name: 'signature',
  in: 'query',
  description: 'As the link has it; without, the access token of a member is needed.',
  schema: { type: 'string' },
};
const bytes = { content: { '*/*': { schema: {} } } };

const given = (operationId: string, summary: string) => ({
  ...{ operationId, summary },
  tags: [TAG],
  security: [{ accessToken: [] }, {}],
  parameters: [id('Of the file.'), signature],
  responses: {
    200: { description: 'All of it.', ...bytes },
    206: { description: 'The part that `Range` asks for.', ...bytes },
    304: { description: 'What `If-None-Match` names is still it.' },
    416: { description: 'There is no such part; `Content-Range` tells the size.' },
    ...failures([
      ...(['INVALID_INPUT', 'NOT_SIGNED_IN', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'SESSION_ENDED'] as const),
      ...(['FORBIDDEN', 'NOT_FOUND', 'EXPIRED', 'TOO_MANY_REQUESTS', 'UNAVAILABLE'] as const),
    ]),
  },
});

export const aboutBytes = (): BesideTable => {
  const { $defs, ...uploaded } = outputSchema(uploadedFileSchema);
  return {
    tag: TAG,
    paths: {
      '/files/{id}': {
        put: {
          operationId: 'filesUpload',
          tags: [TAG],
          summary: 'Put the bytes of a file where its ticket says',
          security: [],
          parameters: [id('The ticket: the last part of its `url`.')],
          requestBody: {
            required: true,
            content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
          },
          responses: {
            201: { description: 'All of it is kept.', content: { 'application/json': { schema: uploaded } } },
            ...failures([
              ...([
                'INVALID_INPUT',
                'TOKEN_INVALID',
                'FORBIDDEN',
                'NOT_FOUND',
                'CONFLICT',
                'EXPIRED',
              ] as const),
              ...(['TOO_LARGE', 'TOO_MANY_REQUESTS', 'UNAVAILABLE'] as const),
            ]),
          },
        },
        get: given('filesDownload', 'The bytes of a file'),
      },
      '/files/{id}/thumbnail': { get: given('filesThumbnail', 'A small picture of an image') },
    },
    schemas: { ...$defs },
  };
};
