// Owns how bytes of files come in and go out over HTTP. Does not own who may put or have them (features/files/).
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@parley/shared';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Download, FilesService } from '../features/files/index.js';
import { type Actor, bearerOf } from '../trpc/index.js';
import { arriving, lingerOver } from './arriving.js';
import { contentDisposition, isShownInline } from './content-disposition.js';
import { answerTo } from './ranges.js';

export interface FileRoutesOptions {
  readonly files: Pick<FilesService, 'receive' | 'downloads'>;
  /** An upload of which nothing arrives for so long is over. */
  readonly uploadStallMs: number;
  verify(token: string): Promise<Actor>;
}

/** Requests that may take longer than others to arrive. */
export const isUpload = ({ method, routeOptions }: FastifyRequest): boolean =>
  method === 'PUT' && routeOptions.url === UPLOAD;

const UPLOAD = '/files/:ticket';

/** A file opened by itself runs nothing and loads nothing, and looks as browsers show such files. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

export const mountFiles = async (app: FastifyInstance, options: FileRoutesOptions): Promise<void> => {
  await app.register((scope, _options, done) => {
    // Whatever it says it is: nothing reads it before its ticket is looked at.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, parsed) => parsed(null));
    scope.put<{ Params: { ticket: string } }>(UPLOAD, async (request, reply) => {
      const { raw, params } = request;
      try {
        const parts = arriving(raw, options.uploadStallMs);
        const uploaded = await options.files.receive(params.ticket, {
          declaredBytes: declaredBytes(raw),
          parts,
        });
        return await reply.code(201).header('cache-control', 'no-store').send(uploaded);
      } catch (error) {
        lingerOver(raw);
        throw error;
      }
    });
    done();
  });
  for (const thumbnail of [false, true])
    app.route<{ Params: { id: string }; Querystring: { signature?: unknown } }>({
      method: ['GET', 'HEAD'],
      url: thumbnail ? '/files/:id/thumbnail' : '/files/:id',
      handler: async (request, reply) => {
        const { id } = request.params;
        const find = () => findDownload(options, request, { fileId: id, thumbnail });
        return await give(request, reply, await find(), find);
      },
    });
};

const declaredBytes = ({ headers }: IncomingMessage): number | null => {
  const declared = headers['content-length'];
  return declared === undefined ? null : Number(declared);
};

/** By the signature of its link, or else by the caller's token. */
const findDownload = async (
  { files, verify }: FileRoutesOptions,
  { query, headers }: FastifyRequest<{ Querystring: { signature?: unknown } }>,
  wanted: { readonly fileId: string; readonly thumbnail: boolean },
): Promise<Download> => {
  const { signature } = query;
  if (typeof signature === 'string') return await files.downloads.withSignature(wanted, signature);
  if (signature !== undefined) throw new AppError('TOKEN_INVALID');
  const { userId } = await verify(bearerOf(headers.authorization));
  return await files.downloads.asMember(wanted, userId);
};

const give = async (
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  download: Download,
  findAgain: () => Promise<Download>,
): Promise<FastifyReply> => {
  const { name, type, size } = download;
  const tag = `"${download.tag}"`;
  const answer = answerTo({ method, headers, size, tag });
  void reply.code(answer.status).headers({
    etag: tag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-security-policy': POLICY,
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    ...(answer.status === 206 || answer.status === 416 ? { 'content-range': answer.contentRange } : {}),
  });
  if (answer.status === 304 || answer.status === 416) return await reply.send();
  const { start, end } = answer.range;
  void reply.headers({
    'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    'content-length': end - start,
    'content-disposition': contentDisposition(isShownInline(type) ? 'inline' : 'attachment', name),
  });
  if (method === 'HEAD') return await reply.send();
  const bytes = download.read({ start, end });
  try {
    await once(bytes, 'readable');
  } catch (error) {
    // Gone since it was looked up, which looking it up again says.
    await findAgain();
    throw error;
  }
  return await reply.send(bytes);
};
