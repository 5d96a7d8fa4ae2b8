import { cpus } from 'node:os';
import { findFreePort } from '../../service/store/free-port.ts';
import { startFile, type Contestant } from './contestants/contestant.ts';
import { startGateway } from './contestants/gateway.ts';
import { startPeer } from './contestants/peers.ts';
import { CLOSED_LOOP_PROGRAMS, cpuPerRequest, load, requestsPerSecond } from './load/closed-loop.ts';
import { canMeasure, median, type Measure } from './measure.ts';
import { race, ratio } from './race.ts';

/** What metrics cost, and what a second worker brings. */
export async function measureProcesses(rounds: number): Promise<readonly Measure[]> {
  if (!canMeasure('metrics and workers', CLOSED_LOOP_PROGRAMS)) return [];
  const cost = await race(
    rounds,
    {
      on: () => startPeer('pipeline', { METRICS: 'on' }),
      off: () => startPeer('pipeline', { METRICS: 'off' }),
    },
    cpuPerRequest,
  );
  const both = '0,1';
  const values = ['limits.mode=lease'];
  const one = () => startGateway({ cores: both, values });
  const two = () => startGateway({ cores: both, values, variables: { WORKERS: '2' } });
  const rates = await race(rounds, { one, two }, (contestant) => requestsPerSecond(contestant, both));
  const { busy } = await race(rounds, { busy: one }, (contestant) => busyShare(contestant, both));
  return [
    {
      name: 'metrics on vs off, processor time per hit',
      value: ratio(cost, 'on', 'off'),
      unit: 'ratio',
      hold: '≤ 1.05',
      aim: '≤ 1.02',
    },
    {
      name: 'two workers vs one, load from the same cores',
      value: ratio(rates, 'two', 'one'),
      unit: 'ratio',
      hold: '≥ 1.5',
      aim: '≥ 1.7',
    },
    {
      name: 'the most that is possible: all cores vs what one worker and its load use',
      value: 1 / median(busy),
      unit: 'ratio',
    },
    await measureScrape(rounds),
  ];
}

/** The share of the machine's processors that is in use under load, by the server, the generator and the system. */
async function busyShare({ url }: Contestant, cores: string): Promise<number> {
  const before = processorTimes();
  await load(url, BUSY_SECONDS, cores);
  const after = processorTimes();
  return (after.busy - before.busy) / (after.all - before.all);
}

function processorTimes(): { readonly busy: number; readonly all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const { idle, ...others } = times;
    const used = Object.values(others).reduce((sum, time) => sum + time, 0);
    busy += used;
    all += used + idle;
  }
  return { busy, all };
}

const BUSY_SECONDS = 4;
const SCRAPES = 20;

/** The longest time that a worker stood still while ten thousand histograms were scraped from its pod, over and over. */
async function measureScrape(rounds: number): Promise<Measure> {
  const stalls: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [port, opsPort] = [await findFreePort(), await findFreePort()];
    const variables = { PORT: String(port), OPS_PORT: String(opsPort) };
    const peer = await startFile('test/bench/peers/scraped.ts', `http://127.0.0.1:${port}/`, variables, '0,1');
    const read = async (): Promise<number> => Number(await (await fetch(`${new URL(peer.url).origin}/stall`)).text());
    try {
      await scrape(opsPort);
      await read();
      for (let count = 0; count < SCRAPES; count++) await scrape(opsPort);
      stalls.push(await read());
    } finally {
      await peer.stop();
    }
  }
  return {
    name: 'longest stall of a worker while 10,000 histograms are scraped',
    value: median(stalls),
    unit: 'ms',
    hold: '≤ 50',
    aim: '≤ 10',
  };
}

async function scrape(port: number): Promise<void> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const series = text.split('_count{').length - 1;
  if (series < 10_000) throw new Error(`only ${series} histograms were scraped`);
}
