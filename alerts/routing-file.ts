import { secretFile, type NotificationPeriod, type Receiver, type Service } from '../service/definition/index.ts';
import { INHIBITIONS, type LabelMatcher } from './inhibition.ts';
import { NOTIFICATION_TEXT } from './notification-text.ts';
import { matchersOf, routingOf, type Route } from './routing.ts';

/**
 * A whole configuration for Alertmanager 0.25 and later. Secrets are read from files, at the paths where a standalone
 * Alertmanager mounts them; that of a webhook's whole URL (`urlFrom`) needs Alertmanager 0.26.
 */
export function alertmanagerConfig(service: Service): object {
  const { routes, fallback, receivers, windows } = routingOf(service);
  return {
    route: {
      ...routeOf(fallback),
      routes: routes.map((route) => ({ matchers: matchersOf(route.matching).map(textOf), ...routeOf(route) })),
    },
    inhibit_rules: INHIBITIONS.map(({ source, target, equal }) => ({
      source_matchers: source.map(textOf),
      target_matchers: target.map(textOf),
      equal,
    })),
    receivers: receivers.map(([name, receiver]) => ({ name, ...waysOf(receiver) })),
    ...(windows.length > 0 && {
      time_intervals: windows.map(([name, periods]) => ({ name, time_intervals: periods.map(periodOf) })),
    }),
  };
}

function routeOf({ receiver, goesOn, groupBy, timing, activeDuring, mutedDuring }: Omit<Route, 'matching'>): object {
  return {
    receiver,
    ...(goesOn && { continue: true }),
    group_by: groupBy,
    group_wait: timing.groupWait,
    group_interval: timing.groupInterval,
    repeat_interval: timing.repeatInterval,
    ...(activeDuring !== undefined && { active_time_intervals: [activeDuring] }),
    ...(mutedDuring !== undefined && { mute_time_intervals: [mutedDuring] }),
  };
}

function textOf({ label, operator, value }: LabelMatcher): string {
  return `${label}${operator}${JSON.stringify(value)}`;
}

function waysOf({ webhook, email, slack, pagerduty }: Receiver): object {
  return {
    ...(webhook && { webhook_configs: [webhookOf(webhook)] }),
    ...(email && { email_configs: [emailOf(email)] }),
    ...(slack && {
      slack_configs: [
        {
          api_url_file: secretFile(slack.urlFrom),
          channel: slack.channel,
          title: NOTIFICATION_TEXT.title,
          text: NOTIFICATION_TEXT.body,
          send_resolved: true,
        },
      ],
    }),
    ...(pagerduty && {
      pagerduty_configs: [
        {
          routing_key_file: secretFile(pagerduty.routingKey),
          url: pagerduty.url,
          description: NOTIFICATION_TEXT.summary,
          severity: NOTIFICATION_TEXT.urgency,
          send_resolved: true,
        },
      ],
    }),
  };
}

function webhookOf({ url, urlFrom, token }: NonNullable<Receiver['webhook']>): object {
  return {
    ...(urlFrom ? { url_file: secretFile(urlFrom) } : { url }),
    send_resolved: true,
    ...(token && { http_config: { authorization: { type: 'Bearer', credentials_file: secretFile(token) } } }),
  };
}

function emailOf({ to, from, smarthost, username, password, tls }: NonNullable<Receiver['email']>): object {
  return {
    to,
    from,
    smarthost,
    ...(username !== undefined && { auth_username: username }),
    ...(password && { auth_password_file: secretFile(password) }),
    require_tls: tls,
    send_resolved: true,
  };
}

function periodOf({ days, times, location }: NotificationPeriod): object {
  return {
    ...(days && { weekdays: days }),
    ...(times && { times: times.map(({ from, to }) => ({ start_time: from, end_time: to })) }),
    location,
  };
}
