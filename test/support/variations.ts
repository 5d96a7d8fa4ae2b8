import { definition, ENVIRONMENTS, parseService, withValues, type Service } from '../../service/definition/index.ts';
import { ALB_TIMES, ingressed, INGRESS } from '../definition/ingressed.ts';

/** An environment, or one with an option of another kind. */
export type Variation = { readonly name: string; readonly service: Service };

const TEAM = 'monitoring.receivers.team';

const TOLD_IN_EVERY_WAY: readonly string[] = [
  `${TEAM}.webhook.token.secret=pager`,
  `${TEAM}.webhook.token.key=token`,
  `${TEAM}.slack.urlFrom.secret=chat`,
  `${TEAM}.slack.urlFrom.key=url`,
  `${TEAM}.slack.channel=#orders`,
  `${TEAM}.pagerduty.routingKey.secret=pager`,
  `${TEAM}.pagerduty.routingKey.key=routing-key`,
  `${TEAM}.email.to=orders@example.com`,
  `${TEAM}.email.from=sluice@example.com`,
  `${TEAM}.email.smarthost=smtp.example.com:587`,
  `${TEAM}.email.username=sluice`,
  `${TEAM}.email.password.secret=mail`,
  `${TEAM}.email.password.key=password`,
  'monitoring.notifications.watchdog.receiver=team',
  'release.guard.mode=act',
];

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'prod with its own monitoring': ['monitoring.kind=standalone'],
  'prod with a Grafana of its own': ['monitoring.kind=standalone', 'monitoring.grafana.image=grafana/grafana:11.6.0'],
  'prod whose team is told in every way': TOLD_IN_EVERY_WAY,
  'prod that tells its team in every way itself': ['monitoring.kind=standalone', ...TOLD_IN_EVERY_WAY],
  'prod with stores in memory': ['stores.backend=memory'],
  'prod with one Redis for the state': ['stores.redis.kind=single'],
  'prod with Redis of others': ['stores.redis.kind=external'],
  'prod with Postgres of others': ['datastores.postgres.kind=external'],
  'prod with a pooler of Postgres': ['datastores.postgres.pooler.replicas=2'],
  'prod with the sample upstream': ['upstream.deploy=true'],
  'prod without priority classes': ['priorityClass=none'],
  'prod without ingress': ['ingress.kind=none'],
  'prod that is guarded': ['release.guard.mode=act', 'release.guard.receiver=team'],
  'prod without a guard': ['release.guard.mode=off'],
};

/** Every environment, and some with each kind of option: what holds of all pods and objects is tried on each. */
export const VARIATIONS: readonly Variation[] = [
  ...ENVIRONMENTS.map((name) => ({ name, service: definition[name] })),
  ...Object.entries(OPTIONS).map(([name, values]) => ({ name, service: withValues(definition.prod, values) })),
  { name: 'dev with drills', service: withValues(definition.dev, ['drills.enabled=true']) },
  ...Object.entries(INGRESS).map(([name, ingress]) => ({
    name: `dev behind ${name}`,
    service: parseService(ingressed(ingress, name === 'alb' ? { balancer: ALB_TIMES } : {})),
  })),
];
