import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BROKEN_BODIES, FRAMING_CASES } from '../../conformance/http-framing-cases.ts';
import { ask, startGateway, type TestGateway } from '../../support/gateway.ts';
import { sendRaw } from '../../support/raw.ts';
import { serviceWith, timeless, writers } from './pair.ts';

/** Gateways in which the path of the framing cases is a kept answer. */
const gateways: TestGateway[] = [];

beforeAll(async () => {
  for (const listener of ['http', 'fast'] as const) {
    const given = serviceWith(listener);
    const { health, login } = given.routes;
    if (!health || !login) throw new Error('The definition has no routes to begin with');
    const routes = {
      anything: { ...health, path: '/anything', cacheFor: '1h' as const },
      posted: { ...login, path: '/anything', auth: 'optional' as const },
    };
    const gateway = await startGateway({}, { service: { ...given, routes }, routes });
    await ask(gateway.port, 'GET', '/anything');
    gateway.outcomes.length = 0;
    gateways.push(gateway);
  }
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
});

describe('where the path is a kept answer, both listeners answer alike', () => {
  const named = [...FRAMING_CASES, ...BROKEN_BODIES].map(({ title, bytes }) => ({ title, bytes }));

  test.each(named)('$title', async ({ bytes }) => {
    const [http, fast] = await Promise.all(gateways.map(({ port }) => sendRaw(port, bytes)));
    expect(timeless(fast?.text ?? '')).toBe(timeless(http?.text ?? ''));
    expect(fast?.closed).toBe(http?.closed);
  });

  test('and the fast one some of them without node:http', () => {
    const [, fast] = gateways;
    expect(fast && writers(fast)).toEqual(expect.arrayContaining(['fast', 'http']));
  });
});
