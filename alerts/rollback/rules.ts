import { compareVersions } from '../../service/definition/index.ts';
import type { Evidence, Verdict } from './evidence.ts';
import { comparable, confirmed, isSampleTooSmall, tellFigures } from './measures.ts';
import type { Policy } from './policy.ts';
import { seconds } from './words.ts';

type Asks<T> = (evidence: Evidence, policy: Policy) => T;

/** One reason for an answer. */
export type Rule = {
  readonly id: string;
  /** Whom it binds. A person who orders a rollback answers for figures, window and cooldown; nobody for what cannot be. */
  readonly binds: 'guard' | 'everybody';
  readonly holds: Asks<boolean>;
  readonly answer: Verdict['answer'] | Asks<Verdict['answer']>;
  /** What is so when it holds. */
  readonly claim: string;
  /** What that is told by, whether it holds or not. */
  readonly detail: Asks<string>;
};

/** Every rule of a decision, in order: the first one that holds decides. */
export const RULES: readonly Rule[] = [
  {
    id: 'superseded',
    binds: 'everybody',
    holds: ({ isCurrent }) => !isCurrent,
    answer: 'dismiss',
    claim: 'another release has taken its place',
    detail: ({ isCurrent }) => `the Deployment wants ${isCurrent ? 'this' : 'another'} release`,
  },
  {
    id: 'window-over',
    binds: 'guard',
    holds: ({ age = 0 }, { watch, detectionDeadline }) => age > watch + detectionDeadline,
    answer: 'refuse',
    claim: 'its window is over, so that something else is the likelier cause',
    detail: ({ age = 0 }, { watch, detectionDeadline }) =>
      `its first pod is Ready for ${seconds(age)}, of at most ${seconds(watch + detectionDeadline)}`,
  },
  {
    id: 'once',
    binds: 'guard',
    holds: ({ wasRolledBack }) => wasRolledBack,
    answer: 'refuse',
    claim: 'this release was rolled back before, and somebody has deployed it again',
    detail: ({ wasRolledBack }) => `it was ${wasRolledBack ? '' : 'never '}rolled back before`,
  },
  {
    id: 'prometheus-silent',
    binds: 'guard',
    holds: ({ answers, sample }) => !answers || sample === undefined,
    answer: untilPatienceEnds('inconclusive'),
    claim: 'Prometheus does not answer',
    detail: (evidence, policy) => `it ${evidence.answers ? 'answers' : 'is silent'}; ${waited(evidence, policy)}`,
  },
  {
    id: 'not-confirmed',
    binds: 'guard',
    holds: (evidence, policy) => confirmed(evidence, policy).length === 0 && !isSampleTooSmall(evidence, policy),
    answer: (evidence, policy) => (evidence.resolved ? 'dismiss' : untilPatienceEnds('dismiss')(evidence, policy)),
    claim: 'the figures of the release are within the limits',
    detail: (evidence, policy) =>
      `${tellFigures(evidence.sample?.release, policy)}; ${evidence.resolved ? 'the alert is over' : waited(evidence, policy)}`,
  },
  {
    id: 'sample-too-small',
    binds: 'guard',
    holds: isSampleTooSmall,
    answer: untilPatienceEnds('inconclusive'),
    claim: 'too few requests have met the release',
    detail: (evidence, policy) =>
      `${tellFigures(evidence.sample?.release, policy)}, with at least ${policy.minimumSample} needed; ${waited(evidence, policy)}`,
  },
  {
    id: 'previous-too-small',
    binds: 'guard',
    // Without a version before there is none to wait for.
    holds: (evidence, policy) => evidence.previous !== undefined && comparable(evidence, policy).length === 0,
    answer: untilPatienceEnds('inconclusive'),
    claim: 'too few requests have met the version before, which it is compared with',
    detail: (evidence, policy) =>
      `${tellPrevious(evidence, policy)}, with at least ${policy.minimumSample} needed; ${waited(evidence, policy)}`,
  },
  {
    id: 'cause-elsewhere',
    binds: 'guard',
    holds: (evidence, policy) => {
      const previous = evidence.sample?.previous;
      const both = comparable(evidence, policy);
      return previous !== undefined && both.length > 0 && both.every(({ isBeyond }) => isBeyond(previous, policy));
    },
    answer: 'refuse',
    claim: 'the version before is bad in the same way, so that the cause is elsewhere',
    detail: tellPrevious,
  },
  {
    id: 'frozen',
    binds: 'guard',
    holds: ({ frozen }) => frozen !== undefined,
    answer: 'refuse',
    claim: 'a person has frozen releases',
    detail: ({ at, frozen }) =>
      frozen ? `for ${seconds(frozen.until - at)} more: ${frozen.reason}` : 'nothing is frozen',
  },
  {
    id: 'paused',
    binds: 'everybody',
    holds: ({ isPaused }) => isPaused,
    answer: 'refuse',
    claim: 'the Deployment is paused, and would replace no pod',
    detail: ({ isPaused }) => `it is ${isPaused ? '' : 'not '}paused`,
  },
  {
    id: 'schema',
    binds: 'everybody',
    holds: ({ target, safeFrom }) => target !== undefined && compareVersions(target.version, safeFrom) < 0,
    answer: 'refuse',
    claim: 'the schema no longer works with the release to go back to',
    detail: ({ target, safeFrom }) =>
      `it needs version ${safeFrom} or later${target ? `, and ${target.hash} is ${target.version}` : ''}`,
  },
  {
    id: 'no-target',
    binds: 'everybody',
    holds: ({ target }) => target === undefined,
    answer: 'refuse',
    claim: 'there is no release to go back to',
    detail: ({ target, previous, unusable }) => {
      if (target) return `${target.hash} (${target.release.id}) is proven good`;
      if (unusable.length > 0) return unusable.map(({ hash, reason }) => `${hash} ${reason}`).join('; ');
      return previous === undefined ? 'the guard has seen none before this one' : 'none has lasted its whole window';
    },
  },
  {
    id: 'cooldown',
    binds: 'guard',
    holds: ({ sinceRollback }, { cooldown }) => sinceRollback !== undefined && sinceRollback < cooldown,
    answer: 'refuse',
    claim: 'the guard has rolled back shortly before',
    detail: ({ sinceRollback }, { cooldown }) =>
      sinceRollback === undefined
        ? 'it never has'
        : `${seconds(sinceRollback)} ago, with at least ${seconds(cooldown)} between`,
  },
  {
    id: 'no-room',
    binds: 'everybody',
    holds: ({ room }) => room !== undefined && room < 1,
    // Pods that are draining count for the quota, and are gone within moments.
    answer: untilPatienceEnds('refuse'),
    claim: 'the quota admits no further pod',
    detail: (evidence, policy) =>
      evidence.room === undefined
        ? 'no quota says, or no further pod is needed'
        : `it admits ${evidence.room} more; ${waited(evidence, policy)}`,
  },
  {
    id: 'order',
    binds: 'everybody',
    holds: ({ order }) => order !== undefined,
    answer: 'roll-back',
    claim: 'a person has ordered it',
    detail: ({ order }) => (order ? `${order.by}: ${order.reason}` : 'nobody has'),
  },
  {
    id: 'bad',
    binds: 'guard',
    holds: () => true,
    answer: 'roll-back',
    claim: 'the release is bad, and the version before is not',
    detail: (evidence, policy) => `${tellFigures(evidence.sample?.release, policy)}; ${tellPrevious(evidence, policy)}`,
  },
];

/** Whether a rule is asked: what binds the guard alone is not, once a person has ordered. */
export function isAsked({ binds }: Rule, { order }: Evidence): boolean {
  return binds === 'everybody' || order === undefined;
}

function untilPatienceEnds(answer: Verdict['answer']): Asks<Verdict['answer']> {
  return (evidence, policy) => (evidence.waited < policy.patience ? 'wait' : answer);
}

function waited(evidence: Evidence, { patience }: Policy): string {
  return `waited ${seconds(evidence.waited)} of ${seconds(patience)}`;
}

function tellPrevious({ sample, previous }: Evidence, policy: Policy): string {
  if (previous === undefined) return 'there was no version before';
  return `of the version before ${tellFigures(sample?.previous, policy)}`;
}
