import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

const LISTENER = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  // From here on nothing is accepted any more.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
`;

/** How many connections the kernel may complete although nobody accepts them. */
const BACKLOG = 8;

/** A port where connecting neither succeeds nor fails: its listener never accepts, and its backlog is full. */
export async function openBlackHole(): Promise<{ readonly url: string; close(): Promise<unknown> }> {
  const worker = new Worker(LISTENER, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const fillers = Array.from({ length: BACKLOG }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  // The backlog is full as soon as one of them waits while another has been let in.
  await new Promise((resolve) => fillers[0]?.once('connect', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      for (const filler of fillers) filler.destroy();
      return worker.terminate();
    },
  };
}
