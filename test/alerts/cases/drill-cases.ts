import type { DRILL_ALERTS } from '../../../alerts/drill-alerts.ts';
import { definition } from '../../../service/definition/index.ts';
import { METRICS, type Metric } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { exported, held, together, type InputSeries, type SeriesLabels } from '../samples.ts';

const DAY = 86_400;
const environment = 'staging';
const NAMESPACE = definition[environment].namespace;
const JOB = { job: METRICS.drillActive.exporter };

const left = (value: number) => ({
  labels: {},
  description: `A fault that a drill put into sluice-staging is past its deadline, or whoever takes it back is away (${value}).`,
});

const AWAY = { labels: JOB, description: 'Prometheus does not reach drill-keeper in sluice-staging.' };

/** What the keeper tells. */
const told = (metric: Metric, labels: SeriesLabels, values: string): InputSeries =>
  exported(NAMESPACE, metric, labels, values);

/** Whether a pod of the keeper answers scrapes. */
const reached = (values: string, pod = 'drill-keeper-1', namespace = NAMESPACE): InputSeries =>
  exported(namespace, METRICS.up, { ...JOB, pod }, values);

/** Situations of drills. */
export const DRILL_CASES: CasesOf<typeof DRILL_ALERTS> = {
  DrillMissed: [
    {
      title: 'the last drill was six weeks ago, and two hours later one succeeds',
      environment,
      input: told(METRICS.drillLastSuccess, {}, held([120, -42 * DAY], [60, 7000])),
      before: '59m',
      at: '1h',
      fires: {
        labels: {},
        description:
          'The last drill that ended well in sluice-staging was 42d 1h 0m 0s ago; before the first, time counts from 1970.',
      },
      over: '2h2m',
    },
    {
      title: 'it was a month ago',
      environment,
      input: told(METRICS.drillLastSuccess, {}, held([180, -31 * DAY])),
      at: '2h',
    },
  ],
  DrillFaultLeft: [
    {
      title: 'two faults outlive their deadlines, and after five minutes they are taken back',
      environment,
      input: together(
        told(METRICS.drillFaultOverdue, {}, held([2, 0], [5, 2], [20, 0])),
        told(METRICS.drillActive, { experiment: 'redis-lost' }, held([27, 1])),
        reached(held([27, 1])),
      ),
      before: '3m45s',
      at: '4m15s',
      fires: left(2),
      over: '7m15s',
    },
    {
      title: 'the keeper goes while an experiment runs, until another one is there',
      environment,
      input: together(
        told(METRICS.drillActive, { experiment: 'redis-lost' }, '1x19 stale'),
        reached(`${held([5, 1])} 0x3 stale`),
        reached(`_x60 1x40`, 'drill-keeper-2'),
      ),
      before: '6m45s',
      at: '7m15s',
      fires: left(1),
      over: '16m',
    },
    {
      title: 'an experiment runs, and its keeper is replaced within a minute',
      environment,
      input: together(
        told(METRICS.drillActive, { experiment: 'redis-lost' }, '1x19 stale'),
        told(METRICS.drillActive, { experiment: 'redis-lost', pod: 'drill-keeper-2' }, '_x23 0x60'),
        told(METRICS.drillFaultOverdue, {}, '0x19 stale'),
        reached('1x19 stale'),
        reached('_x23 1x60', 'drill-keeper-2'),
      ),
      at: '10m',
    },
  ],
  DrillKeeperDown: [
    {
      title: 'it does not answer for ten minutes',
      environment,
      input: reached(held([2, 1], [10, 0], [20, 1])),
      before: '6m45s',
      at: '7m15s',
      fires: AWAY,
      over: '12m15s',
    },
    {
      title: 'there is none, but elsewhere',
      environment,
      input: reached(held([10, 1]), 'drill-keeper-1', 'elsewhere'),
      at: '6m',
      fires: AWAY,
    },
    {
      title: 'it is replaced within a minute',
      environment,
      input: together(reached('1x19 stale'), reached('_x23 1x60', 'drill-keeper-2')),
      at: '10m',
    },
  ],
};
