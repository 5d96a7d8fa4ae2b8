import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClientAddress, createClientProtocol } from '../../service/gateway/client-address.ts';
import { seeded } from '../resilience/seeded.ts';

/** A request as far as it matters here: who is connected and what X-Forwarded-For says. */
function requestFrom(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('without trusted proxies', () => {
  const clientAddress = createClientAddress({ trustedProxies: [] });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    [undefined, ''],
  ])('the client is who is connected: %s', (remote, address) => {
    expect(clientAddress(requestFrom(remote, '198.51.100.7'))).toBe(address);
  });
});

describe('behind trusted proxies', () => {
  const clientAddress = createClientAddress({
    trustedProxies: ['10.0.0.0/8', '192.168.1.1', '2001:db8:ffff::/48', '::ffff:172.16.0.0/108'],
  });

  test.each<[what: string, remote: string | undefined, forwarded: string | undefined, address: string]>([
    ['who is connected, when it is no proxy', '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['the proxy, when it says nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['the proxy, when it says nothing more', '10.0.0.1', '', '10.0.0.1'],
    ['whom the proxy saw', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['whom the proxy saw, not what that one claims', '10.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['whom the outermost proxy saw', '10.0.0.1', '203.0.113.9, 198.51.100.7, 10.1.1.1,192.168.1.1', '198.51.100.7'],
    ['no trusted address that is claimed', '10.0.0.1', '10.2.2.2, 198.51.100.7', '198.51.100.7'],
    ['the leftmost, when all are proxies', '10.0.0.1', '10.3.3.3, 10.2.2.2', '10.3.3.3'],
    ['the last good one before what is no address', '10.0.0.1', '198.51.100.7, unknown, 10.2.2.2', '10.2.2.2'],
    ['the proxy, when the last entry is no address', '10.0.0.1', '198.51.100.7, nonsense', '10.0.0.1'],
    ['the proxy, when the list ends with a comma', '10.0.0.1', '198.51.100.7,', '10.0.0.1'],
    ['the last good one before an empty entry', '10.0.0.1', '198.51.100.7,,10.2.2.2', '10.2.2.2'],
    ['the first of a list that begins with a comma', '10.0.0.1', ',10.2.2.2', '10.2.2.2'],
    ['an address without its port', '10.0.0.1', '198.51.100.7:5123', '198.51.100.7'],
    ['an IPv6 address without brackets and port', '10.0.0.1', '[2001:DB8::0:7]:5123', '2001:db8::7'],
    ['an IPv6 address behind an IPv6 proxy', '2001:db8:ffff::1', '2001:db8::7', '2001:db8::7'],
    ['a client behind a proxy on a socket for both families', '::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['a client behind a block that is written as IPv6', '172.16.9.9', '198.51.100.7', '198.51.100.7'],
    ['a mapped address as IPv4', '10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
    ['a mapped proxy as a proxy', '10.0.0.1', '198.51.100.7, ::ffff:10.1.1.1', '198.51.100.7'],
    ['nobody, when the connection is gone', undefined, '198.51.100.7', ''],
    ['the proxy, when an entry is endless', '10.0.0.1', `198.51.100.7${' '.repeat(8_000)}`, '10.0.0.1'],
  ])('the client is %s', (_what, remote, forwarded, address) => {
    expect(clientAddress(requestFrom(remote, forwarded))).toBe(address);
    // Once more, now that the texts are known.
    expect(clientAddress(requestFrom(remote, forwarded))).toBe(address);
  });

  test('whatever a client puts to the left, its address stays', () => {
    const next = seeded(4);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
    const parts = ['10.0.0.9', '192.0.2.5', 'unknown', '', ' ', '::1', '[::1]:80', '2001:db8:ffff::2', ',', '"', '\t'];
    for (let round = 0; round < 2_000; round++) {
      const forged = Array.from({ length: Math.floor(next() * 6) }, () => pick(parts)).join(pick([',', ', ']));
      const hops = ['10.7.7.7', '192.168.1.1', '2001:db8:ffff::9']
        .slice(0, Math.floor(next() * 4))
        .map((hop) => `,${hop}`);
      const forwarded = `${forged},198.51.100.7${hops.join('')}`;
      expect([forwarded, clientAddress(requestFrom('10.0.0.1', forwarded))]).toEqual([forwarded, '198.51.100.7']);
    }
  });

  test('many different claims do not add up', () => {
    for (let claim = 0; claim < 30_000; claim++) {
      const address = `198.51.${claim >> 8}.${claim & 0xff}`;
      expect(clientAddress(requestFrom('10.0.0.1', address))).toBe(address);
    }
    expect(clientAddress(requestFrom('10.0.0.1', '198.51.0.0'))).toBe('198.51.0.0');
  });
});

test.each(['10.0.0.0/33', 'proxy.internal', '', '10.0.0.0/x', '10.0.0.0/', '::ffff:10.0.0.0/80'])(
  '%j is no proxy to trust',
  (entry) => {
    expect(() => createClientAddress({ trustedProxies: [entry] })).toThrow();
  },
);

describe('over a real connection', () => {
  const clientAddress = createClientAddress({ trustedProxies: ['127.0.0.1'] });
  const server = createServer({ joinDuplicateHeaders: true }, (request, response) => {
    response.end(clientAddress(request));
  });

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('several X-Forwarded-For lines count as one list, in their order', async () => {
    const { port } = server.address() as AddressInfo;
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { 'x-forwarded-for': ['203.0.113.9', '198.51.100.7'] };
      const request = send({ port, host: '127.0.0.1', headers, agent: false }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      });
      request.on('error', reject);
      request.end();
    });
    expect(answer).toBe('198.51.100.7');
  });
});

describe('the protocol of a client', () => {
  const ask = (remoteAddress: string, proto?: string, trustedProxies: readonly string[] = ['10.0.0.0/8']) =>
    createClientProtocol({ trustedProxies })({
      socket: { remoteAddress },
      headers: proto === undefined ? {} : { 'x-forwarded-proto': proto },
    } as unknown as IncomingMessage);

  test('is what the nearest trusted proxy says', () => {
    expect(ask('10.1.2.3', 'https')).toBe('https');
    expect(ask('::ffff:10.1.2.3', 'http, HTTPS')).toBe('https');
  });

  test.each([
    ['a stranger says so', '192.0.2.1', 'https'],
    ['nobody says anything', '10.1.2.3', undefined],
    ['the proxy says nonsense', '10.1.2.3', 'gopher'],
  ])('is that of the connection where %s', (_name, peer, proto) => {
    expect(ask(peer, proto)).toBe('http');
  });

  test('is that of the connection where no proxy is trusted', () => {
    expect(ask('10.1.2.3', 'https', [])).toBe('http');
  });
});
