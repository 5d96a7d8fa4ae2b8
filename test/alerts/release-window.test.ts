import { describe, expect, test } from '@jest/globals';
import { detectionTime } from '../../infra/invariants/rules/release-time.ts';
import { definition, toMilliseconds, toSeconds, withValues } from '../../service/definition/index.ts';
import { METRICS, RECORDED, select } from '../../service/telemetry/catalogue.ts';
import { answers, FAILED, NAMESPACE, OK, told } from './cases/inputs.ts';
import { runRecordings, runRules, type Expectation } from './rule-test.ts';
import { together, type InputSeries, type PerSample, type Phase } from './samples.ts';
import { testWith } from './tools.ts';

const service = withValues(definition.prod, ['release.guard.mode=act']);

/** Samples and evaluations are as far apart as in prod. */
const EVERY = '5s';
const PER_MINUTE = 12;

const NEW = { pod_template_hash: '5c4b6', pod: 'gateway-9' };
const BASELINE = { pod_template_hash: '9b8a7', pod: 'gateway-baseline-1' };
const FIRES = {
  labels: { pod_template_hash: '5c4b6' },
  description: 'Release 5c4b6 in sluice-prod fails 10% of its requests.',
};

/** The first Ready pod of the new release, and the end of its window, in seconds since the first sample. */
const READY = 60;
const PROVEN = READY + toSeconds(service.release.watch);

/** What the slowest look of a guard, and the scrape after it, add to what it tells. */
const TOLD_AFTER = 10;

// As the rules of detection count: Alertmanager and the guard come after the alert.
const FOUND_WITHIN = (detectionTime(service).value - toMilliseconds(service.release.delivery)) / 1000;

/** Time between a new pod's first request and the first sample of it: it must be found, and scraped. */
const FIRST_SAMPLE = 10;

/** The last evaluation until then. */
const at = (seconds: number): string => `${Math.floor(seconds / 5) * 5}s`;

/** The guard tells of the new release while its window runs. */
const window = (from: number, to: number, pod = 'guard-1'): InputSeries =>
  told(METRICS.releaseWatched, { pod_template_hash: '5c4b6', pod }, `_x${from / 5} 1x${(to - from) / 5 - 1} stale`);

/** Six requests a second to some pods from READY on; from `badFrom` on one in ten fails. */
const traffic = (labels: Readonly<Record<string, string>>, badFrom: number): InputSeries => {
  const phases = (good: number, bad: number): readonly Phase<PerSample>[] => [
    ...(badFrom > READY ? [[(badFrom - READY) / 60, { 0.1: good }] as const] : []),
    [10, { 0.1: bad }],
  ];
  return delayed(
    together(
      answers({ ...OK, ...labels }, phases(30, 27), PER_MINUTE),
      answers({ ...FAILED, ...labels }, phases(0, 3), PER_MINUTE),
    ),
  );
};

/** Nothing is there before the first sample, which holds what the pod did until then. */
function delayed(input: InputSeries): InputSeries {
  const missing = `_x${(READY + FIRST_SAMPLE) / 5}`;
  return Object.fromEntries(Object.entries(input).map(([name, values]) => [name, `${missing} ${values}`]));
}

function expectAlerts(input: InputSeries, expectations: readonly Omit<Expectation, 'alert'>[]): void {
  const named = expectations.map((each): Expectation => ({ alert: 'ReleaseErrorsHigh', ...each }));
  const { status, output } = runRules(service, input, named, EVERY);
  expect(output).toContain('SUCCESS');
  expect(status).toBe(0);
}

test('the window of prod is five minutes, which the times here are made of', () => {
  expect(PROVEN - READY).toBe(300);
  expect(FOUND_WITHIN).toBeGreaterThan(30);
});

describe('a release is judged while its window of five minutes runs', () => {
  const watched = window(READY + TOLD_AFTER, PROVEN + TOLD_AFTER);

  testWith('promtool', 'bad from its first request on, it is found within the computed time', () => {
    expectAlerts(together(watched, traffic(NEW, READY)), [
      { at: at(READY + FIRST_SAMPLE + 10) },
      { at: at(READY + FOUND_WITHIN), fires: FIRES },
      { at: at(PROVEN), fires: FIRES },
    ]);
  });

  testWith('promtool', 'bad from its last minute on, it is found', () => {
    expectAlerts(together(watched, traffic(NEW, PROVEN - 60)), [
      { at: at(PROVEN - 60) },
      { at: at(PROVEN - 60 + FIRST_SAMPLE + FOUND_WITHIN), fires: FIRES },
      { at: at(PROVEN + 60) },
    ]);
  });

  testWith('promtool', 'bad after it, nobody is told', () => {
    const silence = Array.from({ length: 20 }, (_, index) => ({ at: at(PROVEN + 15 * index) }));
    expectAlerts(together(watched, traffic(NEW, PROVEN + 40)), silence);
  });

  testWith('promtool', 'bad before it, nobody is told until it begins', () => {
    expectAlerts(together(window(READY + 120, PROVEN), traffic(NEW, READY)), [
      { at: at(READY + 60) },
      { at: at(READY + 115) },
      { at: at(READY + 120 + 5) },
      { at: at(READY + 120 + 15), fires: FIRES },
    ]);
  });

  testWith(
    'promtool',
    'the pod of the release before that is kept beside it is measured, and nobody is told of it',
    () => {
      const input = together(watched, traffic(NEW, READY), traffic(BASELINE, READY));
      expectAlerts(input, [{ at: at(READY + FOUND_WITHIN), fires: FIRES }]);
      const recorded = select(RECORDED.releaseErrors, { namespace: NAMESPACE, pod_template_hash: '9b8a7' });
      const { status } = runRecordings(
        service,
        input,
        [
          {
            at: at(READY + FOUND_WITHIN),
            expression: `round(${recorded}, 0.001)`,
            samples: { [`{namespace="${NAMESPACE}",pod_template_hash="9b8a7"}`]: 0.1 },
          },
        ],
        EVERY,
      );
      expect(status).toBe(0);
    },
  );

  testWith('promtool', 'with fewer requests than the sample has, nobody is told', () => {
    // Three a second, of which all fail: 90 in half a minute.
    const few = delayed(answers({ ...FAILED, ...NEW }, [[10, { 0.1: 15 }]], PER_MINUTE));
    const silence = Array.from({ length: 20 }, (_, index) => ({ at: at(READY + 15 * index) }));
    expectAlerts(together(watched, few), silence);
  });

  testWith(
    'promtool',
    'a guard that is gone before it fires, and another that leads 20 seconds later, cost no time',
    () => {
      const gone = READY + FIRST_SAMPLE + 20;
      const input = together(
        window(READY + TOLD_AFTER, gone),
        window(gone + 20, PROVEN, 'guard-2'),
        traffic(NEW, READY),
      );
      expectAlerts(input, [{ at: at(READY + FOUND_WITHIN), fires: FIRES }]);
    },
  );
});
