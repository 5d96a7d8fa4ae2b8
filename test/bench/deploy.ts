import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { delimiter } from 'node:path';
import { buildImage, NODE_IMAGES, type Image } from '../cluster/images.ts';
import { kubectl, whyNoCluster } from '../cluster/kubectl.ts';
import { send } from '../cluster/load.ts';
import { standInForPulumi } from '../pulumi/stand-in/start.ts';
import { eventually } from '../support/eventually.ts';
import { median, PROJECT, type Measure } from './measure.ts';

const COMMIT = 'ddddddd';
// Each takes more than a minute.
const ROUNDS = 3;
const DEADLINE_MS = 120_000;

type Round = { readonly preview: number; readonly answer: number; readonly ready: number };

/**
 * `sluice preview` and `sluice up` of dev into an empty namespace, with the stand-in for Pulumi that the tests use and
 * an image that the node has; and how large that image is.
 */
export async function measureDeploy(): Promise<readonly Measure[]> {
  const missing = whyNoCluster();
  if (missing !== undefined) {
    process.stderr.write(`skipped: deploys and the size of the image: ${missing}\n`);
    return [];
  }
  const image = buildImage(COMMIT);
  const results: Round[] = [];
  let sizes: ImageSizes = { own: Number.NaN, whole: Number.NaN };
  for (let round = 0; round < ROUNDS; round++) {
    const namespace = `sluice-bench-${randomBytes(4).toString('hex')}`;
    try {
      results.push(await deploy(namespace, image));
      sizes = await imageSizes(namespace);
    } finally {
      await kubectl(namespace, ['delete', 'namespace', namespace, '--ignore-not-found', '--wait=true']);
    }
  }
  const value = (pick: (round: Round) => number): number => median(results.map(pick));
  return [
    { name: 'preview of an empty cluster, by the engine of the tests', value: value((r) => r.preview), unit: 's' },
    { name: 'from up on an empty cluster to the first answer', value: value((r) => r.answer), unit: 's' },
    { name: 'from up on an empty cluster to all Ready, with the bake time', value: value((r) => r.ready), unit: 's' },
    { name: 'image beyond its base, uncompressed', value: sizes.own, unit: 'MiB', hold: '≤ 250' },
    { name: 'image with its base, uncompressed', value: sizes.whole, unit: 'MiB' },
  ];
}

async function deploy(namespace: string, { repository, digest }: Image): Promise<Round> {
  const pulumi = await standInForPulumi({ onCluster: true });
  pulumi.init('dev');
  const values = [...NODE_IMAGES, `namespace=${namespace}`, `image.repository=${repository}`, `image.digest=${digest}`];
  const settings = ['--env', 'dev', '--set', ...values];
  try {
    const previewAt = performance.now();
    await sluice(pulumi.root, ['preview', ...settings]);
    const upAt = performance.now();
    const [answeredAt] = await Promise.all([firstAnswer(namespace), sluice(pulumi.root, ['up', '--yes', ...settings])]);
    const seconds = (from: number, to: number): number => (to - from) / 1000;
    return {
      preview: seconds(previewAt, upAt),
      answer: seconds(upAt, answeredAt),
      ready: seconds(upAt, performance.now()),
    };
  } finally {
    pulumi.remove();
  }
}

/** Runs the command line in a process of its own, with a `pulumi` of that folder. Rejects with what it said. */
function sluice(pulumi: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, PATH: `${pulumi}/bin${delimiter}${process.env.PATH ?? ''}` };
  const child = spawn(process.execPath, ['infra/cli/sluice.js', ...args], {
    cwd: PROJECT,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`sluice ${args.join(' ')}: ${said}`));
    });
  });
}

/** When a search was answered for the first time. */
async function firstAnswer(namespace: string): Promise<number> {
  const path = '--output=jsonpath={.spec.clusterIP}:{.spec.ports[0].port}';
  const address = await eventually(() => kubectl(namespace, ['get', 'service', 'gateway', path]), DEADLINE_MS, 250);
  await eventually(
    async () => {
      const { status } = await send(`http://${address}/v1/search?q=rate+limit`);
      if (status !== 200) throw new Error(`the search is answered with ${status}`);
    },
    DEADLINE_MS,
    100,
  );
  return performance.now();
}

type ImageSizes = { readonly own: number; readonly whole: number };

/** What the image's own layers hold is all below /app. */
async function imageSizes(namespace: string): Promise<ImageSizes> {
  const command = 'du -sk /app; du -skx / 2>/dev/null; true';
  const output = await kubectl(namespace, ['exec', 'deployment/gateway', '--', 'sh', '-c', command]);
  const [own = '', whole = ''] = output.split('\n').map((line) => line.split('\t')[0]);
  return { own: Number(own) / 1024, whole: Number(whole) / 1024 };
}
