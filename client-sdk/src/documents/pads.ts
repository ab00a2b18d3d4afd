import type { Api } from '../api/api.js';
import type { SharedDocument } from './shared-document.js';

/** Pads: shared documents of free shape, of the members of a conversation or a project. Every promise rejects with ParleyError. */
export interface Pads {
  /** In the conversation or in the project that is named. */
  readonly create: Api['pads']['create']['mutate'];
  /** Newest first, by page. */
  readonly list: Api['pads']['list']['query'];
  readonly get: Api['pads']['get']['query'];
  /** Deletes it for everybody: one's own, or as an admin anybody's. */
  readonly delete: Api['pads']['delete']['mutate'];
  /** The live document of a pad: the same one until it is closed. Throws NOT_SIGNED_IN. */
  readonly open: (id: string) => SharedDocument;
}

export const createPads = (api: Api, open: (id: string) => SharedDocument): Pads => ({
  create: (input, options) => api.pads.create.mutate(input, options),
  list: (input, options) => api.pads.list.query(input, options),
  get: (input, options) => api.pads.get.query(input, options),
  delete: (input, options) => api.pads.delete.mutate(input, options),
  open,
});
