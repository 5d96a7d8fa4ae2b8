import type { Evidence } from '../../alerts/rollback/evidence.ts';
import { policyOf, type Policy } from '../../alerts/rollback/policy.ts';
import { RULES, type Rule } from '../../alerts/rollback/rules.ts';
import { definition, ENVIRONMENTS, type Service } from '../../service/definition/index.ts';
import { detectionTime } from '../invariants/rules/release-time.ts';
import { seconds } from '../invariants/time.ts';

type Row = readonly string[];

/** What whoever is woken does about an answer that a rule gave, by the rule's id. */
const NEXT: Readonly<Record<string, string>> = {
  superseded: 'nothing: the newer release is watched',
  'window-over': 'look for what changed beside the release; go back by an order if it is the release after all',
  once: 'mend it: a second chance is all that `release allow` gives, and it is used up',
  'prometheus-silent': 'mend Prometheus or the way to it, see GuardBlind; order the rollback if users suffer',
  'not-confirmed': 'nothing: it is watched on, and a later alert is looked at like the first',
  'sample-too-small': 'raise `release.probes`, or look at the release by hand',
  'previous-too-small': 'the same; whether the version before has a pod tells `release status` (baseline)',
  'cause-elsewhere': 'leave the release alone; go by the alerts on objectives and stores',
  frozen: 'ask whoever has frozen it; an order goes through, `release unfreeze` ends it',
  paused: '`kubectl rollout resume deployment/gateway`, then order the rollback',
  schema: 'mend forward: what the release before would do to the data, nobody has tried',
  'no-target': 'name a release by `release rollback --to HASH`, or mend forward',
  cooldown: 'two bad releases in a row: look at how they were made; an order goes through',
  'no-room': 'raise the quota, or take something else away; then order the rollback',
  order: 'nothing: it is being done',
  bad: 'nothing: it is being done',
};

/** The rules of a decision in their order: when each holds, what the guard then does, and what people do. */
export function ruleRows(): readonly Row[] {
  const policy = policyOf(definition.prod);
  return RULES.map((rule) => [
    `\`${rule.id}\``,
    rule.claim,
    answerInWords(rule, policy),
    rule.binds === 'guard' ? 'no' : 'yes',
    NEXT[rule.id] ?? '',
  ]);
}

/** What an environment keeps to while it watches a release. */
export function watchRows(): readonly Row[] {
  const each = (value: (service: Service) => string): string[] => ENVIRONMENTS.map((name) => value(definition[name]));
  return [
    ['the window, from the first Ready pod on', ...each(({ release }) => release.watch)],
    ['bad above, of all requests', ...each(({ release }) => release.errors)],
    ['bad when its P95 is above', ...each(({ release }) => release.latency)],
    ['judged from so many requests on', ...each(({ release }) => `${release.minimumSample} in ${release.window}`)],
    ['synthetic requests to each version', ...each(({ release }) => release.probes ?? 'none')],
    [
      'from the first bad request to the decision, computed',
      ...each((service) => seconds(detectionTime(service).value)),
    ],
    ['the same, at most', ...each(({ release }) => release.detectionDeadline)],
    ['until the last bad pod serves nobody, at most', ...each(({ release }) => release.restoreDeadline)],
    ['the guard waits for what it lacks', ...each(({ release }) => release.patience)],
    ['between two rollbacks of its own', ...each(({ release }) => release.cooldown)],
    ['one pod of a withdrawn release is kept', ...each(({ release }) => release.withdrawnFor)],
  ];
}

function answerInWords({ answer }: Rule, policy: Policy): string {
  if (typeof answer === 'string') return answer;
  const waited = (milliseconds: number): Evidence => ({ ...NOTHING, waited: milliseconds });
  const [first, last] = [answer(waited(0), policy), answer(waited(policy.patience), policy)];
  return `${first}, and ${last} when \`release.patience\` ends`;
}

const NOTHING: Evidence = {
  at: 0,
  waited: 0,
  resolved: false,
  isCurrent: true,
  answers: true,
  isPaused: false,
  wasRolledBack: false,
  safeFrom: '0.0.0',
  unusable: [],
};
