import { constants, PerformanceObserver } from 'node:perf_hooks';
import { METRICS } from './catalogue.ts';
import type { Cells } from './cells.ts';

/** Time between two samples of the event loop's delay. */
const SAMPLE_MS = 100;

const KINDS: Readonly<Record<number, 'minor' | 'major' | 'incremental' | 'weakcb'>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

/**
 * Watches this process: delay of its event loop, pauses for garbage collection, memory, processor. Pauses are counted
 * as they happen; `measure` brings the gauges up to date. `memory` is what the process counts of its memory; default all
 * that is resident.
 */
export function watchRuntime(cells: Cells, memory: () => number = process.memoryUsage.rss): { measure(): void } {
  const observeDelay = cells.histogram(METRICS.eventLoopDelay);
  let due = performance.now() + SAMPLE_MS;
  setInterval(() => {
    const now = performance.now();
    observeDelay(Math.max(0, now - due) / 1000);
    due = now + SAMPLE_MS;
  }, SAMPLE_MS).unref();
  const pauses = new Map(
    Object.values(KINDS).map((kind) => [kind, cells.histogram(METRICS.garbageCollection, { kind })]),
  );
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // The types know only the entries that user code makes.
      const { kind } = (entry as unknown as { readonly detail: { readonly kind: number } }).detail;
      pauses.get(KINDS[kind] ?? 'major')?.(entry.duration / 1000);
    }
  }).observe({ entryTypes: ['gc'] });
  const setCpu = cells.gauge(METRICS.cpuSeconds);
  const setResident = cells.gauge(METRICS.residentMemory);
  const setHeap = cells.gauge(METRICS.heapUsed);
  return {
    measure() {
      const { user, system } = process.cpuUsage();
      setCpu((user + system) / 1e6);
      setResident(memory());
      setHeap(process.memoryUsage().heapUsed);
    },
  };
}
