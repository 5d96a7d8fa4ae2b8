import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { measureCachedHit } from './cached-hit.ts';
import { PROJECT } from './measure.ts';
import { measureStart, measureSynthesis } from './start.ts';

const ROUNDS = 5;
const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
};

process.stderr.write(`measuring on ${machine.cores} x ${machine.cpu}; about four minutes\n`);
const measures = [...measureSynthesis(ROUNDS), ...(await measureStart(ROUNDS)), ...(await measureCachedHit(ROUNDS))];
const shown = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));
for (const { name, value, unit, hold } of measures) {
  process.stdout.write(`${name.padEnd(60)} ${shown(value).padStart(8)} ${unit.padEnd(6)} ${hold ?? ''}\n`);
}
writeFileSync(
  `${PROJECT}test/bench/results/gateway.json`,
  `${JSON.stringify({ machine, rounds: ROUNDS, measures }, null, 2)}\n`,
);
