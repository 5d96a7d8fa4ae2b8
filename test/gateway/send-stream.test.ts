import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Relay } from '../../service/gateway/relay.ts';
import { sendStream, type StreamEnd } from '../../service/gateway/send-stream.ts';
import { eventually } from '../support/eventually.ts';

const closers: (() => unknown)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** Sends a body to a client over a real connection. */
async function sendTo(body: Relay | Readable, timeoutMs = 10_000) {
  const ends: StreamEnd[] = [];
  const server = createServer((_request, response: ServerResponse) => {
    response.writeHead(200);
    sendStream(response, body, timeoutMs, (end) => ends.push(end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const client = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
  client.on('error', () => undefined).end();
  const answer = new Promise<string>((resolve, reject) =>
    client.on('response', (response) => {
      text(response).then(resolve, reject);
    }),
  );
  answer.catch(() => undefined);
  return { answer, client, ends };
}

function createRelay() {
  const reasons: Error[] = [];
  const source = { pause: () => undefined, resume: () => undefined, abort: (reason: Error) => reasons.push(reason) };
  return { relay: new Relay(source), reasons };
}

const bodies: [kind: string, create: () => Relay | Readable][] = [
  ['a relay', () => createRelay().relay],
  ['a stream', () => new Readable({ read: () => undefined })],
];

describe.each(bodies)('%s', (_kind, create) => {
  test('that comes to its end is whole', async () => {
    const body = create();
    const { answer, ends } = await sendTo(body);
    body.push(Buffer.from('a'));
    body.push(Buffer.from('b'));
    if (body instanceof Relay) body.end();
    else body.push(null);
    expect(await answer).toBe('ab');
    expect(ends).toEqual([{ error: undefined, left: false }]);
  });

  test('that lasts longer than it may is cut off', async () => {
    const body = create();
    body.push(Buffer.from('a'));
    const { answer, ends } = await sendTo(body, 50);
    await expect(answer).rejects.toThrow();
    await eventually(() => expect(ends).toMatchObject([{ left: false, error: expect.anything() as unknown }]));
  });

  test('whose client leaves is ended', async () => {
    const body = create();
    body.push(Buffer.from('a'));
    const { client, ends } = await sendTo(body);
    await new Promise((resolve) => client.on('response', resolve));
    client.destroy();
    await eventually(() => expect(ends).toMatchObject([{ left: true }]));
  });
});

test('a relay that breaks off cuts the client off and says why', async () => {
  const { relay } = createRelay();
  relay.push(Buffer.from('a'));
  const { answer, ends } = await sendTo(relay);
  await eventually(() => expect(relay.waiting).toBe(0));
  relay.fail(new Error('broke'));
  await expect(answer).rejects.toThrow();
  expect(ends).toMatchObject([{ left: false, error: { message: 'broke' } }]);
});

test('the source of a relay is ended with it', async () => {
  const { relay, reasons } = createRelay();
  const { client } = await sendTo(relay);
  await new Promise((resolve) => client.on('response', resolve));
  client.destroy();
  await eventually(() => expect(reasons).toHaveLength(1));
});
