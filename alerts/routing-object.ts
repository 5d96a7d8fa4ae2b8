import type { NotificationPeriod, Receiver, SecretReference, Service } from '../service/definition/index.ts';
import { INHIBITIONS, type LabelMatcher } from './inhibition.ts';
import { NOTIFICATION_TEXT } from './notification-text.ts';
import { matchersOf, routingOf, type Route } from './routing.ts';

/**
 * The same routes and receivers as the `spec` of an AlertmanagerConfig (monitoring.coreos.com/v1alpha1). The operator
 * applies it only to alerts whose `namespace` label is that of the object, and reads its Secrets there.
 */
export function alertmanagerConfigSpec(service: Service): object {
  const { routes, fallback, receivers, windows } = routingOf(service);
  return {
    route: {
      ...routeOf(fallback),
      routes: routes.map((route) => ({ matchers: matchersOf(route.matching).map(objectOf), ...routeOf(route) })),
    },
    inhibitRules: INHIBITIONS.map(({ source, target, equal }) => ({
      sourceMatch: source.map(objectOf),
      targetMatch: target.map(objectOf),
      equal,
    })),
    receivers: receivers.map(([name, receiver]) => ({ name, ...waysOf(receiver) })),
    ...(windows.length > 0 && {
      // The only list of windows that the object has: for hours of silence and for those of work.
      muteTimeIntervals: windows.map(([name, periods]) => ({ name, timeIntervals: periods.map(periodOf) })),
    }),
  };
}

function routeOf({ receiver, goesOn, groupBy, timing, activeDuring, mutedDuring }: Omit<Route, 'matching'>): object {
  return {
    receiver,
    ...(goesOn && { continue: true }),
    groupBy,
    ...timing,
    ...(activeDuring !== undefined && { activeTimeIntervals: [activeDuring] }),
    ...(mutedDuring !== undefined && { muteTimeIntervals: [mutedDuring] }),
  };
}

function objectOf({ label, operator, value }: LabelMatcher): object {
  return { name: label, matchType: operator, value };
}

function waysOf({ webhook, email, slack, pagerduty }: Receiver): object {
  return {
    ...(webhook && { webhookConfigs: [webhookOf(webhook)] }),
    ...(email && { emailConfigs: [emailOf(email)] }),
    ...(slack && {
      slackConfigs: [
        {
          apiURL: selector(slack.urlFrom),
          channel: slack.channel,
          title: NOTIFICATION_TEXT.title,
          text: NOTIFICATION_TEXT.body,
          sendResolved: true,
        },
      ],
    }),
    ...(pagerduty && {
      pagerdutyConfigs: [
        {
          routingKey: selector(pagerduty.routingKey),
          url: pagerduty.url,
          description: NOTIFICATION_TEXT.summary,
          severity: NOTIFICATION_TEXT.urgency,
          sendResolved: true,
        },
      ],
    }),
  };
}

function webhookOf({ url, urlFrom, token }: NonNullable<Receiver['webhook']>): object {
  return {
    ...(urlFrom ? { urlSecret: selector(urlFrom) } : { url }),
    sendResolved: true,
    ...(token && { httpConfig: { authorization: { type: 'Bearer', credentials: selector(token) } } }),
  };
}

function emailOf({ to, from, smarthost, username, password, tls }: NonNullable<Receiver['email']>): object {
  return {
    to,
    from,
    smarthost,
    ...(username !== undefined && { authUsername: username }),
    ...(password && { authPassword: selector(password) }),
    requireTLS: tls,
    sendResolved: true,
  };
}

function periodOf({ days, times }: NotificationPeriod): object {
  return {
    ...(days && { weekdays: days }),
    ...(times && { times: times.map(({ from, to }) => ({ startTime: from, endTime: to })) }),
  };
}

/** A SecretKeySelector. */
function selector({ secret, key }: SecretReference): object {
  return { name: secret, key };
}
