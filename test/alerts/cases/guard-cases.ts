import type { GUARD_ALERTS } from '../../../alerts/guard-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { counted, exported, held, rising, together } from '../samples.ts';
import { told } from './inputs.ts';

const settings = ['release.guard.mode=act'];
const SECOND = { pod: 'guard-2' };
const JOB = { job: 'guard' };

const NOBODY_LEADS = 'For a minute no guard in sluice-prod has led, or none is there to be scraped.';

/** Situations of the guard itself. */
export const GUARD_CASES: CasesOf<typeof GUARD_ALERTS> = {
  GuardLeaderless: [
    {
      title: 'two guards wait for the lease, until one has it',
      settings,
      input: together(
        told(METRICS.guardLeads, {}, held([2, 1], [5, 0], [5, 1])),
        told(METRICS.guardLeads, SECOND, held([12, 0])),
      ),
      before: '2m45s',
      at: '3m15s',
      fires: { labels: JOB, description: NOBODY_LEADS },
      over: '7m15s',
    },
    {
      title: 'there is no guard, but elsewhere',
      settings,
      input: exported('elsewhere', METRICS.guardLeads, {}, held([10, 1])),
      before: '45s',
      at: '1m',
      fires: { labels: JOB, description: NOBODY_LEADS },
    },
    {
      title: 'the other one leads within half a minute',
      settings,
      input: together(
        told(METRICS.guardLeads, {}, '1x7 stale'),
        told(METRICS.guardLeads, SECOND, held([2.5, 0], [10, 1])),
      ),
      at: '5m',
    },
  ],
  GuardBlind: [
    {
      title: 'no Watchdog has come for longer than two minutes, until one does',
      settings,
      input: together(
        told(METRICS.guardSignsAge, { of: 'watchdog' }, `${rising(0, [10, 60])} 5x20`),
        told(METRICS.guardSignsAge, { of: 'prometheus' }, held([15, 1])),
        told(METRICS.guardSignsAge, { of: 'watchdog', ...SECOND }, held([15, 0])),
      ),
      before: '2m45s',
      at: '5m',
      fires: {
        labels: { of: 'watchdog' },
        description: 'The guard in sluice-prod has had no sign of watchdog for 5m 15s.',
      },
      over: '10m15s',
    },
    {
      title: 'Prometheus has not answered for three minutes',
      settings,
      input: told(METRICS.guardSignsAge, { of: 'prometheus' }, held([10, 180])),
      before: '45s',
      at: '1m',
      fires: {
        labels: { of: 'prometheus' },
        description: 'The guard in sluice-prod has had no sign of prometheus for 3m 0s.',
      },
    },
    {
      title: 'one Watchdog has been missed',
      settings,
      input: told(METRICS.guardSignsAge, { of: 'watchdog' }, held([1, 60], [1, 115], [8, 10])),
      at: '2m',
    },
  ],
  GuardRefusesAlerts: [
    {
      title: 'each delivery of five minutes is refused',
      settings,
      input: told(METRICS.guardWebhooks, { result: 'refused' }, counted([2, 0], [5, 1], [30, 0])),
      at: '8m',
      fires: {
        labels: {},
        description: 'The guard in sluice-prod refused 20 deliveries in a quarter of an hour.',
      },
      over: '25m',
    },
    {
      title: 'somebody tries once, and Alertmanager is heard as ever',
      settings,
      input: together(
        told(METRICS.guardWebhooks, { result: 'refused' }, '0x8 1x80'),
        told(METRICS.guardWebhooks, { result: 'accepted' }, counted([20, 1])),
        told(METRICS.guardWebhooks, { result: 'duplicate' }, counted([20, 1])),
      ),
      at: '10m',
    },
  ],
  GuardFails: [
    {
      title: 'whatever it reads of the cluster fails for five minutes',
      settings,
      input: together(
        told(METRICS.guardErrors, { doing: 'read' }, counted([2, 0], [5, 1], [30, 0])),
        told(METRICS.guardErrors, { doing: 'act' }, counted([37, 0])),
      ),
      at: '8m',
      fires: {
        labels: { doing: 'read' },
        description: 'The guard in sluice-prod failed 20 times in a quarter of an hour to read.',
      },
      over: '25m',
    },
    {
      title: 'the API server is replaced, and some readings fail',
      settings,
      input: told(METRICS.guardErrors, { doing: 'read' }, '0x8 1 3 5x80'),
      at: '8m',
    },
  ],
};
