import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { definition } from '../../../service/definition/index.ts';
import { describeService, openapiOf } from '../../../service/gateway/openapi/index.ts';
import { exchangeFor } from '../../app/exchange.ts';

const service = definition.dev;
const document = openapiOf(service);

test('the description is one of OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(
    JSON.parse(JSON.stringify(document)) as Record<string, unknown>,
  );

  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('a description with a wrong field is none', async () => {
  const { valid } = await new Validator().validate({ ...document, paths: { '/a': { get: { responses: 'none' } } } });

  expect(valid).toBe(false);
});

test('every route is in it, with the schemas that requests are held against', () => {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(service.routes).sort());
  for (const [id, { method, path, body }] of Object.entries(service.routes)) {
    const operation = document.paths[path]?.[method.toLowerCase()];
    expect(operation?.operationId).toBe(id);
    expect(operation?.requestBody?.content).toEqual(
      body === undefined ? undefined : { 'application/json': { schema: body } },
    );
  }
});

test('routes of models refuse in the shape of their clients, the others as problems', () => {
  const refusalOf = (path: string, method: string, status: string): unknown =>
    document.paths[path]?.[method]?.responses[status];

  expect(refusalOf('/v1/chat/completions', 'post', '429')).toEqual({ $ref: '#/components/responses/OpenaiError' });
  expect(refusalOf('/v1/chat/completions', 'post', '422')).toBeUndefined();
  expect(refusalOf('/create-order', 'post', '422')).toEqual({ $ref: '#/components/responses/Problem' });
  expect(refusalOf('/create-order', 'post', '401')).toBeDefined();
});

test('the page names every route, needs nothing else, and lets no text of the definition act', async () => {
  const [route] = Object.values(service.routes);
  const name = '<script>alert(1)</script>';
  const { docs } = describeService({
    ...service,
    name,
    routes: { ...service.routes, odd: { ...route, path: '/<i>' } as typeof route & object },
  });
  const exchange = exchangeFor('docs', docs);
  const { body, headers } = await docs(exchange);
  exchange.stopDeadline();
  const page = body as string;

  for (const { path } of Object.values(service.routes)) expect(page).toContain(`</b> ${path}</h2>`);
  expect(page).not.toMatch(/<script|<i>|src=|https?:/);
  expect(headers).toContain('content-security-policy');
});

test('who has it already is told that it is the same', async () => {
  const { openapi } = describeService(service);
  const ask = async (init = {}) => {
    const exchange = exchangeFor('openapi', openapi, init);
    const reply = await openapi(exchange);
    exchange.stopDeadline();
    return reply;
  };
  const first = await ask();
  const etag = first.headers[first.headers.indexOf('etag') + 1] ?? '';

  expect(first.status).toBe(200);
  expect(JSON.parse(first.body as string)).toEqual(JSON.parse(JSON.stringify(document)));
  expect(await ask({ headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, body: null });
});
