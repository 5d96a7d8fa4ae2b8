import { describe, expect, test } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasStack, inFolder, sluice } from './sluice.ts';

const KUBECONFIG_OF_NOBODY = {
  'current-context': 'here',
  contexts: [{ name: 'here', context: { cluster: 'here', user: 'ada' } }],
  clusters: [{ name: 'here', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'ada', user: {} }],
};

describe('wrong usage is told in one message, with exit code 2 and nothing done', () => {
  test.each<[args: readonly string[], messages: readonly string[]]>([
    [['chek'], ["unknown command 'chek'", 'Did you mean check?', "see 'sluice --help'"]],
    [
      ['check', '--jsn'],
      ["unknown option '--jsn'", 'Did you mean --json?', "see 'sluice check --help'"],
    ],
    [
      ['check', 'prod'],
      ['too many arguments', "see 'sluice check --help'"],
    ],
    [
      ['check', '--env', 'prd'],
      ["argument 'prd' is invalid", 'Allowed choices are dev, staging, prod.'],
    ],
    [['check', '--env', 'prod', '--all'], ["'--env <environment>' cannot be used with option '--all'"]],
    [
      ['check', '--explain', 'pool-budgt'],
      ["there is no invariant 'pool-budgt'", "did you mean 'pool-budget'?"],
    ],
    [['check', '--explain', 'x'], ["there is no invariant 'x'; known are pool-budget, "]],
    [['diff', '--env', 'dev'], ["required option '--against <other>' not specified"]],
    [['diff', '--env', 'dev', '--against', 'prd'], ['Allowed choices are dev, staging, prod, cluster.']],
    [['refresh'], ["required option '--env <environment>' not specified"]],
    [['check', '--set'], ["option '--set <path=value...>' argument missing"]],
    [
      ['check', '--set', 'scaling.mx=3'],
      ['--set does not fit the definition', 'scaling.mx: is "3"', "did you mean 'max'?"],
    ],
    [['check', '--set', 'scaling.max'], ['scaling.max: is missing, must be path=value, such as rollout.surge=2']],
    [
      ['check', '--set', 'scaling.max=many', '--env', 'prod'],
      ['scaling.max (prod): is "many", must be a whole number of at least 1'],
    ],
    [['check', '--set', 'scaling.min=7'], ['scaling.min (dev): is 7, must be at most scaling.max, 6']],
    [
      ['check', '--set', 'gateway.drainDelay=5', 'rollout.srge=1'],
      ['rollout.srge: is "1", must be a path of the definition'],
    ],
    [['synth', '--set', 'nothing=1'], ['nothing: is "1", must be a path of the definition']],
    [['synth', '--env', 'nowhere'], ["argument 'nowhere' is invalid"]],
    [['synth', '--out'], ["option '--out <folder>' argument missing"]],
    [['synth', '--force'], ["unknown option '--force'"]],
    [['up'], ["required option '--env <environment>' not specified"]],
    [['up', '--env', 'dev'], ['there is no terminal to ask on; say --yes']],
    [['destroy', '--env', 'dev'], ['there is no terminal to ask on; say --yes']],
    [['refresh', '--env', 'dev'], ['there is no terminal to ask on; say --yes']],
    [
      ['up', '--env', 'dev', '--yes', '--set', 'scaling.mx=3'],
      ['--set does not fit the definition', "did you mean 'max'?"],
    ],
    [
      ['release', 'stats'],
      ["unknown command 'stats'", 'Did you mean status?', "see 'sluice release --help'"],
    ],
    [['release', 'history'], ["required option '--env <environment>' not specified"]],
    [['release', 'rollback', '--env', 'dev'], ["required option '--reason <text>' not specified"]],
    [['release', 'rollback', '--env', 'dev', '--reason', 'x'], ['there is no terminal to ask on; say --yes']],
    [
      ['release', 'rollback', '--env', 'dev', '--reason', 'x', '--to', '../x'],
      ["argument '../x' is invalid", 'a pod-template-hash'],
    ],
    [['release', 'quarantine', 'x', '--env', 'dev'], ['say why, by --reason']],
    [['release', 'allow', '--env', 'dev', '--reason', 'x'], ["missing required argument 'release'"]],
    [['release', 'allow', 'x', '--env', 'dev', '--reason', 'a\u001bb'], ['1 to 300 characters, no control characters']],
    [['release', 'freeze', '--env', 'dev', '--reason', 'x'], ['say --for 2h, or --until TIME']],
    [
      ['release', 'freeze', '--env', 'dev', '--reason', 'x', '--for', '2'],
      ["argument '2' is invalid", 'a duration with its unit, such as 2h, of at most 30d'],
    ],
    [
      ['release', 'freeze', '--env', 'dev', '--reason', 'x', '--until', '2020-01-01T00:00Z'],
      ["argument '2020-01-01T00:00Z' is invalid", 'a time to come with its zone'],
    ],
    [
      ['release', 'freeze', '--env', 'dev', '--reason', 'x', '--for', '2h', '--until', '2099-01-01T00:00Z'],
      ["argument '2099-01-01T00:00Z' is invalid", 'within 30 days'],
    ],
    [['secrets'], ["required option '--env <environment>' not specified"]],
    [['secrets', '--env', 'production'], ["argument 'production' is invalid"]],
    [
      ['serve', '--prot', '1'],
      ["unknown option '--prot'", 'Did you mean --port?'],
    ],
    [
      ['serve', '--port', 'http'],
      ["'--port <number>' argument 'http' is invalid", 'a port from 1 to 65535'],
    ],
  ])('sluice %j', (args, messages) => {
    inFolder((cwd) => {
      const run = sluice(args, { cwd });
      for (const message of messages) expect(run.stderr).toContain(message);
      expect(run.stderr).toMatch(/^error: /);
      expect(run.stdout).toBe('');
      expect(run.code).toBe(2);
      expect(hasStack(run)).toBe(false);
      expect(readdirSync(cwd)).toEqual([]);
    });
  });

  test('sluice without a command prints its help on stderr', () => {
    const run = sluice([]);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('Usage: sluice');
  });
});

