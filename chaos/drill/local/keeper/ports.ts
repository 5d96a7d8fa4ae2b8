import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to whoever connects: one of those can be taken while its program is down, and who
 * connects to it meanwhile may even be connected to himself.
 */
const FROM = 20_000;
const TO = 32_000;
const TRIES = 1_000;

/** Ports of the loopback address, each another, that nothing listens on now. Rejects when there are none. */
export async function findPorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; tries < TRIES && found.size < count; tries++) {
    const port = randomInt(FROM, TO);
    if (await isFree(port)) found.add(port);
  }
  if (found.size === count) return [...found];
  throw new Error(`There are no ${count} free ports from ${FROM} to ${TO}: end programs that listen there.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
