import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createTeller, type Message, type TellerOptions } from '../../../../alerts/rollback/tell.ts';
import { parseNotification } from '../../../../alerts/rollback/webhook/notification.ts';

const MESSAGE: Message = {
  name: 'ReleaseDecision',
  severity: 'page',
  labels: { outcome: 'failed', pod_template_hash: '7d9f8b6c5d' },
  status: 'firing',
  summary: 'The guard has decided on a release',
  description: 'Release abc is failed: its pods never got Ready',
  startsAt: Date.parse('2026-03-01T12:00:00Z'),
};

type Got = { readonly headers: IncomingMessage['headers']; readonly body: string; readonly path: string };

let server: Server;
let origin: string;
let folder: string;
let statuses: number[];
let got: Got[];
let failures: Error[];
let waited: number[];

beforeEach(async () => {
  [statuses, got, failures, waited] = [[], [], [], []];
  folder = mkdtempSync(join(tmpdir(), 'sluice-tell-'));
  server = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ headers: request.headers, body, path: request.url ?? '' });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

describe('the receiver', () => {
  test('is told as Alertmanager would tell it', async () => {
    await teller({ url: `${origin}/hook` })(MESSAGE);
    const [message] = got;
    const body = JSON.parse(message?.body ?? '') as { readonly alerts: readonly object[] };

    expect(message?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(message?.headers.authorization).toBeUndefined();
    expect(body).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'guard',
      commonLabels: { severity: 'page' },
    });
    expect(body.alerts).toEqual([
      expect.objectContaining({
        labels: {
          alertname: 'ReleaseDecision',
          service: 'shop',
          namespace: 'shop-prod',
          severity: 'page',
          outcome: 'failed',
          pod_template_hash: '7d9f8b6c5d',
        },
        annotations: { summary: MESSAGE.summary, description: MESSAGE.description },
        startsAt: '2026-03-01T12:00:00.000Z',
      }),
    ]);
    // By what takes Alertmanager's own.
    expect(parseNotification(message?.body ?? '').alerts[0]?.status).toBe('firing');
    expect(failures).toEqual([]);
  });

  test('has the same fingerprint for what begins and what ends', async () => {
    const tell = teller({ url: origin });
    await tell(MESSAGE);
    await tell({ ...MESSAGE, status: 'resolved' });
    const [first, second] = got.map(({ body }) => parseNotification(body).alerts[0]);

    expect(second?.fingerprint).toBe(first?.fingerprint);
    expect(second?.endsAt).toBe(Date.parse('2026-03-01T12:05:00Z'));
  });

  test('is found by the files of its Secrets as they are now', async () => {
    const [urlFile, tokenFile] = [join(folder, 'url'), join(folder, 'token')];
    const tell = teller({ urlFile, tokenFile });
    writeFileSync(urlFile, `${origin}/one\n`);
    writeFileSync(tokenFile, 'first-token\n');
    await tell(MESSAGE);
    writeFileSync(tokenFile, 'second-token');
    await tell(MESSAGE);

    expect(got.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/one', 'Bearer first-token'],
      ['/one', 'Bearer second-token'],
    ]);
  });

  test('is told again when it fails, three times in all, and then it is given up', async () => {
    statuses = [500, 404, 200];
    expect(await teller({ url: origin })(MESSAGE)).toBe(true);
    expect([got.length, failures]).toEqual([3, []]);
    statuses = [500, 500, 503, 200];
    expect(await teller({ url: origin })(MESSAGE)).toBe(false);

    expect(got).toHaveLength(6);
    expect(failures.map(({ message }) => message)).toEqual(['the receiver answered with status 503']);
    expect(waited).toEqual([0, 1_000, 4_000, 0, 1_000, 4_000]);
  });

  test('that cannot be told holds nobody up, and its secret URL is not repeated', async () => {
    const urlFile = join(folder, 'url');
    writeFileSync(urlFile, 'http://127.0.0.1:1/secret-path');
    await teller({ urlFile })(MESSAGE);
    await teller({ urlFile: join(folder, 'gone') })(MESSAGE);
    writeFileSync(urlFile, 'not a url with secret-path');
    await teller({ urlFile })(MESSAGE);

    expect(failures).toHaveLength(3);
    expect(failures.map(({ message, stack }) => `${message} ${stack}`).join()).not.toContain('secret-path');
  });

  test('that nobody named is not told, which is no failure', async () => {
    const hasArrived = await teller(undefined)(MESSAGE);

    expect([hasArrived, got, failures]).toEqual([true, [], []]);
  });

  test('is not told of everything at once', async () => {
    const tell = teller({ url: origin });
    const arrived = await Promise.all(Array.from({ length: 10 }, () => tell(MESSAGE)));

    expect(arrived.filter((hasArrived) => !hasArrived)).toHaveLength(2);
    expect(got).toHaveLength(8);
    expect(failures.map(({ message }) => message)).toEqual(
      Array.from({ length: 2 }, () => '8 messages are under way, and ReleaseDecision is left out'),
    );
  });
});

function teller(receiver: TellerOptions['receiver']) {
  return createTeller({
    name: 'shop',
    namespace: 'shop-prod',
    receiver,
    onFailure: (error) => failures.push(error),
    now: () => Date.parse('2026-03-01T12:05:00Z'),
    wait: (milliseconds) => Promise.resolve(waited.push(milliseconds)),
  });
}
