import { describe, expect, test } from '@jest/globals';
import {
  defineService,
  definition,
  DefinitionError,
  parseService,
  withValues,
  type DefinitionInput,
} from '../../service/definition/index.ts';

/** The shipped definition as it would be written, with changes. */
function input(change: (input: Record<string, never>) => void = () => undefined): DefinitionInput {
  const { environment: _environment, ...shared } = structuredClone(definition.prod);
  const written = { ...shared, environments: { dev: {}, staging: {}, prod: {} } };
  change(written as unknown as Record<string, never>);
  return written;
}

function findingsOf(define: () => unknown): DefinitionError {
  try {
    define();
  } catch (error) {
    if (error instanceof DefinitionError) return error;
    throw error;
  }
  throw new Error('nothing was found');
}

describe('a definition', () => {
  test('is the shared values with each environment laid over them', () => {
    expect(definition.dev.gateway.workers).toBe(1);
    expect(definition.prod.gateway.workers).toBe(2);
    expect(definition.dev.gateway.keepAlive).toBe(definition.prod.gateway.keepAlive);
    expect(definition.staging.environment).toBe('staging');
  });

  test('is frozen at every depth', () => {
    expect(() => Object.assign(definition.prod.gateway.memory, { heap: '1Gi' })).toThrow(TypeError);
    expect(Object.isFrozen(definition.prod.routes.search)).toBe(true);
  });

  test('tells every wrong value at once, each with its path, its value and what would be right', () => {
    const { message, findings } = findingsOf(() =>
      defineService(
        input((written: Record<string, unknown>) => {
          Object.assign(written.gateway as object, { keepAlive: '65 seconds' });
          Object.assign(written.scaling as object, { max: 0 });
          Object.assign(written.rollout as object, { surg: 2 });
        }),
      ),
    );
    expect(findings).toHaveLength(3);
    expect(message).toBe(`The definition has 3 wrong values:
  gateway.keepAlive: is "65 seconds", must be a duration with its unit, such as '250ms', '30s' or '5m'
  scaling.max: is 0, must be a whole number of at least 1
  rollout.surg: is 2, must be a known field; did you mean 'surge'?`);
  });

  test('names the environment where only one is wrong', () => {
    const { message } = findingsOf(() =>
      defineService(
        input((written: Record<string, unknown>) => {
          written.environments = { dev: {}, staging: { namespace: 'Not A Label' }, prod: {} };
        }),
      ),
    );
    expect(message).toContain('namespace (staging): is "Not A Label"');
  });

  test.each([
    ['two routes on one path', 'routes.readLogs.path=/v1/search', 'routes.readLogs.path'],
    ['a cached route that is not read', 'routes.login.cacheFor=60s', 'routes.login.cacheFor'],
    ['a cached route of one caller', 'routes.readOrder.cacheFor=60s', 'routes.readOrder.cacheFor'],
    [
      'fewer connections than workers',
      'datastores.postgres.pools.background=1',
      'datastores.postgres.pools.background',
    ],
    ['one port for two servers', 'gateway.opsPort=8080', 'gateway.opsPort'],
    ['a minimum above the maximum', 'scaling.min=7', 'scaling.min'],
    ['a cluster of one pod', 'stores.redis.cluster=true', 'stores.redis.cluster'],
    [
      'a state that may evict what no Redis knows',
      'stores.redis.state.evictionPolicy=lru',
      'stores.redis.state.evictionPolicy',
    ],
    ['an origin with a path', 'upstream.origin=http://x/y', 'upstream.origin'],
    ['an origin with credentials', 'upstream.origin=http://a:b@x', 'upstream.origin'],
    ['a percentage without its sign', 'scaling.cpu=65', 'scaling.cpu'],
    ['a rate without its window', 'limits.address=100', 'limits.address'],
  ])('is refused with %s', (_name, setting, path) => {
    expect(findingsOf(() => withValues(definition.prod, [setting])).findings.map((finding) => finding.path)).toEqual([
      path,
    ]);
  });
});

