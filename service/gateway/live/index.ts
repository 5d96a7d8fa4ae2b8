import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, type Router } from 'express';
import { acceptsGzip } from '../accepted-format.ts';
import { bounded } from '../bounded.ts';
import { problemReply } from '../problem.ts';
import { PROBLEMS } from '../problem-table.ts';
import { createAnswers } from './answers.ts';
import type { Live } from './live.ts';

export { createLive, type Live, type LiveOptions } from './live.ts';
export { INTERVAL_SECONDS } from './windows.ts';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));
const CHARTS = dirname(createRequire(import.meta.url).resolve('uplot'));

/** The page loads what this origin has, and writes no text as markup, wherever the text came from. */
const POLICY = [
  "default-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Files are asked for anew each time, and sent anew when they changed. */
const FILES = { index: false, redirect: false, cacheControl: false, setHeaders: revalidated } as const;

/** The routes of the live page: `/`, its files below `/live`, and `/live.json`. */
export function createLiveRouter(live: Live): Router {
  const router = express.Router();
  const answers = createAnswers(live);
  const admit = bounded({ what: 'answers', maxOpen: 16, patienceMs: 30_000 });
  router.get('/', secured, (_request, response) => {
    response.set('cache-control', 'no-cache').sendFile('index.html', { root: PAGE, cacheControl: false });
  });
  router.get('/live.json', secured, async ({ query, headers }, response) => {
    const since = parseSince(query.since);
    if (Number.isNaN(since)) {
      const { status } = PROBLEMS['invalid-query'];
      const detail =
        'since must be a time in seconds since 1970, such as since=1760000000.5; leave it out for everything';
      response.status(status).type('application/problem+json').send(problemReply('invalid-query', { detail }).body);
      return;
    }
    if (!admit(response)) return;
    const zipped = acceptsGzip(headers['accept-encoding']?.toString());
    const bytes = await answers.read(since, zipped);
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': bytes.length,
      ...(zipped && { 'content-encoding': 'gzip' }),
      'cache-control': 'no-store',
      vary: 'accept-encoding',
    });
    response.end(bytes);
  });
  router.use('/live', secured, express.static(PAGE, FILES), express.static(CHARTS, FILES));
  return router;
}

const secured: RequestHandler = (_request, response, next) => {
  response.set(HEADERS);
  next();
};

function revalidated(response: Parameters<RequestHandler>[1]): void {
  response.set('cache-control', 'no-cache');
}

/** Undefined when it is absent, NaN when it is no time. */
function parseSince(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' && /^\d{1,12}(\.\d{1,9})?$/.test(value) ? Number(value) : NaN;
}
