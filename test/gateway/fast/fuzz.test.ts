import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { get, PATHS, timeless, usePair, writers } from './pair.ts';
import { mutated, randomFrom, split } from './random-bytes.ts';

const pair = usePair();

const ROUNDS = 100;
const CASES_PER_ROUND = 25;
/** After the bytes in question; its answer tells that all before it are there. */
const END = get('/health', 'X-Request-Id: the-end', 'Connection: close');

/** Sends pieces in reads of their own, then a last request, and collects all that comes until the connection is closed. */
function converse(port: number, pieces: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    // Bytes that wait for more swallow the last request; the answers so far are then all.
    const timer = setTimeout(finish, 1_000);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('end', finish).on('error', finish).on('close', finish);
    socket.on('connect', () => {
      void (async () => {
        for (const piece of [...pieces, END]) {
          if (socket.destroyed) return;
          socket.write(piece, 'latin1');
          await new Promise((turn) => setTimeout(turn, 1));
        }
      })();
    });
  });
}

/** Answers, without what differs from gateway to gateway: what is left of limits, ids that they make up. */
function answersIn(text: string): string[] {
  return timeless(text)
    .replaceAll(/^ratelimit: .*\r$/gm, 'ratelimit: some\r')
    .replaceAll(/^x-request-id: id-\d+\r$/gm, 'x-request-id: made up\r')
    .split(/(?=HTTP\/1\.1 \d{3} )/);
}

/**
 * What two gateways must agree about. When node:http cannot read on, it says so at once and forgets the answers that
 * still stand in line: how many those are is a matter of time, and nothing that two runs of it would agree about.
 */
function comparable(one: string, other: string): readonly [string[], string[]] {
  const [first, second] = [answersIn(one), answersIn(other)];
  const isRefusal = (answer = ''): boolean => answer !== '' && !answer.includes('x-request-id: ');
  if (!isRefusal(first.at(-1)) || !isRefusal(second.at(-1))) return [first, second];
  const length = Math.min(first.length, second.length) - 1;
  return [
    [...first.slice(0, length), ...first.slice(-1)],
    [...second.slice(0, length), ...second.slice(-1)],
  ];
}

async function compare(pieces: readonly string[]): Promise<readonly [expected: string[], given: string[]]> {
  return comparable(await converse(pair.http.port, pieces), await converse(pair.fast.port, pieces));
}

async function agree(pieces: readonly string[]): Promise<boolean> {
  const [expected, given] = await compare(pieces);
  return JSON.stringify(expected) === JSON.stringify(given);
}

/** Which pieces arrive together is a matter of time too: alone on the machine, the two have to come to agree. */
async function requireAgreement(pieces: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 10; tries++) if (await agree(pieces)) return;
  const [expected, given] = await compare(pieces);
  expect({ pieces, answers: given }).toEqual({ pieces, answers: expected });
}

describe('random changes of requests, in random pieces', () => {
  test.each(Array.from({ length: ROUNDS / 10 }, (_, index) => index * 10))(
    'are answered alike by both listeners (seeds from %i on)',
    async (first) => {
      for (let seed = first; seed < first + 10; seed++) {
        const random = randomFrom(seed);
        const cases = Array.from({ length: CASES_PER_ROUND }, () => {
          const paths = PATHS.filter((path) => !path.includes('l'));
          const heads = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, id) => {
            const path = paths[Math.floor(random() * paths.length)];
            return get(path, 'User-Agent: test', `X-Request-Id: ${id}`, 'Accept: */*');
          });
          const place = Math.floor(random() * heads.length);
          heads[place] = mutated(heads[place] ?? '', random);
          const whole = random() < 0.5 ? [heads.join('')] : heads;
          return whole.flatMap((bytes) => (random() < 0.5 ? [bytes] : split(bytes, random)));
        });
        const different = await Promise.all(cases.map(async (pieces) => (await agree(pieces)) || pieces));
        for (const pieces of different) if (pieces !== true) await requireAgreement(pieces);
      }
    },
  );

  test('are of both kinds: some answered without node:http, some handed to it', () => {
    const by = writers(pair.fast);
    expect(by.filter((writer) => writer === 'fast').length).toBeGreaterThan(by.length / 10);
    expect(by.filter((writer) => writer === 'http').length).toBeGreaterThan(by.length / 10);
  });
});
