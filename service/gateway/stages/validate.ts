import { isUtf8 } from 'node:buffer';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { toBytes, type Bytes, type Route } from '../../definition/index.ts';
import type { Exchange, ParsedQuery } from '../exchange.ts';
import { Problem } from '../problem.ts';
import type { Stage } from '../stage.ts';

/** Settings of the stage. */
export type ValidateOptions = {
  readonly maxBody: Bytes;
  /** Their schemas are compiled now: a schema that cannot be is no surprise of the first request. */
  readonly routes: Readonly<Record<string, Route>>;
};

/** Errors that one answer lists. */
const LISTED_ERRORS = 20;

/** Parses query and body and holds them against the route's schemas. Throws for a schema that cannot be compiled. */
export function validate({ maxBody, routes }: ValidateOptions): Stage {
  const compiled = compileSchemas(routes);
  const maxBytes = toBytes(maxBody);
  return function validateStage(exchange) {
    const { query, body } = compiled.get(exchange.route.id) ?? {};
    if (query) {
      // Callers repeat themselves: a query that was valid once is not parsed again.
      const parsed = (exchange.memo.query ??= parse(exchange, query));
      exchange.query = parsed.query;
      exchange.queryKey = parsed.key;
    }
    if (!body) return undefined;
    return readBody(exchange, maxBytes).then((bytes) => {
      exchange.rawBody = bytes;
      exchange.body = parseJson(exchange, bytes);
      if (!body(exchange.body)) throw new Problem('invalid-body', { errors: describe(body.errors) });
      return undefined;
    });
  };
}

type Schemas = { readonly query?: ValidateFunction; readonly body?: ValidateFunction };

function compileSchemas(routes: ValidateOptions['routes']): ReadonlyMap<string, Schemas> {
  const ajv = new Ajv({ allErrors: true, strict: true });
  return new Map(
    Object.entries(routes).map(([id, { query, body }]) => {
      try {
        return [id, { ...(query && { query: ajv.compile(query) }), ...(body && { body: ajv.compile(body) }) }];
      } catch (cause) {
        throw new Error(`The schema of the route '${id}' is wrong: ${(cause as Error).message}`, { cause });
      }
    }),
  );
}

function parse({ search }: Exchange, fits: ValidateFunction): ParsedQuery {
  const query = parseQuery(search);
  if (!fits(query)) throw new Problem('invalid-query', { errors: describe(fits.errors) });
  return { query, key: JSON.stringify(query) };
}

/** Parameters in the order of their names, so that equal queries have one key. */
function parseQuery(search: string): Readonly<Record<string, string>> {
  const pairs = [...new URLSearchParams(search)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const twice = pairs.find(([name], index) => pairs[index - 1]?.[0] === name);
  if (twice) throw new Problem('invalid-query', { errors: [{ field: twice[0], message: 'is given twice' }] });
  return Object.fromEntries(pairs);
}

/** The whole body. By listening: to iterate over it takes longer than all else that is done here with a small one. */
function readBody({ request }: Exchange, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (): void => {
      request.off('data', take).pause();
      const detail = `The body may have ${maxBytes} bytes.`;
      reject(new Problem('body-too-large', { detail, headers: ['connection', 'close'] }));
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) refuse();
    };
    const breakOff = (): void => reject(new Error('the client left before it had sent its body'));
    const finish = (): void => {
      // A stream that is answered for an hour need not remember how it was asked for.
      request.off('data', take).off('error', reject).off('close', breakOff);
      resolve(Buffer.concat(chunks, size));
    };
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse();
    else if (request.destroyed) breakOff();
    else request.on('data', take).on('error', reject).on('close', breakOff).once('end', finish);
  });
}

function parseJson({ request }: Exchange, bytes: Buffer): unknown {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new Problem('unsupported-media-type', { detail: `The content type is '${type.slice(0, 100)}'.` });
  }
  // Else whatever is no letter would be replaced, and the body be another than was sent.
  if (!isUtf8(bytes)) throw new Problem('malformed-json', { detail: 'The body is not UTF-8.' });
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (cause) {
    throw new Problem('malformed-json', { detail: (cause as Error).message, cause });
  }
}

function describe(errors: readonly ErrorObject[] | null | undefined): { field: string; message: string }[] {
  return (errors ?? []).slice(0, LISTED_ERRORS).map(({ instancePath, message, params }) => {
    const extra = params as { additionalProperty?: string; allowedValues?: unknown[] };
    const named = extra.additionalProperty === undefined ? '' : `: '${extra.additionalProperty}'`;
    const allowed = extra.allowedValues === undefined ? '' : `: ${extra.allowedValues.join(', ')}`;
    return {
      field: instancePath === '' ? '/' : instancePath,
      message: `${message ?? 'is not valid'}${named}${allowed}`,
    };
  });
}
