import type { CLUSTER_ALERTS } from '../../../alerts/cluster-alerts.ts';
import { METRICS } from '../../../service/telemetry/catalogue.ts';
import type { CasesOf } from '../rule-test.ts';
import { counted, exported, held, together } from '../samples.ts';
import { told } from './inputs.ts';

const DAY = 86_400;
const AUTOSCALER = { horizontalpodautoscaler: 'gateway' };
const CONTAINER = { pod: 'postgres-0', container: 'postgres' };
const CERTIFICATE = { name: 'gateway-tls' };

/** Situations of what the cluster tells. */
export const CLUSTER_CASES: CasesOf<typeof CLUSTER_ALERTS> = {
  AutoscalerAtMax: [
    {
      title: 'there are six of six pods for twenty minutes',
      input: together(
        told(METRICS.autoscalerReplicas, AUTOSCALER, held([2, 3], [20, 6], [10, 4])),
        told(METRICS.autoscalerMax, AUTOSCALER, held([40, 6])),
      ),
      before: '16m45s',
      at: '17m',
      fires: {
        labels: AUTOSCALER,
        description:
          'The autoscaler gateway in sluice-prod has been at its maximum of 6 pods for a quarter of an hour.',
      },
      over: '22m15s',
    },
    {
      title: 'there are five',
      input: together(
        told(METRICS.autoscalerReplicas, AUTOSCALER, held([30, 5])),
        told(METRICS.autoscalerMax, AUTOSCALER, held([30, 6])),
      ),
      at: '20m',
    },
  ],
  ContainersRestart: [
    {
      title: 'a container is started again four times within a minute',
      input: told(METRICS.containerRestarts, CONTAINER, counted([30, 0], [1, 1], [60, 0])),
      before: '30m',
      at: '40m',
      fires: {
        labels: CONTAINER,
        description: 'postgres of postgres-0 in sluice-prod was started again 4 times in half an hour.',
      },
      over: '1h2m',
    },
    {
      title: 'it is started again once',
      input: told(METRICS.containerRestarts, CONTAINER, counted([30, 0], [0.25, 1], [60, 0])),
      at: '40m',
    },
    {
      title: 'one of another namespace is',
      input: exported('elsewhere', METRICS.containerRestarts, CONTAINER, counted([30, 0], [5, 1], [60, 0])),
      at: '40m',
    },
  ],
  CertificateExpires: [
    {
      title: 'thirteen days are left, and after two hours it is renewed',
      input: told(METRICS.certificateExpiry, CERTIFICATE, held([120, 13 * DAY + 4000], [60, 90 * DAY])),
      before: '59m45s',
      at: '1h',
      fires: {
        labels: CERTIFICATE,
        description: 'The certificate gateway-tls in sluice-prod expires in 13d 0h 6m 40s.',
      },
      over: '2h1m',
    },
    { title: 'a month is left', input: told(METRICS.certificateExpiry, CERTIFICATE, held([120, 30 * DAY])), at: '2h' },
  ],
  ClusterMetricsMissing: [
    {
      title: 'kubelets tell of other namespaces alone for twenty minutes',
      input: together(
        told(METRICS.containerRestarts, CONTAINER, held([60, 0])),
        exported('elsewhere', METRICS.containerMemory, CONTAINER, held([60, 1])),
        told(METRICS.containerMemory, CONTAINER, '1x7 stale _x78 1x100'),
      ),
      before: '16m45s',
      at: '17m',
      fires: { labels: { job: 'kubelet' }, description: 'Nothing of sluice-prod comes from kubelet.' },
      over: '22m15s',
    },
    {
      title: 'both tell',
      input: together(
        told(METRICS.containerRestarts, CONTAINER, held([60, 0])),
        told(METRICS.containerMemory, CONTAINER, held([60, 1])),
      ),
      at: '30m',
    },
  ],
};
