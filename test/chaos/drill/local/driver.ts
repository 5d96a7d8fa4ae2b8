import { experimentWith, startStand } from './drill.ts';

/** A drill that begins a fault and is then killed: its arguments are the folder of the record and what is frozen. */
const [, , state = '', program = 'postgres'] = process.argv;
const stand = await startStand(state, (line) => process.stderr.write(`${line}\n`));
await stand.inject(
  experimentWith({ kind: 'freeze', program: program === 'gateway' ? 'gateway' : 'postgres' }),
  600_000,
);
process.stdout.write('broken\n');
