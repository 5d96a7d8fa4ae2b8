import { nearest, type Finding } from './findings.ts';
import { defaultReceiver, namedReceivers, RESERVED_RECEIVERS, windowsInUse } from './notifications.ts';
import { TOLD, WEEKDAYS, type NotificationPeriod } from './notifications-schema.ts';
import type { Receiver } from './receivers-schema.ts';
import type { ServiceValues } from './schema.ts';

type Monitoring = ServiceValues['monitoring'];
type Rule = (monitoring: Monitoring) => readonly Finding[];

/** Hosts that take whoever knows the URL for somebody who may write. */
const SECRET_URLS =
  /^https:\/\/(hooks\.slack\.com|(\w+\.)?discord(app)?\.com\/api\/webhooks|([\w-]+\.)*webhook\.office\.com|chat\.googleapis\.com|hc-ping\.com|api\.telegram\.org)\//;
const SECRET_PARAMETER = /(^|[-_])(key|token|secret|sig|signature|password|auth)$/i;

/** The first Alertmanager that reads the URL of a webhook from a file. */
const READS_URLS = { major: 0, minor: 26 };

const RULES: readonly Rule[] = [
  function somebodyIsTold({ receivers }) {
    if (Object.keys(receivers).length > 0) return [];
    return [
      {
        path: 'receivers',
        value: undefined,
        right: "at least one receiver, such as { team: { webhook: { url: 'http://pager.internal/alerts' } } }",
      },
    ];
  },
  function everyReceiverIsReached({ receivers }) {
    return Object.entries(receivers)
      .filter(([, ways]) => Object.values(ways).every((way) => way === undefined))
      .map(([name, ways]) => ({
        path: `receivers.${name}`,
        value: ways,
        right: 'a receiver that is told in at least one way: webhook, email, slack or pagerduty',
      }));
  },
  function namesAreNotOurs({ receivers }) {
    return Object.values(RESERVED_RECEIVERS)
      .filter((name) => name in receivers)
      .map((name) => ({ path: `receivers.${name}`, value: name, right: 'another name: this one is a route of ours' }));
  },
  function everySeverityHasAReceiver(monitoring) {
    const { notifications, receivers } = monitoring;
    const names = Object.keys(receivers);
    if (names.length === 0 || defaultReceiver(monitoring) !== undefined) return [];
    const without = TOLD.filter((severity) => notifications[severity].receiver === undefined);
    if (without.length === 0) return [];
    return [
      {
        path: 'notifications.receiver',
        value: undefined,
        right: `one of ${names.join(', ')}: there are several, and nothing says who is told of ${without.join(' and ')}`,
      },
    ];
  },
  function namedReceiversExist(monitoring) {
    const known = Object.keys(monitoring.receivers);
    return namedReceivers(monitoring)
      .filter(([, name]) => known.length > 0 && !known.includes(name))
      .map(([path, name]) => ({ path: `notifications.${path}`, value: name, right: oneOf('a receiver', name, known) }))
      .filter(({ path, value }) => path === 'notifications.receiver' || value !== monitoring.notifications.receiver);
  },
  function webhooksHaveOneUrl({ receivers }) {
    return each(receivers, 'webhook').flatMap(([path, { url, urlFrom, port }]): Finding[] => {
      if (url !== undefined && urlFrom !== undefined)
        return [{ path: `${path}.urlFrom`, value: urlFrom, right: 'absent beside url: a webhook has one of both' }];
      if (url === undefined && urlFrom === undefined)
        return [
          { path: `${path}.url`, value: undefined, right: "a URL, such as 'http://pager.internal/alerts', or urlFrom" },
        ];
      if (url !== undefined && port !== undefined)
        return [{ path: `${path}.port`, value: port, right: 'absent beside url, which says its port itself' }];
      return [];
    });
  },
  function noUrlCarriesASecret({ receivers }) {
    const urls = [...each(receivers, 'webhook'), ...each(receivers, 'pagerduty')];
    return urls.flatMap(([path, { url }]) =>
      url === undefined || !carriesSecret(url)
        ? []
        : [
            {
              path: `${path}.url`,
              // The refusal stands in logs, so it tells no more than the host.
              value: `${new URL(url).origin}/...`,
              right:
                'a URL without a secret, because whoever may read ConfigMaps reads it: a user or a token belongs into ' +
                "a Secret, token: { secret: 'pager', key: 'token' }, and so does a URL that is one, urlFrom: { secret: 'pager', key: 'url' }",
            },
          ],
    );
  },
  function webhookUrlsAreRead({ kind, images, receivers }) {
    if (kind === 'operator' || readsUrls(images.alertmanager)) return [];
    return each(receivers, 'webhook')
      .filter(([, { urlFrom }]) => urlFrom !== undefined)
      .map(([path, { urlFrom }]) => ({
        path: `${path}.urlFrom`,
        value: urlFrom,
        right:
          `a url and a token: ${images.alertmanager} reads the URL of a webhook from no file; or name an image of ` +
          'version 0.26 or later as monitoring.images.alertmanager',
      }));
  },
  function mailIsSentBySomebody({ receivers }) {
    return each(receivers, 'email').flatMap(([path, { username, password, tls }]): Finding[] => {
      if (username !== undefined && password === undefined)
        return [
          { path: `${path}.password`, value: undefined, right: 'the password of username, as a Secret keeps it' },
        ];
      if (username === undefined && password !== undefined)
        return [{ path: `${path}.username`, value: undefined, right: 'whose password it is' }];
      if (password !== undefined && !tls)
        return [
          { path: `${path}.tls`, value: tls, right: 'true: a password is sent to no server that does not encrypt' },
        ];
      return [];
    });
  },
  function namedWindowsExist({ notifications }) {
    const known = Object.keys(notifications.windows);
    return TOLD.flatMap((severity) =>
      (['activeDuring', 'mutedDuring'] as const).flatMap((field) => {
        const name = notifications[severity][field];
        if (name === undefined || known.includes(name)) return [];
        return [{ path: `notifications.${severity}.${field}`, value: name, right: oneOf('a window', name, known) }];
      }),
    );
  },
  function windowsEndAfterTheyStart({ notifications }) {
    return periodsOf(notifications.windows).flatMap(([path, { days = [], times = [] }]) => [
      ...times
        .filter(({ from, to }) => to <= from)
        .map(({ from, to }) => ({
          path: `${path}.times`,
          value: `${from} to ${to}`,
          right: `a span that ends after it starts; one over midnight is two: ${from} to 24:00, and 00:00 to ${to}`,
        })),
      ...days.filter(endsBeforeItStarts).map((value) => ({
        path: `${path}.days`,
        value,
        right: `days in the order of the week, which starts on sunday; otherwise two entries: '${inTwo(value).join("', '")}'`,
      })),
    ]);
  },
  function operatorsKnowOneTimeZone(monitoring) {
    if (monitoring.kind === 'standalone') return [];
    return periodsOf(Object.fromEntries(windowsInUse(monitoring)))
      .filter(([, { location }]) => location !== 'UTC')
      .map(([path, { location }]) => ({
        path: `${path}.location`,
        value: location,
        right:
          "absent, with hours of UTC: the operator's objects know no other time zone; or monitoring.kind 'standalone'",
      }));
  },
];