test.each([
  ['check'],
  ['diff'],
  ['preview'],
  ['up'],
  ['refresh'],
  ['destroy'],
  ['synth'],
  ['release'],
  ['secrets'],
  ['serve'],
])('sluice %s --help has an example', (command) => {
  const run = sluice([command, '--help']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(new RegExp(`Examples?:\n  \\$ sluice ${command}`));
});

const RELEASE_COMMANDS = ['status', 'history', 'explain', 'rollback', 'quarantine', 'allow', 'freeze', 'unfreeze'];

test.each(RELEASE_COMMANDS)('sluice release %s --help has an example', (command) => {
  const run = sluice(['release', command, '--help']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toMatch(new RegExp(`Examples?:\n  \\$ sluice release ${command}`));
});

test.each([
  [['status']],
  [['status', '--env', 'dev']],
  [['history', '--env', 'dev']],
  [['explain', '--env', 'dev']],
  [['quarantine', '--env', 'dev']],
  [['unfreeze', '--env', 'dev']],
  [['freeze', '--env', 'dev', '--for', '2h', '--reason', 'x']],
  [['allow', 'x', '--env', 'dev', '--reason', 'x']],
  [['rollback', '--env', 'dev', '--reason', 'x', '--yes']],
])('sluice release %j without a cluster says so, with exit code 69', (args) => {
  inFolder((HOME) => {
    const none = sluice(['release', ...args], { env: { HOME } });
    expect(none).toMatchObject({ code: 69, stdout: '' });
    expect(none.stderr).toMatch(/^error: no cluster: KUBECONFIG is not set, and .* does not exist; set KUBECONFIG to /);
  });
});

test('sluice release status of a cluster that does not answer says so, with exit code 69', () => {
  inFolder((HOME) => {
    const KUBECONFIG = join(HOME, 'config');
    writeFileSync(KUBECONFIG, JSON.stringify(KUBECONFIG_OF_NOBODY));
    const run = sluice(['release', 'status'], { env: { HOME, KUBECONFIG } });
    expect(run).toMatchObject({ code: 69, stdout: '' });
    expect(run.stderr).toMatch(/^error: the API server https:\/\/127\.0\.0\.1:1 does not answer/);
    expect(hasStack(run)).toBe(false);
  });
});

test('sluice release --json without a cluster prints one document', () => {
  inFolder((HOME) => {
    const run = sluice(['release', 'status', '--env', 'dev', '--json'], { env: { HOME } });
    expect(run.code).toBe(69);
    expect(JSON.parse(run.stdout)).toMatchObject({
      env: 'dev',
      outcome: 'failed',
      message: expect.stringContaining('no cluster'),
    });
  });
});

test.each([['preview'], ['up', '--yes'], ['refresh', '--yes'], ['destroy', '--yes']])(
  'sluice %s without Pulumi tells how to get it, with exit code 69',
  (...command) => {
    inFolder((folder) => {
      const KUBECONFIG = join(folder, 'config');
      writeFileSync(KUBECONFIG, JSON.stringify(KUBECONFIG_OF_NOBODY));
      const run = sluice([...command, '--env', 'dev'], { env: { HOME: folder, PATH: folder, KUBECONFIG } });
      expect(run).toMatchObject({ code: 69, stdout: '' });
      expect(run.stderr).toMatch(
        /^error: the program pulumi is needed and is not on PATH; add --install-cli to fetch it/,
      );
    });
  },
);

test('sluice --version prints the version of the service', () => {
  expect(sluice(['--version'])).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
});
