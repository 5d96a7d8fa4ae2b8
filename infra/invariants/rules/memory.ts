import { formatMebibytes, toBytes, toMebibytes, type Service } from '../../../service/definition/index.ts';
import { shareOf } from '../../../service/resilience/share.ts';
import { compared, counted, type Comparison } from '../comparison.ts';
import type { Invariant } from '../finding.ts';

/** Areas for new objects that V8 keeps at most: two that it copies between, and one that grows before they do. */
const SEMI_SPACES = 3;

/** What a worker has on its heap before the first request: 36 MiB were measured. */
const AT_REST_MIB = 48;
/** What a stream has on the heap while it is open, with its two connections: 28 KiB were measured. */
const STREAM_KIB = 40;

/** Everything that the processes of a pod may hold fits the container, and the streams of a worker its heap. */
export const memory: Invariant = {
  id: 'memory',
  layers: ['gateway', 'container'],
  reason:
    'Node collects garbage against its heap limit and knows nothing of the container. When the sum is larger, ' +
    'the kernel kills a process under load instead of the collector working harder.',
  formula:
    'at rest + streams of a worker × 40 KiB ≤ heap; workers × (heap + areas for new objects + cache + queues + counting of tokens) + primary + headroom ≤ container limit',
  example: { settings: ['gateway.memory.limit=512Mi'] },
  ...compared((service) => {
    const { gateway } = service;
    const { heap, semiSpace, cache, queues, tokens, primary, headroom, limit } = gateway.memory;
    const others = [cache, queues, tokens].reduce((sum, each) => sum + toBytes(each), 0);
    const worker = toBytes(heap) + SEMI_SPACES * toBytes(semiSpace) + others;
    const fixed = toBytes(primary) + toBytes(headroom);
    const total = gateway.workers * worker + fixed;
    return [
      streamsOnHeap(service),
      {
        path: 'gateway.memory.limit',
        left: {
          value: total / 2 ** 20,
          text:
            `${counted(gateway.workers, 'worker')} × (${heap} heap + ${SEMI_SPACES} × ${semiSpace} semiSpace + ${cache} cache + ${queues} queues + ${tokens} tokens) ` +
            `+ ${primary} primary + ${headroom} headroom = ${total / 2 ** 20}Mi`,
        },
        required: '<=',
        right: { value: toMebibytes(limit), text: `${limit} gateway.memory.limit` },
        unit: 'MiB',
        fixes: [
          [`gateway.memory.limit=${formatMebibytes(total)}`],
          [`gateway.workers=${Math.floor((toBytes(limit) - fixed) / worker)}`],
        ],
      },
    ];
  }),
};

function streamsOnHeap({ resilience, gateway }: Service): Comparison {
  const { heap } = gateway.memory;
  const streams = shareOf(resilience.maxStreams, gateway.workers);
  const needed = AT_REST_MIB + Math.ceil((streams * STREAM_KIB) / 1024);
  return {
    path: 'gateway.memory.heap',
    left: {
      value: needed,
      text: `${AT_REST_MIB}Mi at rest + ${streams} streams of a worker (resilience.maxStreams) × ${STREAM_KIB}Ki = ${needed}Mi`,
    },
    required: '<=',
    right: { value: toMebibytes(heap), text: `${heap} gateway.memory.heap` },
    unit: 'MiB',
    fixes: [[`gateway.memory.heap=${needed}Mi`]],
  };
}
