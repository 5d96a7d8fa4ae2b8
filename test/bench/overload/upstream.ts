import { createServer } from 'node:http';

const { PORT, SERVICE_MS = '40', SLOTS = '16', SLOWDOWN = '2' } = process.env;

/** Calls that are worked on at full pace. */
let slots = Number(SLOTS);
let working = 0;

/**
 * Takes SERVICE_MS for each call while at most `slots` are at work; beyond it each takes longer, by how often the slots
 * are taken to the power of SLOWDOWN: 1 shares what there is, more also loses time by contention. It works on although
 * nobody waits for the answer any more, as most servers do. `/slots/8` changes its capacity, for all that come after.
 */
createServer((request, response) => {
  const [, change] = /^\/slots\/(\d+)$/.exec(request.url ?? '') ?? [];
  if (change !== undefined) {
    slots = Number(change);
    response.end();
    return;
  }
  working += 1;
  const slower = Math.max(1, working / slots) ** Number(SLOWDOWN);
  setTimeout(
    () => {
      working -= 1;
      response.end('done');
    },
    Number(SERVICE_MS) * slower,
  );
}).listen(Number(PORT), '127.0.0.1');

process.once('SIGTERM', () => process.exit(0));
