import { isGuarded } from '../../service/definition/index.ts';
import type { Experiment } from '../experiment.ts';
import { NEVER, STEADY } from './steady.ts';

/** One pod of a few is bad before the guard acts: most requests are answered, and those that are not, a retry saves. */
const loaded = { 'search-miss': '20/s', 'search-hit': '5/s', session: '3/s', order: '1/s' } as const;

const ACTING_GUARD: Experiment['protection'] = {
  name: 'a guard that acts',
  without: ['release.guard.mode=dry-run', 'release.guard.until=2099-12-31'],
  breaks: ['guard-restores', 'restored-told'],
};

/** From the alert on a release to the guard's rollback, and what tells of it. */
function untilWithdrawn(alert: 'ReleaseErrorsHigh' | 'ReleaseLatencyHigh'): Experiment['chain'] {
  return [
    {
      id: 'release-told',
      from: 'fault',
      within: '3m',
      expect: { kind: 'alert', alert: alert, state: 'firing' },
    },
    { id: 'guard-restores', from: 'fault', within: '5m', expect: { kind: 'guard', outcome: 'restored' } },
    {
      id: 'restored-told',
      from: 'fault',
      within: '6m',
      expect: { kind: 'alert', alert: 'ReleaseRestored', state: 'firing' },
    },
    { id: 'pods-ready', from: 'revert', within: '3m', expect: { kind: 'pods-ready' } },
    { id: 'steady-after', from: 'revert', within: '6m', expect: { kind: 'steady' } },
  ];
}

/** Bad releases, and what becomes of the one that would withdraw them. */
export const RELEASE_EXPERIMENTS = [
  {
    id: 'bad-release-errors',
    hypothesis:
      'When a release fails five of a hundred searches, its alert tells the guard, which restores the release before within two minutes of the first bad request, and somebody reads of it in the morning.',
    steadyState: STEADY,
    load: loaded,
    means: { kubernetes: { kind: 'bad-release', bad: 'errors' } },
    duration: '6m',
    least: '20s',
    blastRadius: 'A share of the searches of this namespace, until the guard has acted. No other namespace is touched.',
    chain: untilWithdrawn('ReleaseErrorsHigh'),
    bounds: [{ kind: 'failed', lane: 'critical', atMost: '10%' }],
    mustNotTrip: ['ReleaseNotRestored', 'ReleaseNeedsPeople', 'GuardBlind', 'GuardLeaderless', ...NEVER],
    guardIdle: false,
    abortAbove: '50%',
    protection: ACTING_GUARD,
    fits: (service) => isGuarded(service) && service.upstream.deploy,
  },
  {
    id: 'bad-release-latency',
    hypothesis:
      'When searches of a release take 450 ms, its alert tells the guard, which restores the release before within two minutes of the first slow request, and no request is lost.',
    steadyState: STEADY,
    load: loaded,
    means: { kubernetes: { kind: 'bad-release', bad: 'latency' } },
    duration: '6m',
    least: '20s',
    blastRadius: 'Searches of this namespace become slow, until the guard has acted. No other namespace is touched.',
    chain: untilWithdrawn('ReleaseLatencyHigh'),
    bounds: [{ kind: 'lost', lane: 'critical', atMost: 0 }],
    mustNotTrip: ['ReleaseNotRestored', 'ReleaseNeedsPeople', 'GuardBlind', 'GuardLeaderless', ...NEVER],
    guardIdle: false,
    abortAbove: '50%',
    protection: ACTING_GUARD,
    fits: (service) => isGuarded(service) && service.upstream.deploy,
  },
  {
    id: 'alertmanager-down',
    hypothesis:
      'When Alertmanager is away, no request is touched, and the guard, which hears no Watchdog any more, raises its own alarm.',
    steadyState: STEADY,
    load: { 'search-hit': '12/s', session: '4/s' },
    means: { kubernetes: { kind: 'scale-away', component: 'alertmanager' } },
    duration: '8m',
    least: '30s',
    blastRadius: 'Nobody is told of any alert of this namespace meanwhile. No request is touched.',
    chain: [
      {
        id: 'blindness-seen',
        from: 'fault',
        within: '7m',
        expect: { kind: 'alert', alert: 'GuardBlind', state: 'firing', labels: { of: 'watchdog' } },
      },
      {
        id: 'sight-regained',
        from: 'revert',
        within: '6m',
        expect: { kind: 'alert', alert: 'GuardBlind', state: 'resolved' },
      },
      { id: 'steady-after', from: 'revert', within: '6m', expect: { kind: 'steady' } },
    ],
    bounds: [{ kind: 'lost', lane: 'critical', atMost: 0 }],
    mustNotTrip: ['GatewayErrorsHigh', 'BreakerOpen', ...NEVER],
    guardIdle: true,
    abortAbove: '50%',
    protection: { name: 'the watch for the Watchdog', without: ['release.guard.mode=off'], breaks: ['blindness-seen'] },
    fits: (service) => isGuarded(service) && service.monitoring.kind === 'standalone',
  },
] as const satisfies readonly Experiment[];
