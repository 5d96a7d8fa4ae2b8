import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { requirePulumi, type PulumiSource } from '../../infra/pulumi/pulumi-cli.ts';
import { standInForPulumi, type StandIn } from './stand-in/start.ts';

let pulumi: StandIn;
let path: string | undefined;
let progress: string[];

beforeEach(async () => {
  pulumi = await standInForPulumi();
  path = process.env.PATH;
  process.env.PATH = '/nowhere';
  progress = [];
});
afterEach(() => {
  process.env.PATH = path;
  pulumi.remove();
});

test('Pulumi on PATH is taken', async () => {
  process.env.PATH = `${pulumi.root}/bin:/bin:/usr/bin`;
  expect((await require()).command).toBe('pulumi');
});

test('without one on PATH it is the one that was fetched before', async () => {
  expect((await require({ root: pulumi.root })).command).toBe(`${pulumi.root}/bin/pulumi`);
});

test('without any, it is told how to get one', async () => {
  await expect(require()).rejects.toMatchObject({
    name: 'PulumiMissingError',
    message: expect.stringMatching(
      /^the program pulumi is needed and is not on PATH; add --install-cli .* or get it from/,
    ),
  });
});

test('--install-cli fetches it and goes on', async () => {
  const fetched: (string | undefined)[] = [];
  const source: PulumiSource = {
    get: (options) => PulumiCommand.get(options),
    install(options) {
      fetched.push(options?.root);
      return Promise.resolve(pulumi.command);
    },
  };
  const found = await require({ install: true, source });
  expect(found).toBe(pulumi.command);
  expect(fetched).toEqual(['/nowhere/fetched']);
  expect(progress).toEqual(['fetching Pulumi into /nowhere/fetched']);
});

test('a fetch that fails is told, with the other way', async () => {
  const source: PulumiSource = {
    get: (options) => PulumiCommand.get(options),
    install: () => Promise.reject(new Error('getaddrinfo ENOTFOUND get.pulumi.com\nat some place')),
  };
  await expect(require({ install: true, source })).rejects.toMatchObject({
    name: 'PulumiMissingError',
    message: expect.stringMatching(/could not be fetched .*\(getaddrinfo ENOTFOUND get\.pulumi\.com\); get it from/),
  });
});

function require(options: { root?: string; install?: boolean; source?: PulumiSource } = {}): Promise<PulumiCommand> {
  return requirePulumi({ root: '/nowhere/fetched', onProgress: (line) => progress.push(line), ...options });
}
