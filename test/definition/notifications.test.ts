import { describe, expect, test } from '@jest/globals';
import { DefinitionError, type EnvironmentName } from '../../service/definition/index.ts';
import { EVERY_KIND, EVERY_ROUTE, watchedBy, watchedByAll, type MonitoringChanges } from '../alerts/notified.ts';

type Wrong = {
  readonly title: string;
  readonly changes: MonitoringChanges;
  readonly says: string;
  readonly environment?: EnvironmentName;
};

const SECRET = { secret: 'pager', key: 'token' };
const MAIL = { to: 'orders@example.com', from: 'sluice@example.com', smarthost: 'smtp.example.com:587' };

const team = (receiver: object): MonitoringChanges => ({ receivers: { team: receiver } });
const office = (period: object): MonitoringChanges => ({
  notifications: { ticket: { activeDuring: 'office' }, windows: { office: [period] } },
});

const WRONG: readonly Wrong[] = [
  {
    title: 'nobody who could be told',
    changes: { receivers: {} },
    says: "monitoring.receivers (prod): is missing, must be at least one receiver, such as { team: { webhook: { url: 'http://pager.internal/alerts' } } }",
  },
  {
    title: 'a receiver that is told in no way',
    changes: team({}),
    says: 'monitoring.receivers.team (prod): is {}, must be a receiver that is told in at least one way: webhook, email, slack or pagerduty',
  },
  {
    title: 'a way that there is not',
    changes: team({ teams: { url: 'http://pager.internal/alerts' } }),
    says: 'monitoring.receivers.team.teams (prod): is {"url":"..."}, must be a known field; known here: webhook, email, slack, pagerduty',
  },
  {
    title: 'a receiver that is called like one of ours',
    changes: { receivers: { guard: { webhook: { url: 'http://pager.internal/alerts' } } } },
    says: 'monitoring.receivers.guard (prod): is "guard", must be another name: this one is a route of ours',
  },
  {
    title: 'a route to a receiver that there is not',
    changes: { receivers: EVERY_KIND, notifications: { ...EVERY_ROUTE, page: { receiver: 'oncall' } } },
    says: `monitoring.notifications.page.receiver (prod): is "oncall", must be a receiver: chat, cluster, dead-man, mail, on-call; did you mean 'on-call'?`,
  },
  {
    title: 'a team whose receiver there is not',
    changes: { notifications: { ticket: { teams: { platform: 'cluster' } } } },
    says: 'monitoring.notifications.ticket.teams.platform (prod): is "cluster", must be a receiver: team',
  },
  {
    title: 'a team that there is not',
    changes: { notifications: { ticket: { teams: { storage: 'team' } } } },
    says: 'monitoring.notifications.ticket.teams',
  },
  {
    title: 'a default that there is not, told once',
    changes: { notifications: { receiver: 'nobody-else' } },
    says: 'monitoring.notifications.receiver (prod): is "nobody-else", must be a receiver: team',
  },
  {
    title: 'several receivers, and nothing that says who is told',
    changes: { receivers: EVERY_KIND, notifications: { page: { receiver: 'on-call' } } },
    says: 'monitoring.notifications.receiver (prod): is missing, must be one of chat, cluster, dead-man, mail, on-call: there are several, and nothing says who is told of ticket',
  },
  {
    title: 'a severity that there is not',
    changes: { notifications: { critical: { groupWait: '0s', groupInterval: '1m', repeatInterval: '1h' } } },
    says: 'monitoring.notifications.critical (prod): is {"groupWait":"0s","groupInterval":"1m","repeatInterval":"1h"}, must be a known field; known here: ',
  },
  {
    title: 'a heartbeat for a receiver that there is not',
    changes: { notifications: { watchdog: { receiver: 'dead-man' } } },
    says: 'monitoring.notifications.watchdog.receiver (prod): is "dead-man", must be a receiver: team',
  },
  {
    title: 'a webhook without a URL',
    changes: team({ webhook: {} }),
    says: "monitoring.receivers.team.webhook.url (prod): is missing, must be a URL, such as 'http://pager.internal/alerts', or urlFrom",
  },
  {
    title: 'a webhook with two URLs',
    changes: team({ webhook: { url: 'http://pager.internal/alerts', urlFrom: SECRET } }),
    says: 'monitoring.receivers.team.webhook.urlFrom (prod): is {"secret":"pager","key":"token"}, must be absent beside url: a webhook has one of both',
  },
  {
    title: 'a port beside a URL that says it',
    changes: team({ webhook: { url: 'http://pager.internal/alerts', port: 9000 } }),
    says: 'monitoring.receivers.team.webhook.port (prod): is 9000, must be absent beside url, which says its port itself',
  },
  {
    title: 'a URL without a scheme',
    changes: team({ webhook: { url: 'pager.internal' } }),
    says: 'monitoring.receivers.team.webhook.url (prod): is "pager.internal", must be a URL, such as \'http://pager.internal/alerts\'',
  },
  {
    title: 'a token where its Secret belongs',
    changes: team({ webhook: { url: 'http://pager.internal/alerts', token: 'sesame' } }),
    says: "monitoring.receivers.team.webhook.token (prod): is \"...\", must be where a Secret keeps it, such as { secret: 'pager', key: 'token' }: nothing secret stands here itself",
  },
  {
    title: 'a Slack without the Secret of its URL',
    changes: team({ slack: { channel: '#orders' } }),
    says: 'monitoring.receivers.team.slack.urlFrom (prod): is missing, must be where a Secret keeps it',
  },
  {
    title: 'a PagerDuty whose Secret has no key',
    changes: team({ pagerduty: { routingKey: { secret: 'pager' } } }),
    says: "monitoring.receivers.team.pagerduty.routingKey.key (prod): is missing, must be a key of the Secret, such as 'token'",
  },
  {
    title: 'mail without a server',
    changes: team({ email: { to: MAIL.to, from: MAIL.from } }),
    says: "monitoring.receivers.team.email.smarthost (prod): is missing, must be host and port of a mail server, such as 'smtp.example.com:587'",
  },
  {
    title: 'a mail server without a port',
    changes: team({ email: { ...MAIL, smarthost: 'smtp.example.com' } }),
    says: 'monitoring.receivers.team.email.smarthost (prod): is "smtp.example.com", must be host and port',
  },
  {
    title: 'a sender without a password',
    changes: team({ email: { ...MAIL, username: 'sluice' } }),
    says: 'monitoring.receivers.team.email.password (prod): is missing, must be the password of username, as a Secret keeps it',
  },
  {
    title: 'a password that would be sent in the clear',
    changes: team({ email: { ...MAIL, username: 'sluice', password: SECRET, tls: false } }),
    says: 'monitoring.receivers.team.email.tls (prod): is false, must be true: a password is sent to no server that does not encrypt',
  },
  {
    title: 'a time zone that there is not',
    changes: office({ location: 'Europe/Bonn' }),
    says: `monitoring.notifications.windows.office.0.location (dev): is "Europe/Bonn", must be a time zone, such as 'Europe/Berlin' or 'UTC'`,
    environment: 'dev',
  },
  {
    title: 'a time zone in letters that no file has',
    changes: office({ location: 'europe/berlin' }),
    says: 'must be a time zone',
    environment: 'dev',
  },
  {
    title: 'a time zone that the operator cannot be told',
    changes: office({ location: 'Europe/Berlin' }),
    says: `monitoring.notifications.windows.office.0.location (prod): is "Europe/Berlin", must be absent, with hours of UTC: the operator's objects know no other time zone; or monitoring.kind 'standalone'`,
  },
  {
    title: 'a window that ends before it starts',
    changes: office({ times: [{ from: '22:00', to: '06:00' }] }),
    says: 'monitoring.notifications.windows.office.0.times (prod): is "22:00 to 06:00", must be a span that ends after it starts; one over midnight is two: 22:00 to 24:00, and 00:00 to 06:00',
  },
  {
    title: 'days against the order of the week',
    changes: office({ days: ['saturday:sunday'] }),
    says: `monitoring.notifications.windows.office.0.days (prod): is "saturday:sunday", must be days in the order of the week, which starts on sunday; otherwise two entries: 'saturday', 'sunday'`,
  },
  {
    title: 'days over the weekend, of which none may be lost',
    changes: office({ days: ['friday:monday'] }),
    says: `otherwise two entries: 'friday:saturday', 'sunday:monday'`,
  },
  {
    title: 'a time of day as nobody writes it there',
    changes: office({ times: [{ from: '9am', to: '17:00' }] }),
    says: `is "9am", must be a time of day, such as '09:00', up to '24:00'`,
  },
  {
    title: 'hours that nobody declared',
    changes: { notifications: { ticket: { activeDuring: 'ofice' }, windows: EVERY_ROUTE.windows } },
    says: `monitoring.notifications.ticket.activeDuring (prod): is "ofice", must be a window: office, lunch; did you mean 'office'?`,
  },
  {
    title: 'a URL from a Secret, for an Alertmanager that reads none',
    changes: team({ webhook: { urlFrom: SECRET } }),
    says: 'monitoring.receivers.team.webhook.urlFrom (dev): is {"secret":"pager","key":"token"}, must be a url and a token: prom/alertmanager:v0.25.0 reads the URL of a webhook from no file; or name an image of version 0.26 or later as monitoring.images.alertmanager',
    environment: 'dev',
  },
];

