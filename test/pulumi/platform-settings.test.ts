import { beforeEach, describe, expect, test } from '@jest/globals';
import { Config, runtime } from '@pulumi/pulumi';
import { readPlatformSettings } from '../../infra/pulumi/platform/settings.ts';
import { definition } from '../../service/definition/index.ts';

const PROJECT = 'sluice-platform';
const SOLVER = { dns01: { cloudflare: { apiTokenSecretRef: { name: 'cloudflare', key: 'token' } } } };

beforeEach(() => runtime.setAllConfig({}, []));

describe('the settings of a platform', () => {
  test('are all environments, no part switched and the cluster of the environment where the stack says nothing', () => {
    expect(read({})).toEqual({
      request: {
        services: [definition.dev, definition.staging, definition.prod],
        parts: {},
        cluster: 'existing',
        issuer: undefined,
        grafana: false,
      },
      cluster: { file: undefined, stack: undefined, output: 'kubeconfig', context: undefined },
      grafanaPassword: undefined,
    });
  });

  test("ask Let's Encrypt for certificates where an issuer names no other authority", () => {
    expect(read({ issuer: { email: 'ops@example.com', solvers: [SOLVER] } }).request.issuer).toEqual({
      server: 'https://acme-v02.api.letsencrypt.org/directory',
      email: 'ops@example.com',
      solvers: [SOLVER],
    });
  });

  test('mean the context of kind, unless they name a cluster themselves', () => {
    expect(read({ cluster: 'kind' }).cluster.context).toBe('kind-sluice');
    expect(read({ cluster: 'kind', kubeconfigContext: 'kind-mine' }).cluster.context).toBe('kind-mine');
    expect(read({ cluster: 'kind', kubeconfigFile: 'laptop.yaml' }).cluster.context).toBeUndefined();
  });
});

describe('are refused with', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'an unknown part',
      { parts: { 'cert-manger': true } },
      "parts: 'cert-manger' is none of priority-classes, admission, quarantine",
    ],
    ['its nearest name', { parts: { 'cert-manger': true } }, "did you mean 'cert-manager'?"],
    [
      'a part neither on nor off',
      { parts: { monitoring: 'yes' } },
      'parts.monitoring: is "yes", must be true or false',
    ],
    ['parts that are a list', { parts: ['monitoring'] }, "pulumi config set --path 'parts.priority-classes' false"],
    ['an unknown environment', { environments: ['prd'] }, "environments: 'prd' is none of dev, staging, prod; did you"],
    ['no environment', { environments: [] }, 'environments: must name at least one of dev, staging, prod'],
    ['an unknown cluster', { cluster: 'kinder' }, "cluster: 'kinder' is none of existing, kind; did you mean 'kind'?"],
    ['an issuer without solver', { issuer: { solvers: [] } }, 'issuer.solvers: '],
    ['a solver by HTTP', { issuer: { solvers: [{ http01: {} }] } }, 'issuer.solvers.0.dns01: '],
    ['an unknown key of an issuer', { issuer: { solvers: [SOLVER], mail: 'a' } }, 'issuer: Unrecognized key: "mail"'],
  ])('%s', (_, config, message) => {
    expect(() => read(config)).toThrow(message);
  });

  test('everything that is wrong at once', () => {
    const wrong = { parts: { grafana: true }, environments: ['prd'], cluster: 'far', issuer: {} };
    expect(() => read(wrong)).toThrow(/environments: [^]*parts: [^]*cluster: [^]*issuer\.solvers: /);
  });
});

function read(config: Record<string, unknown>): ReturnType<typeof readPlatformSettings> {
  const text = Object.entries(config).map(([key, value]): [string, string] => [
    `${PROJECT}:${key}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  runtime.setAllConfig(Object.fromEntries(text), []);
  return readPlatformSettings(new Config(PROJECT));
}
