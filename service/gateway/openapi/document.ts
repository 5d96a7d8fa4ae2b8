import { describeLimit, toSeconds, type Route, type Service } from '../../definition/index.ts';
import { PROBLEMS } from '../problem-table.ts';

type Json = Readonly<Record<string, unknown>>;

/** A description in the form of OpenAPI 3.1, as far as it is made here. */
export type OpenapiDocument = {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  /** Operations by path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenapiOperation>>>>;
  readonly components: Json;
};

/** One route. */
export type OpenapiOperation = {
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly OpenapiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: Json };
  readonly security: readonly Json[];
  readonly responses: Json;
};

/** A parameter of a path or query. */
export type OpenapiParameter = {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: unknown;
};

/** What a route that has limits may answer beside its own. */
const LIMITED = [429, 503] as const;

/**
 * The service's interface as OpenAPI 3.1, whose schemas are those that requests are held against: what is described and
 * what is checked cannot differ.
 */
export function openapiOf({ name, version, routes }: Pick<Service, 'name' | 'routes' | 'version'>): OpenapiDocument {
  const paths: Record<string, Record<string, OpenapiOperation>> = {};
  for (const [id, route] of Object.entries(routes))
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(id, route);
  return {
    openapi: '3.1.0',
    info: { title: name, version },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key or the token of a session.' },
      },
      schemas: { Problem: PROBLEM, OpenaiError: OPENAI_ERROR },
      responses: {
        Problem: answer('application/problem+json', 'Problem'),
        OpenaiError: answer('application/json', 'OpenaiError'),
      },
    },
  };
}

function operation(id: string, route: Route): OpenapiOperation {
  const { path, query, body, auth, limit, limited, streams, timeout, errors, upstream } = route;
  const refused = errors === 'openai' ? 'OpenaiError' : 'Problem';
  const statuses = [
    ...(query ? [400] : []),
    ...(body ? [400, 413, errors === 'openai' ? 400 : 422] : []),
    ...(auth === 'required' ? [401] : []),
    ...(limited ? LIMITED : []),
    ...(upstream ? [502, 504] : []),
  ];
  const bound = limit === undefined ? '' : ` Limit of a caller: ${describeLimit(limit)}.`;
  const media = { 'application/json': {}, ...(streams && { 'text/event-stream': {} }) };
  return {
    operationId: id,
    description: `Answers within ${toSeconds(timeout)} s.${bound}`,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    security: auth === 'required' ? [{ bearer: [] }] : [{}, { bearer: [] }],
    responses: {
      '2XX': { description: 'The answer.', content: media },
      ...Object.fromEntries(
        [...new Set(statuses)].sort().map((status) => [String(status), { $ref: `#/components/responses/${refused}` }]),
      ),
    },
  };
}

function pathParameters(path: string): readonly OpenapiParameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: Route['query']): readonly OpenapiParameter[] {
  const { properties = {}, required = [] } = (query ?? {}) as { properties?: Json; required?: readonly string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function answer(type: string, schema: string): Json {
  return {
    description: 'Why there is no answer, and what to do.',
    content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

const text = { type: 'string' };

/** RFC 9457. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'retry', 'action'],
  properties: {
    type: { ...text, format: 'uri' },
    title: text,
    status: { type: 'integer' },
    code: { enum: Object.keys(PROBLEMS) },
    detail: text,
    errors: { type: 'array', items: { type: 'object', properties: { field: text, message: text } } },
    retry: { type: 'boolean' },
    action: text,
  },
};

const OPENAI_ERROR = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: { message: text, type: text, param: { type: ['string', 'null'] }, code: text },
    },
  },
};
