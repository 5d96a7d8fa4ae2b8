import { formatMebibytes, toBytes, toMebibytes } from '../../../service/definition/index.ts';
import { compared, counted } from '../comparison.ts';
import type { Invariant } from '../finding.ts';

/** Areas for new objects that V8 keeps at most: two that it copies between, and one that grows before they do. */
const SEMI_SPACES = 3;

/** Everything that the processes of a pod may hold fits the container. */
export const memory: Invariant = {
  id: 'memory',
  layers: ['gateway', 'container'],
  reason:
    'Node collects garbage against its heap limit and knows nothing of the container. When the sum is larger, ' +
    'the kernel kills a process under load instead of the collector working harder.',
  formula:
    'workers × (heap + areas for new objects + cache + queues + counting of tokens) + primary + headroom ≤ container limit',
  example: { settings: ['gateway.memory.limit=512Mi'] },
  ...compared(({ gateway }) => {
    const { heap, semiSpace, cache, queues, tokens, primary, headroom, limit } = gateway.memory;
    const others = [cache, queues, tokens].reduce((sum, each) => sum + toBytes(each), 0);
    const worker = toBytes(heap) + SEMI_SPACES * toBytes(semiSpace) + others;
    const fixed = toBytes(primary) + toBytes(headroom);
    const total = gateway.workers * worker + fixed;
    return [
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
