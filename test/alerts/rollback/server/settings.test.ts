import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardConfigOf, parseGuardConfig } from '../../../../alerts/rollback/config.ts';
import { readSettings } from '../../../../alerts/rollback/settings.ts';
import { definition, withValues } from '../../../../service/definition/index.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const guarded = withValues(definition.prod, ['release.guard.mode=act', 'release.guard.receiver=team']);

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-settings-'));
  file = join(folder, 'guard.json');
  writeFileSync(file, JSON.stringify(guardConfigOf(guarded)));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what the guard is told of a definition', () => {
  test('comes through a file as it is', () => {
    const config = guardConfigOf(guarded);

    expect(parseGuardConfig(JSON.parse(JSON.stringify(config)))).toEqual(JSON.parse(JSON.stringify(config)));
    expect(config).toMatchObject({
      namespace: 'sluice-prod',
      gateway: { port: 8080 },
      prometheusUrl: 'http://prometheus-operated.monitoring.svc:9090',
      freshFor: '10s',
      receiver: { url: 'http://alerts.internal:8080/sluice' },
    });
  });

  test('does not change with a release', () => {
    const next = withValues(guarded, ['version=9.9.9', `image.digest=sha256:${'a'.repeat(64)}`, 'gateway.workers=1']);
    const pinned = withValues(guarded, ['release.guard.image=ghcr.io/sluice/sluice:1.0.0']);

    expect(JSON.stringify(guardConfigOf(next))).toBe(JSON.stringify(guardConfigOf(guarded)));
    expect(JSON.stringify(guardConfigOf(pinned))).toBe(JSON.stringify(guardConfigOf(guarded)));
  });

  test('names the files of Secrets, never what they hold', () => {
    const { monitoring } = guarded;
    const webhook = { urlFrom: { secret: 'pager', key: 'url' }, token: { secret: 'pager', key: 'token' } };
    const receivers = { ...monitoring.receivers, team: { webhook } };

    expect(guardConfigOf({ ...guarded, monitoring: { ...monitoring, receivers } }).receiver).toEqual({
      urlFile: '/run/secrets/pager/url',
      tokenFile: '/run/secrets/pager/token',
    });
  });

  test('is refused with every wrong value', () => {
    const wrong = { ...guardConfigOf(guarded), name: 7, release: { ...guarded.release, window: 'soon' }, extra: true };

    expect(() => parseGuardConfig(wrong)).toThrow(
      /3 wrong values:\n {2}name: is 7, must be .*\n {2}release\.window: is "soon", must be .*\n {2}extra: is true, must be a known field$/,
    );
  });
});

describe('the environment of the guard', () => {
  const right = () => ({ GUARD_CONFIG: file, GUARD_TOKEN: KEY, PROBE_KEY: KEY, POD_NAME: 'guard-1' });

  test('is read, with secrets from files', () => {
    writeFileSync(join(folder, 'token'), `${KEY}x\n`);
    const { GUARD_TOKEN: _, ...others } = right();

    expect(readSettings({ ...others, GUARD_TOKEN_FILE: join(folder, 'token') })).toMatchObject({
      token: `${KEY}x`,
      probeKey: KEY,
      host: '0.0.0.0',
      port: 9465,
      logLevel: 'info',
      identity: 'guard-1',
      config: { namespace: 'sluice-prod' },
    });
  });

  test.each<[changes: Record<string, string | undefined>, problem: RegExp]>([
    [{ GUARD_TOKEN: undefined }, /GUARD_TOKEN: is missing; example: GUARD_TOKEN=/],
    [{ GUARD_TOKEN: 'hush-hush' }, /GUARD_TOKEN: must be at least 32 characters/],
    [{ GUARD_TOKEN: `${KEY} hush` }, /GUARD_TOKEN: must be .* without a space/],
    [{ PROBE_KEY: 'hush-hush' }, /PROBE_KEY: must be at least 32 characters/],
    [{ PROBE_KEY: '', PROBE_KEY_FILE: '/nowhere/key' }, /PROBE_KEY_FILE: ENOENT at \/nowhere\/key; example/],
    [{ PORT: '0' }, /PORT: must be a whole number from 1 to 65535; example: PORT=9465/],
    [{ PORT: '94650' }, /PORT: must be/],
    [{ PORT: 'http' }, /PORT: must be/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL: must be one of debug, info, warn, error/],
    [{ POD_NAME: 'Guard 1' }, /POD_NAME: must be the name of a pod; example: POD_NAME=guard-/],
    [{ GUARD_CONFIG: undefined }, /GUARD_CONFIG: is missing; example: GUARD_CONFIG=\/etc\/sluice\/guard\.json/],
    [
      { GUARD_CONFIG: '/nowhere/guard.json' },
      /GUARD_CONFIG: \/nowhere\/guard\.json holds no valid configuration: ENOENT/,
    ],
  ])('is refused with the variable, what is wrong with it and an example: %j', (changes, problem) => {
    const read = () => readSettings({ ...right(), ...changes });

    expect(read).toThrow(problem);
    expect(read).not.toThrow(/hush/);
  });

  test('is refused with all of its wrong variables at once', () => {
    expect(() => readSettings({})).toThrow(/4 wrong variables/);
  });

  test('is refused where nothing is to be guarded', () => {
    writeFileSync(file, JSON.stringify(guardConfigOf(withValues(definition.prod, ['release.guard.mode=off']))));

    expect(() => readSettings(right())).toThrow(/release\.guard\.mode is off: there is nothing to guard/);
  });
});
