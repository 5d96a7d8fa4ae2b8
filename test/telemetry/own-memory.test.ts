import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownMemory } from '../../service/telemetry/own-memory.ts';
import { startProgram, type GatewayProgram } from '../support/program.ts';

const MEBIBYTE = 2 ** 20;
// What Node.js itself takes in every process; it is more.
const PROGRAM_MEBIBYTES = 30;

let gateway: GatewayProgram;
beforeAll(async () => {
  gateway = await startProgram({ variables: { WORKERS: '2' } });
}, 60_000);
afterAll(() => gateway.stop());

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('is what a process allocated, without the program', () => {
  const before = ownMemory();
  const held = Buffer.alloc(64 * MEBIBYTE, 1);
  const after = ownMemory();

  expect(held).toHaveLength(64 * MEBIBYTE);
  expect((after - before) / MEBIBYTE).toBeGreaterThan(50);
  expect(process.memoryUsage.rss() - after).toBeGreaterThan(PROGRAM_MEBIBYTES * MEBIBYTE);
});

onLinux('makes the memory of a pod the sum of what there is, and not of what each process sees', async () => {
  const told = (await gateway.metric('process_resident_memory_bytes')) / MEBIBYTE;
  const seen = gateway.memory();

  expect(told).toBeGreaterThan(seen / 3);
  expect(told).toBeLessThan(seen - 2 * PROGRAM_MEBIBYTES);
});