describe('who is told of what is refused with its path, its value and how to mend it:', () => {
  test.each(WRONG)('$title', ({ changes, says, environment = 'prod' }) => {
    const refusal = refusalOf(() => watchedBy(environment, changes));

    expect(refusal?.message).toContain(says);
    expect(refusal?.findings).toHaveLength(1);
  });
});

describe('a URL that is or holds a secret is refused without being told', () => {
  test.each([
    ['a user', 'https://sluice:sesame@pager.internal/alerts'],
    ['a token', 'https://pager.internal/alerts?access_token=sesame'],
    ['Slack', 'https://hooks.slack.com/services/T0/B0/sesame'],
    ['Slack in capitals', 'HTTPS://Hooks.Slack.com/services/T0/B0/sesame'],
    ['Teams', 'https://acme.webhook.office.com/webhookb2/sesame'],
    ['a heartbeat', 'https://hc-ping.com/sesame'],
  ])('%s', (_, url) => {
    const refusal = refusalOf(() => watchedBy('prod', team({ webhook: { url } })));

    expect(refusal?.message).toContain('must be a URL without a secret');
    expect(refusal?.message).toContain(`is "${new URL(url).origin}/..."`);
    expect(refusal?.message).not.toContain('sesame');
  });
});

describe('what may be a secret is refused without being told', () => {
  const url = 'https://hooks.slack.com/services/T0/B0/sesame';

  test.each<[title: string, changes: MonitoringChanges, says: string]>([
    ['in a field that there is not', team({ slack: { url, channel: '#orders' } }), 'known here: urlFrom'],
    ['in a way that there is not', team({ slak: { url } }), "did you mean 'slack'?"],
    ['instead of a way', team({ slack: url }), 'must be object'],
    ['in a list of them', team({ slack: [url] }), 'must be object'],
    ['below another field', { notifications: { pager: { slack: url } } }, "did you mean 'page'?"],
  ])('%s', (_, changes, says) => {
    const { message } = refusalOf(() => watchedBy('prod', changes)) ?? {};

    expect(message).toContain(says);
    expect(message).toContain('...');
    expect(message).not.toContain('sesame');
  });

  test.each([
    ['instead of a receiver', `monitoring.receivers.team=${url}`],
    ['instead of a way', `monitoring.receivers.team.slack=${url}`],
    ['in a field that there is not', `monitoring.receivers.team.slack.url=${url}`],
    ['instead of the Secret of headers', 'telemetry.traces.headers=authorization=Bearer%20sesame'],
    ['below headers', 'telemetry.traces.headers.authorization=Bearer%20sesame'],
  ])('%s that is tried out', (_, setting) => {
    const { message } = refusalOf(() => watchedBy('prod', {}, setting)) ?? {};

    expect(message).toContain('"..."');
    expect(message).not.toContain('sesame');
  });
});

