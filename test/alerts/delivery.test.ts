import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { INHIBITIONS } from '../../alerts/inhibition.ts';
import { guardUrl, withValues, type Service } from '../../service/definition/index.ts';
import { eventually } from '../support/eventually.ts';
import { startAlertmanager, type Alertmanager } from './alertmanager.ts';
import { watchedBy } from './notified.ts';
import { startHttpSink, startMailSink, type HttpSink, type MailSink, type Posted } from './stand-ins.ts';
import { testWith } from './tools.ts';

type Hours = { readonly activeDuring?: string; readonly mutedDuring?: string };

const WEEK = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const EVERY_DAY = 'sunday:saturday';
// Neither today nor a neighbour of it, so that a midnight does not matter.
const ANOTHER_DAY = WEEK[(new Date().getUTCDay() + 3) % 7] ?? 'sunday';
const AT_ONCE = { groupWait: '0s', groupInterval: '1s', repeatInterval: '1h' };

let http: HttpSink;
let smtp: MailSink;
let running: Alertmanager | undefined;

beforeEach(async () => {
  http = await startHttpSink();
  smtp = await startMailSink();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await http.close();
  await smtp.close();
});

describe('a real Alertmanager with the routes of a definition', () => {
  testWith('amtool', 'tells a webhook, a chat, a mailbox and PagerDuty, with what only files know', async () => {
    running = await startAlertmanager(everyWay(), {
      'pager/token': 'sesame-token',
      'pager/routing-key': 'sesame-routing-key',
      'chat/url': `${http.origin}/chat`,
      'mail/password': 'sesame-password',
    });
    await running.tell({
      labels: { alertname: 'StoreFailing', severity: 'page', team: 'service', namespace: 'orders' },
      annotations: {
        summary: 'Calls of a store keep failing',
        description: '4.20 calls of redis a second fail',
        runbook_url: 'https://runbooks.example.com/storefailing',
      },
    });
    const [webhook, chat, pager] = await eventually(() => ['/pager', '/chat', '/pagerduty'].map(requirePosted));
    const mail = await eventually(() => smtp.mails[0] ?? missing('mail'));

    expect(webhook?.headers.authorization).toBe('Bearer sesame-token');
    expect(webhook?.body).toMatchObject({
      version: '4',
      status: 'firing',
      alerts: [{ labels: { alertname: 'StoreFailing' }, annotations: { summary: 'Calls of a store keep failing' } }],
    });
    expect(chat?.body).toMatchObject({
      channel: '#orders',
      attachments: [
        {
          title: '[FIRING:1] StoreFailing in orders',
          text: expect.stringMatching(/4\.20 calls of redis a second fail\n.*runbooks\.example\.com/) as unknown,
        },
      ],
    });
    expect(pager?.body).toMatchObject({
      routing_key: 'sesame-routing-key',
      event_action: 'trigger',
      payload: { summary: 'StoreFailing in orders: Calls of a store keep failing', severity: 'critical' },
    });
    expect(mail).toMatchObject({ to: ['orders@example.com'], credentials: 'sluice:sesame-password' });
    expect(mail.text).toContain('StoreFailing');
  });

  testWith('amtool', 'tells the guard alone of a release, and each release by itself', async () => {
    running = await startGuarded(withValues(toWebhook(), ['release.guard.mode=act']));
    const release = (hash: string) => ({
      labels: { alertname: 'ReleaseErrorsHigh', severity: 'release', namespace: 'orders', pod_template_hash: hash },
    });
    const told = performance.now();
    await running.tell(release('old'), release('new'));
    await eventually(() => expect(http.posted.length).toBeGreaterThanOrEqual(2));

    // `release.delivery` is a second.
    expect(performance.now() - told).toBeLessThan(1000);
    expect(new Set(http.posted.map(({ path }) => path))).toEqual(new Set(['/guard']));
    expect(new Set(http.posted.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer sesame-guard']));
    const hashes = http.posted.map(({ body }) => (body as { groupLabels: Record<string, string> }).groupLabels);
    expect(hashes.map(({ pod_template_hash }) => pod_template_hash).sort()).toEqual(['new', 'old']);
  });

  testWith('amtool', 'beats as often as promised for whoever waits for the Watchdog, and answers late', async () => {
    await http.close();
    http = await startHttpSink(200);
    running = await startAlertmanager(
      watchedBy('dev', {
        receivers: { team: { webhook: { url: `${http.origin}/beat` } } },
        notifications: { watchdog: { receiver: 'team', repeatInterval: '1s' } },
      }),
    );
    const heard = async (beats: number): Promise<number> => {
      await eventually(() => expect(http.posted.length).toBeGreaterThanOrEqual(beats));
      return performance.now();
    };
    await running.tell({ labels: { alertname: 'Watchdog', severity: 'none', namespace: 'orders' } });
    const first = await heard(1);
    const fourth = await heard(4);

    // Three intervals; if every second look were too early it would be six.
    expect(fourth - first).toBeLessThan(4500);
  });

  testWith(
    'amtool',
    'tells the guard of the Watchdog again and again, and whoever waits for it elsewhere too',
    async () => {
      running = await startGuarded(
        watchedBy(
          'dev',
          {
            receivers: { team: { webhook: { url: `${http.origin}/beat` } } },
            notifications: { watchdog: { receiver: 'team', repeatInterval: '1s' } },
          },
          'release.guard.mode=act',
          'release.guard.silence=2s',
        ),
      );
      const beats = () => http.posted.filter(({ path }) => path === '/guard');
      await running.tell({ labels: { alertname: 'Watchdog', severity: 'none', namespace: 'orders' } });
      await eventually(() => expect(beats()).toHaveLength(1));
      const first = performance.now();
      await eventually(() => expect(beats().length).toBeGreaterThanOrEqual(4));

      // Three times half of the silence, and not two of every three looks for nothing.
      expect(performance.now() - first).toBeLessThan(4500);
      expect(http.posted.map(({ path }) => path)).toContain('/beat');
      for (const { headers, body } of beats()) {
        expect(headers.authorization).toBe('Bearer sesame-guard');
        expect(body).toMatchObject({ status: 'firing', alerts: [{ labels: { alertname: 'Watchdog' } }] });
      }
    },
  );

  testWith('amtool', 'is silent about a symptom while its cause fires, and not where the cause does not', async () => {
    running = await startAlertmanager(toWebhook());
    const row = INHIBITIONS.find(({ target, equal }) => target.length === 1 && equal.length === 1);
    const cause = row?.source[0]?.value ?? missing('cause');
    const symptom = row?.target[0]?.value.split('|')[0] ?? missing('symptom');
    await running.tell(page(cause, 'orders'));
    await eventually(() => requireTold(cause, 'orders'));
    await running.tell(page(symptom, 'orders'), page(symptom, 'elsewhere'));
    await eventually(() => requireTold(symptom, 'elsewhere'));

    expect(await running.inhibited()).toEqual([`${symptom} in orders`]);
    expect(told()).not.toContain(`${symptom} in orders`);
  });

  for (const [title, hours] of [
    ['until its hours begin', { activeDuring: ANOTHER_DAY }],
    ['until hours of silence end', { mutedDuring: EVERY_DAY }],
  ] as const) {
    testWith('amtool', `keeps a ticket ${title}, and a page never`, () => keepsTickets(hours));
  }

  testWith('amtool', 'tells a ticket within its hours', async () => {
    running = await startAlertmanager(toWebhook({ activeDuring: EVERY_DAY, mutedDuring: ANOTHER_DAY }));
    await running.tell(ticket('AnyTicket', 'orders'));

    await eventually(() => requireTold('AnyTicket', 'orders'));
  });
});

async function keepsTickets(hours: Hours): Promise<void> {
  const alertmanager = await startAlertmanager(toWebhook(hours));
  running = alertmanager;
  await alertmanager.tell(ticket('AnyTicket', 'orders'), page('AnyPage', 'orders'));
  await eventually(() => requireTold('AnyPage', 'orders'));
  // A group is looked at again only after it was dealt with once.
  await eventually(() => expect(alertmanager.log().match(/msg=flushing alerts=\[AnyTicket/g)).toHaveProperty('1'));

  expect(told()).not.toContain('AnyTicket in orders');
}

/** One receiver that is told in every way, by servers of this machine. */
function everyWay(): Service {
  const service = watchedBy('dev', {
    receivers: {
      team: {
        webhook: { url: `${http.origin}/pager`, token: { secret: 'pager', key: 'token' } },
        slack: { urlFrom: { secret: 'chat', key: 'url' }, channel: '#orders' },
        pagerduty: { routingKey: { secret: 'pager', key: 'routing-key' }, url: `${http.origin}/pagerduty` },
        email: {
          to: 'orders@example.com',
          from: 'sluice@example.com',
          smarthost: smtp.address,
          username: 'sluice',
          password: { secret: 'mail', key: 'password' },
        },
      },
    },
    notifications: { page: AT_ONCE },
  });
  const { team } = service.monitoring.receivers;
  if (!team?.email) throw new Error('no mail');
  // Without encryption, which a definition does not admit: a server of this machine has no certificate to be believed.
  const receivers = { team: { ...team, email: { ...team.email, tls: false } } };
  return { ...service, monitoring: { ...service.monitoring, receivers } };
}

/** Everything goes to one webhook, tickets on some days of the week alone. */
function toWebhook(hours: Hours = {}): Service {
  const named = Object.entries(hours);
  return watchedBy('dev', {
    receivers: { team: { webhook: { url: `${http.origin}/pager` } } },
    notifications: {
      page: AT_ONCE,
      ticket: { ...AT_ONCE, ...Object.fromEntries(named.map(([field]) => [field, field.toLowerCase()])) },
      windows: Object.fromEntries(named.map(([field, days]) => [field.toLowerCase(), [{ days: [days] }]])),
    },
  });
}

/** An Alertmanager with the Secret of the guard, whom a stand-in is in place of. */
function startGuarded(service: Service): Promise<Alertmanager> {
  return startAlertmanager(
    service,
    { 'guard/token': 'sesame-guard' },
    { [guardUrl(service.namespace)]: `${http.origin}/guard` },
  );
}

const page = (alertname: string, namespace: string) => ({ labels: { alertname, namespace, severity: 'page' } });
const ticket = (alertname: string, namespace: string) => ({ labels: { alertname, namespace, severity: 'ticket' } });

/** Every alert that the webhook was told of, by its name and namespace. */
function told(): readonly string[] {
  return http.posted.flatMap(({ body }) =>
    (body as { alerts: readonly { labels: Readonly<Record<string, string>> }[] }).alerts.map(
      ({ labels }) => `${labels.alertname} in ${labels.namespace}`,
    ),
  );
}

function requireTold(alertname: string, namespace: string): void {
  expect(told()).toContain(`${alertname} in ${namespace}`);
}

function requirePosted(path: string): Posted {
  return http.posted.find((each) => each.path === path) ?? missing(path);
}

function missing(what: string): never {
  throw new Error(`${what} is missing`);
}
