import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import { problemReply } from './problem.ts';
import { PROBLEMS, type ProblemCode } from './problem-table.ts';

/** What of the cache is to be forgotten. */
export type Invalidation =
  { readonly tag: string } | { readonly prefix: string } | { readonly key: string } | { readonly all: true };

/** What people may look at and change while the gateway runs; all of it concerns this pod's workers. */
export type Administration = {
  /** The breakers of every worker. */
  breakers(): readonly object[];
  /** Closes, or opens for its time, the breaker of this name in every worker; false when there is none. */
  setBreaker(name: string, state: 'closed' | 'open'): boolean;
  /** The limits and their policies. */
  limits(): readonly object[];
  /** Forgets answers, in every pod that shares the cache. */
  invalidate(what: Invalidation): void;
  setLogLevel(level: 'debug' | 'info' | 'warn' | 'error'): void;
};

/** Settings of the routes for people who run the gateway. */
export type AdminOptions = {
  /** What must be shown as bearer token; undefined switches the routes off. */
  readonly token: string | undefined;
  readonly administration: Administration;
};

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The routes below `/admin`: breakers, limits, cache, log level. Each asks for the token. */
export function createAdminRouter({ token, administration }: AdminOptions): Router {
  const router = express.Router();
  router.use(guard(token));
  router.use(express.json({ limit: '16kb' }));
  router.get('/breakers', (_request, response) => {
    response.json(administration.breakers());
  });
  router.put('/breakers/:name', (request, response) => {
    const { state } = request.body as { state?: unknown };
    if (state !== 'closed' && state !== 'open') {
      refuse(response, 'invalid-body', "state must be 'closed' or 'open'");
      return;
    }
    if (!administration.setBreaker(request.params.name, state)) {
      refuse(response, 'route-not-found', `there is no breaker '${request.params.name}'; see /admin/breakers`);
      return;
    }
    response.status(202).json({ name: request.params.name, state });
  });
  router.get('/limits', (_request, response) => {
    response.json(administration.limits());
  });
  router.post('/cache/invalidations', (request, response) => {
    const what = parseInvalidation(request.body);
    if (!what) {
      refuse(response, 'invalid-body', 'send one of {"tag"}, {"prefix"}, {"key"} with text, or {"all": true}');
      return;
    }
    administration.invalidate(what);
    response.status(202).json(what);
  });
  router.put('/log-level', (request, response) => {
    const { level } = request.body as { level?: unknown };
    const known = LEVELS.find((name) => name === level);
    if (!known) {
      refuse(response, 'invalid-body', `level must be one of ${LEVELS.join(', ')}`);
      return;
    }
    administration.setLogLevel(known);
    response.json({ level: known });
  });
  const onError: ErrorRequestHandler = (_error, _request, response, _next) => {
    refuse(response, 'malformed-json', 'The body is not JSON, or is too large.');
  };
  router.use(onError);
  return router;
}

/** Compares hashes, so that the time tells neither the length nor a prefix of the token. */
function guard(token: string | undefined): RequestHandler {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = token === undefined ? undefined : digest(token);
  return (request, response, next) => {
    if (!expected) {
      refuse(response, 'route-not-found', 'Set OPS_TOKEN to switch these routes on.');
      return;
    }
    const shown = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (shown !== undefined && timingSafeEqual(digest(shown), expected)) {
      next();
      return;
    }
    response.setHeader('www-authenticate', 'Bearer');
    refuse(
      response,
      shown === undefined ? 'authentication-required' : 'authentication-failed',
      'Send Authorization: Bearer OPS_TOKEN.',
    );
  };
}

function parseInvalidation(body: unknown): Invalidation | undefined {
  const { tag, prefix, key, all, ...rest } = body as Readonly<Record<string, unknown>>;
  const given = Object.entries({ tag, prefix, key, all }).filter(([, value]) => value !== undefined);
  if (given.length !== 1 || Object.keys(rest).length > 0) return undefined;
  if (all === true) return { all };
  const [[name, value] = []] = given;
  if (typeof value !== 'string' || value === '') return undefined;
  return name === 'tag' ? { tag: value } : name === 'prefix' ? { prefix: value } : { key: value };
}

function refuse(response: Parameters<RequestHandler>[1], code: ProblemCode, detail: string): void {
  response.status(PROBLEMS[code].status).type('application/problem+json').send(problemReply(code, { detail }).body);
}