/** What is wrong with who is told of what, and when. */
export function notificationFindings({ monitoring }: ServiceValues): Finding[] {
  return RULES.flatMap((rule) => rule(monitoring)).map((finding) => ({
    ...finding,
    path: `monitoring.${finding.path}`,
  }));
}

function each<Way extends keyof Receiver>(receivers: Monitoring['receivers'], way: Way) {
  return Object.entries(receivers).flatMap(([name, { [way]: settings }]) =>
    settings === undefined ? [] : [[`receivers.${name}.${way}`, settings as NonNullable<Receiver[Way]>] as const],
  );
}

function periodsOf(windows: Readonly<Record<string, readonly NotificationPeriod[]>>) {
  return Object.entries(windows).flatMap(([name, periods]) =>
    periods.map((period, index) => [`notifications.windows.${name}.${index}`, period] as const),
  );
}

function oneOf(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const list = known.length === 0 ? 'none is declared' : known.join(', ');
  return `${what}: ${list}${near === undefined ? '' : `; ${near}`}`;
}

function carriesSecret(url: string): boolean {
  // As it is asked: capitals in the scheme or the host are the same place.
  const { href, username, password, searchParams } = new URL(url);
  const named = [...searchParams.keys()].some((name) => SECRET_PARAMETER.test(name));
  return username !== '' || password !== '' || named || SECRET_URLS.test(href);
}

/** What a tag does not tell is taken to be the oldest version. */
function readsUrls(image: string): boolean {
  const [, major, minor] = /:v?(\d+)\.(\d+)/.exec(image) ?? [];
  return Number(major) > READS_URLS.major || (Number(major) === READS_URLS.major && Number(minor) >= READS_URLS.minor);
}

function endsBeforeItStarts(days: string): boolean {
  const [first = '', last = first] = days.split(':');
  return WEEKDAYS.indexOf(last) < WEEKDAYS.indexOf(first);
}

/** The same days in two entries, of which neither goes over the end of the week. */
function inTwo(days: string): readonly string[] {
  const [first = '', last = first] = days.split(':');
  const span = (from: string, to: string): string => (from === to ? from : `${from}:${to}`);
  return [span(first, WEEKDAYS.at(-1) ?? ''), span(WEEKDAYS[0] ?? '', last)];
}
