import { describe, expect, test } from '@jest/globals';
import { describeFault, localFaultOf } from '../../../../chaos/drill/local/means.ts';
import { EXPERIMENTS, type Experiment } from '../../../../chaos/index.ts';
import { PROXY_FAULTS, type ProxyFault } from '../../../../chaos/faults/fault.ts';
import { experimentWith } from './drill.ts';

const SERVERS = { redis: '/redis', prometheus: '/prometheus', alertmanager: '/alertmanager' };

const FAULTS: Readonly<Record<ProxyFault['kind'], ProxyFault>> = {
  latency: { kind: 'latency', latency: '2s', jitter: '100ms' },
  bandwidth: { kind: 'bandwidth', perSecond: '16Ki' },
  reset: { kind: 'reset' },
  refuse: { kind: 'refuse' },
  'black-hole': { kind: 'black-hole' },
  'half-open': { kind: 'half-open' },
  cut: { kind: 'cut', after: 100 },
  status: { kind: 'status', status: 429, share: '50%' },
  'slow-body': { kind: 'slow-body', perSecond: '1Ki' },
};

describe('what a laptop can do', () => {
  test.each(EXPERIMENTS.map((experiment): [string, Experiment] => [experiment.id, experiment]))(
    'is known of %s, or why not',
    (_, experiment) => {
      const means = localFaultOf(experiment, SERVERS);
      if ('fault' in means) expect(describeFault(means.fault).length).toBeGreaterThan(0);
      else expect(means.skipped).toMatch(/^only a cluster has /);
    },
  );

  test('lacks what its fault is on, where that is not installed', () => {
    const away = experimentWith({ kind: 'freeze', program: 'alertmanager' });
    expect(localFaultOf(away, SERVERS)).toHaveProperty('fault');
    const { alertmanager: _, ...without } = SERVERS;
    expect(localFaultOf(away, without)).toEqual({
      skipped: expect.stringContaining('alertmanager is not on PATH: install the package') as unknown,
    });
  });

  test('is said of each fault of a proxy, in words of its own', () => {
    const words = PROXY_FAULTS.map((kind) =>
      describeFault({ kind: 'proxy', on: ['redis'], fault: FAULTS[kind] }).join(),
    );
    expect(new Set(words).size).toBe(PROXY_FAULTS.length);
    expect(words).toContain('the fault proxy in front of redis delays everything by 2s ± 100ms');
  });
});
