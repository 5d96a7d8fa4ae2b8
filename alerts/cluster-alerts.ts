import { METRICS, selectExported } from '../service/telemetry/catalogue.ts';
import type { Alert } from './alert.ts';
import {
  autoscalerAtMax,
  certificateExpires,
  clusterMetricsMissing,
  containersRestart,
} from './cluster-expressions.ts';
import { kubectl, requestsByRoute } from './first-look.ts';

/** Alerts on what the cluster tells of the environment. */
export const CLUSTER_ALERTS = [
  {
    id: 'AutoscalerAtMax',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '15m',
    exporters: ['kube-state-metrics'],
    only: { where: '`scaling.max` is above `scaling.min`', holds: ({ scaling }) => scaling.max > scaling.min },
    expression: autoscalerAtMax,
    summary: 'The autoscaler has asked for as many pods as it may',
    description:
      'The autoscaler {{ $labels.horizontalpodautoscaler }} in {{ $labels.namespace }} has been at its maximum of {{ $value }} pods for a quarter of an hour.',
    runbook: {
      meaning: 'Processors are busier than `scaling.cpu` although there are as many pods as there may be.',
      impact: 'None yet. What comes on top makes answers slow, and then they are refused.',
      firstLook: (service) => ({
        'How busy it is': kubectl(service, 'get hpa'),
        'Which routes ask more than before': requestsByRoute(service),
        'How long it has been so': `max by (horizontalpodautoscaler) (${selectExported(service.namespace, METRICS.autoscalerReplicas)})`,
      }),
      fix: [
        'The load is there to stay: raise `scaling.max`; `sluice check` tells whether pools, quota and deadlines hold it.',
        'The load is a flood of few: lower what their tier or address may.',
        'The load is as ever and pods are slower: look at EventLoopBlocked and the last release.',
      ],
    },
    panel: 'autoscaler',
    dashboard: 'runtime',
    ruleTestOnly: 'no experiment sends more than the gateway can do',
  },
  {
    id: 'ContainersRestart',
    severity: 'ticket',
    team: 'service',
    group: 'causes',
    for: '0s',
    exporters: ['kube-state-metrics'],
    expression: containersRestart,
    summary: 'A container keeps being started again',
    description:
      '{{ $labels.container }} of {{ $labels.pod }} in {{ $labels.namespace }} was started again {{ $value | printf "%.0f" }} times in half an hour.',
    runbook: {
      meaning: 'The container ends by itself, is ended for its memory, or fails its liveness probe.',
      impact: 'What it was doing breaks off. Of a store: see its own alerts.',
      firstLook: (service) => ({
        'Why it ended': kubectl(service, 'describe pods'),
        'What it said last': kubectl(service, 'logs POD -c CONTAINER --previous --tail=100'),
        'Since when': `sum by (pod, container) (increase(${selectExported(service.namespace, METRICS.containerRestarts)}[1h]))`,
      }),
      fix: [
        '`OOMKilled`: raise its memory in the definition, or see MemoryNearLimit.',
        '`Error` at start: its log says in one sentence which value is wrong.',
        'A liveness probe fails: the program hangs; see EventLoopBlocked for the gateway.',
      ],
    },
    panel: 'container-restarts',
    dashboard: 'runtime',
    ruleTestOnly: 'no experiment ends containers again and again',
  },
  {
    id: 'CertificateExpires',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '1h',
    exporters: ['cert-manager'],
    expression: certificateExpires,
    summary: 'A certificate was not renewed in time',
    description:
      'The certificate {{ $labels.name }} in {{ $labels.namespace }} expires in {{ $value | humanizeDuration }}.',
    runbook: {
      meaning: 'cert-manager renews a certificate a month before its end, and for two weeks it could not.',
      impact: 'None yet. From the end on browsers and clients refuse the connection.',
      firstLook: (service) => ({
        'What cert-manager says': kubectl(service, 'describe certificates,certificaterequests,orders,challenges'),
        'When each expires': `${selectExported(service.namespace, METRICS.certificateExpiry)} - time()`,
        'Whether the issuer works': kubectl(service, 'describe issuers,clusterissuers'),
      }),
      fix: [
        'A challenge fails: the name must lead to this cluster, and its path or record must be reachable from outside.',
        'The issuer refuses: its account or its limit of certificates a week; wait or use another.',
        'Renew by hand: `cmctl renew NAME`.',
      ],
    },
    panel: 'certificates',
    dashboard: 'runtime',
    ruleTestOnly: 'no experiment waits for a certificate to expire',
  },
  {
    id: 'ClusterMetricsMissing',
    severity: 'ticket',
    team: 'platform',
    group: 'causes',
    for: '15m',
    exporters: ['kube-state-metrics', 'kubelet'],
    expression: clusterMetricsMissing,
    summary: 'Nobody tells of the pods of this environment',
    description: 'Nothing of {{ $labels.namespace }} comes from {{ $labels.job }}.',
    runbook: {
      meaning: 'kube-state-metrics or the kubelets are not scraped, or what they tell of this namespace is dropped.',
      impact: 'No user notices. Alerts on restarts, on the autoscaler and on volumes stay silent whatever happens.',
      firstLook: (service) => ({
        'What comes at all': `count by (job) (${selectExported(service.namespace, METRICS.containerRestarts)})`,
        'Whether pods run that could be told of': kubectl(service, 'get pods'),
      }),
      fix: [
        'It is not scraped: its pod or its ServiceMonitor is gone; both belong to the part `monitoring` of the platform.',
        'It is scraped and says nothing of this namespace: its list of namespaces or a relabelling leaves this one out.',
      ],
    },
    panel: 'cluster-told',
    dashboard: 'runtime',
    ruleTestOnly: 'no experiment touches what watches',
  },
] as const satisfies readonly Alert[];