test('the field that was the URL of all alerts is answered by what to write instead, in one sentence', () => {
  const { message, findings } =
    refusalOf(() => watchedBy('prod', { receiver: 'http://pager.internal/alerts', receivers: {} })) ?? {};

  expect(findings).toHaveLength(1);
  expect(message).toContain(
    'monitoring.receiver (prod): is "http://pager.internal/alerts", must be absent, with the receivers by name ' +
      "instead: receivers: { team: { webhook: { url: 'http://pager.internal/alerts' } } }",
  );
});

test.each(['v0.26.0', 'v0.34.0', 'v1.0.0'])(
  'an Alertmanager of %s reads the URL of a webhook from a file',
  (version) => {
    const images = { prometheus: 'prom/prometheus:v2.42.0', alertmanager: `prom/alertmanager:${version}` };

    expect(watchedBy('dev', { ...team({ webhook: { urlFrom: SECRET } }), images }).environment).toBe('dev');
  },
);

test('a plain definition of each environment, and one with everything, is right', () => {
  for (const name of ['dev', 'staging', 'prod'] as const) {
    expect(watchedBy(name, {}).monitoring.receivers).toHaveProperty('team.webhook.url');
    expect(watchedByAll(name).monitoring.receivers).toEqual(expect.objectContaining({ chat: EVERY_KIND.chat }));
  }
});

function refusalOf(attempt: () => unknown): DefinitionError | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof DefinitionError) return error;
    throw error;
  }
}