describe('trying a value', () => {
  test('changes it and nothing else', () => {
    const tried = withValues(definition.dev, ['rollout.surge=3', 'limits.address=7/min', 'drills.enabled=true']);
    expect(tried.rollout.surge).toBe(3);
    expect(tried.limits.address.window).toBe('7/min');
    expect(tried.drills.enabled).toBe(true);
    expect({ ...tried, rollout: 0, limits: 0, drills: 0 }).toEqual({
      ...definition.dev,
      rollout: 0,
      limits: 0,
      drills: 0,
    });
  });

  test('can set an optional value that is absent', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(withValues(definition.prod, [`image.digest=${digest}`]).image.digest).toBe(digest);
  });

  test.each([
    ['a path that does not exist', 'rollout.surg=2', "did you mean 'surge'?"],
    ['a branch that does not exist', 'gateways.port=1', "did you mean 'gateway'?"],
    ['no equals sign', 'rollout.surge', 'path=value'],
    ['a path through a number', 'rollout.surge.more=1', 'rollout.surge is a value'],
    ['a path through a text', 'name.0=x', 'name is a value'],
    ['a path through a text by name', 'name.foo=x', 'name is a value'],
    ['an object in the way', '__proto__.polluted=1', 'a path of the definition'],
  ])('refuses %s', (_name, setting, words) => {
    expect(findingsOf(() => withValues(definition.prod, [setting])).message).toContain(words);
  });
});

describe('a definition that was written down', () => {
  test('is the same when it is read again', () => {
    expect(parseService(JSON.parse(JSON.stringify(definition.staging)))).toEqual(definition.staging);
  });

  test.each([[null], [{}], [{ environment: 'moon' }], [{ environment: 'dev' }]])(
    'is refused when it is %j',
    (written) => {
      expect(() => parseService(written)).toThrow(DefinitionError);
    },
  );
});

test('models are few, and none is called what all others are', () => {
  const model = { requests: '1/s', tokens: '1000/s', context: 1_000, inputPrice: 1, outputPrice: 2 };
  const written = (models: object) => () => parseService({ ...definition.prod, ai: { providers: { p: { models } } } });
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`model-${index}`, model]));
  expect(written(many)).toThrow('ai.providers (prod): is 51, must be at most 50 models');
  expect(written({ other: model })).toThrow("'other' are all the rest");
  expect(written({ 'vendor/model-1.5:free': model })).not.toThrow();
});

test.each<[what: string, ai: object, right: string]>([
  ['an alias of nobody', { aliases: { a: 'nothing' } }, 'a model that a provider answers: m'],
  ['an alias that is a model', { aliases: { m: 'm' } }, 'another name than that of a model'],
  ['an alias of an alias', { aliases: { a: 'm', b: 'a' } }, 'a model that a provider answers: m'],
  ['a step of a provider that has no such model', { steps: { m: ['q'] } }, 'providers that answer for m'],
  ['tokens of a tier that is not there', { tokens: { tiers: { gold: '1/s' } } }, 'a tier of limits.tiers: free, pro'],
  ['a budget of a tier that is not there', { budgets: { tiers: { gold: 5 } } }, 'a tier of limits.tiers: free, pro'],
  ['a queue in which one waits for minutes', { queue: { maxWait: '2m' } }, 'at most 60s'],
  ['a window that every embedding feels', { embeddings: { window: '1s' } }, 'at most 500ms'],
])('of models, %s is refused', (_what, ai, right) => {
  const m = { requests: '1/s', tokens: '1000/s', context: 1_000, inputPrice: 1, outputPrice: 2 };
  const providers = { p: { models: { m } }, q: { models: {} } };
  expect(() => parseService({ ...definition.prod, ai: { providers, ...ai } })).toThrow(right);
});

test.each([
  ['longer than the context', { answer: 2_000 }, 'at most its context, 1000'],
  ['longer than the limit of tokens', { answer: 900, tokens: '500/min' }, 'at most what tokens admits, 500'],
])('of a model, an answer that is %s is refused', (_what, more, right) => {
  const m = { requests: '1/s', tokens: '5000/s', context: 1_000, inputPrice: 1, outputPrice: 2, ...more };
  expect(() => parseService({ ...definition.prod, ai: { providers: { p: { models: { m } } } } })).toThrow(right);
});
