import { createAnswerCache, createMemorySharedTier } from '../../../service/cache/index.ts';
import { definition, toBytes, withValues } from '../../../service/definition/index.ts';
import { createListener } from '../../../service/gateway/listener.ts';
import { createPipeline } from '../../../service/gateway/pipeline.ts';
import { createRecorder } from '../../../service/gateway/processes/recorder.ts';
import { createRouter } from '../../../service/gateway/router.ts';
import { createMemoryLimits, limitNames } from '../../../service/limit/index.ts';
import { createLanes } from '../../../service/resilience/index.ts';
import { LABEL_VALUES, METRICS } from '../../../service/telemetry/catalogue.ts';
import { Cells, layOutCells } from '../../../service/telemetry/cells.ts';
import { createLog } from '../../../service/telemetry/log.ts';
import { BENCH_BODY } from './body.ts';

/** A worker's listener and pipeline in one process, with metrics or, with METRICS=off, without any. */
const wide = ['limits.address=1000000/s', 'routes.search.limit=1000000/s', 'routes.search.cacheFor=1h'];
const service = withValues(definition.dev, [
  ...wide,
  'limits.global.bucket.capacity=1000000',
  'limits.global.bucket.refill=1000000/s',
]);
const routes = Object.entries(service.routes).map(([id, { method, lane }]) => ({ id, method, lane }));
const layout = layOutCells({ routes, lanes: ['critical', 'background'], limits: limitNames(service), breakers: [] });
const cells = new Cells(layout);
const on = process.env.METRICS !== 'off';
const log = createLog({ level: 'error', base: {} });
const recorder = on ? createRecorder(cells, log) : { onStart: () => undefined, onEnd: () => undefined };
const nothing = (): void => undefined;
const body = Buffer.from(BENCH_BODY);
const handlers = Object.fromEntries(
  Object.keys(service.routes).map((id) => [
    id,
    () => ({ status: 200, headers: ['content-type', 'application/json'], body }),
  ]),
);
let requests = 0;
createListener({
  service,
  router: createRouter(service.routes, handlers),
  answer: createPipeline({
    service,
    limitStore: createMemoryLimits({ trackedCallers: service.limits.trackedCallers }),
    credentials: { key: () => Promise.resolve(undefined), session: () => Promise.resolve(undefined) },
    cache: createAnswerCache({
      settings: service.cache,
      shared: createMemorySharedTier({ maxBytes: 1 << 20 }),
      maxBytes: toBytes(service.gateway.memory.cache),
      onError: nothing,
    }),
    lanes: createLanes({ settings: service.resilience }),
    onDecision: on ? cells.counters(METRICS.limitDecisions, 'decision', LABEL_VALUES.decision) : nothing,
    onLookup: on ? cells.counters(METRICS.cacheLookups, 'result', LABEL_VALUES.result) : nothing,
    ...(on && { onHit: cells.counters(METRICS.cacheHits, 'level', LABEL_VALUES.level) }),
  }),
  nextId: () => `bench-${(requests++).toString(36)}`,
  ...recorder,
  isDraining: () => false,
}).listen(Number(process.env.PORT), '127.0.0.1');
