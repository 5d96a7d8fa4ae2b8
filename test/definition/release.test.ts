import { describe, expect, test } from '@jest/globals';
import {
  definition,
  DefinitionError,
  parseService,
  prometheusUrl,
  withValues,
} from '../../service/definition/index.ts';

test.each([
  ['monitoring.evaluationInterval', '0s', 'a duration above zero'],
  ['monitoring.scrapeInterval', '0ms', 'a duration above zero'],
  ['release.window', '0m', 'a duration above zero'],
  ['release.probes', '0/s', 'a count per second, minute or hour'],
  ['release.restoreSurge', '0', 'a whole number of at least 1'],
  ['release.baseline', '-1', 'a whole number of at least 0'],
  ['load.perPod', '84', 'a count per second, minute or hour'],
])('%s=%s is refused, and told what would be right', (path, value, right) => {
  const attempt = (): unknown => withValues(definition.prod, [`${path}=${value}`]);
  expect(attempt).toThrow(DefinitionError);
  expect(attempt).toThrow(right);
});

test('a group may be told without waiting, and a release be judged without a baseline', () => {
  const changed = withValues(definition.prod, ['release.groupWait=0s', 'release.baseline=0']);
  expect(changed.release).toMatchObject({ groupWait: '0s', baseline: 0 });
});

const guardedBy = (values: readonly string[]) => withValues(definition.prod, ['release.guard.mode=act', ...values]);

test('a dry run has a last day, which is one of the calendar', () => {
  const dryRun = (until: string) => guardedBy(['release.guard.mode=dry-run', `release.guard.until=${until}`]);
  expect(dryRun('2027-02-28').release.guard).toMatchObject({ mode: 'dry-run', until: '2027-02-28' });
  expect(() => dryRun('2027-02-30')).toThrow('a day of the calendar');
});

test('the guard tells a receiver that has a webhook', () => {
  expect(guardedBy(['release.guard.receiver=team']).release.guard.receiver).toBe('team');
  const attempt = (): unknown => guardedBy(['monitoring.receivers.mail.email.to=a@b.c', 'release.guard.receiver=mail']);
  expect(attempt).toThrow(DefinitionError);
});

describe('probes ask for what anybody may ask', () => {
  const probing = (...probePaths: string[]): unknown =>
    parseService({ ...prod, release: { ...prod.release, probePaths, guard: { mode: 'act' } } });
  const { prod } = definition;

  test.each(['/health', '/v1/search?q=one&limit=5', '/v1/search?q={n}', '/status'])('%s', (path) => {
    expect(probing(path)).toMatchObject({ release: { probePaths: [path] } });
  });

  test.each([
    ['/v1/serach?q=one', 'a path that nobody declares'],
    ['/session', 'a route that needs a key'],
    ['/login', 'a route that answers POST'],
    ['/v1/search/?q=one', 'one segment more'],
    ['/v1/{n}', 'a number where a word is due'],
  ])('not for %s: %s', (path) => {
    expect(() => probing('/health', path)).toThrow(
      `release.probePaths (prod): is ${JSON.stringify(path)}, must be a path of a route that answers GET without a key: /v1/search`,
    );
  });

  test('with no variable but the number', () => {
    expect(() => probing('/v1/search?q={id}')).toThrow(
      /release\.probePaths\[?\.?0.*"\/v1\/search\?q=\{id\}", must be a path with its query, such as '\/v1\/search\?q=valve-\{n\}'/,
    );
  });

  test.each(Object.entries(definition))('of %s each time for something new, past the cache', (_, { release }) => {
    expect(release.probePaths).toEqual(release.probePaths.map(() => expect.stringContaining('{n}')));
    expect(release.probePaths).not.toEqual([]);
  });

  test('and where nothing is guarded, nobody probes', () => {
    const { guard } = prod.release;
    const values = { ...prod, release: { ...prod.release, probePaths: ['/other'], guard: { ...guard, mode: 'off' } } };
    expect(() => parseService(values)).not.toThrow();
  });
});

test.each([
  ['dev', [], 'http://prometheus:9090'],
  ['dev', ['monitoring.prometheusUrl=http://prometheus.elsewhere.svc:9090'], 'http://prometheus:9090'],
  ['prod', [], 'http://prometheus-operated.monitoring.svc:9090'],
  ['prod', ['monitoring.prometheusUrl=https://prometheus.example.com'], 'https://prometheus.example.com'],
] as const)('the guard of %s with %j asks %s', (environment, values, url) => {
  expect(prometheusUrl(withValues(definition[environment], values))).toBe(url);
});
