// Owns joining the table of routes with what is made of it: what answers, and the document that tells of it.
import type { FastifyInstance } from 'fastify';
import type { AppRouter } from '../../app-router.js';
import { aboutBytes } from './bytes.js';
import { mountDocs } from './docs.js';
import { aboutEvents, mountEvents } from './events.js';
import { mountRoutes, type RestOptions } from './mount.js';
import { describeRoutes } from './openapi.js';
import { plainRoutes } from './plain/index.js';
import type { RestRoute } from './route.js';
import { v1Routes } from './v1/index.js';

/** The table. */
export const restRoutes = (router: AppRouter): RestRoute[] => [...plainRoutes, ...v1Routes(router)];

export const mountRest = async (app: FastifyInstance, options: RestOptions): Promise<void> => {
  const routes = restRoutes(options.router);
  await mountRoutes(app, routes, options);
  mountEvents(app, options);
  await mountDocs(app, describeRoutes(routes, [aboutEvents(), aboutBytes()]));
};
