import { describeLimit, toPerSecond, type Limit, type Service } from '../../../../service/definition/index.ts';
import type { Comparison } from '../../comparison.ts';
import { perSecond, rounded, seconds } from '../../time.ts';
import { burst, most, narrowest, sustained, widest, type Bound } from '../../../../service/definition/limit-bounds.ts';
import { callerLimits } from './route-limits.ts';

/**
 * The limit of everyone against what it must hold: each kind of caller, of whom one alone must not reach it before its
 * own, and the peak that the service is made for. A limit in shadow denies nobody and promises nothing.
 */
export function promises(service: Service): Comparison[] {
  const { global } = service.limits;
  if (!global || global.shadow) return [];
  const callers = callerLimits(service).filter(({ limit }) => !limit.shadow);
  return [...callers.map(({ path, limit }) => ofCaller(path, limit, global)), ofPeak(service.load.peak, global)];
}

function ofCaller(path: string, limit: Limit, global: Limit): Comparison {
  const all = narrowest(global);
  const one = widest(limit);
  const { left, right, span, unit } = tightest(one, all);
  return {
    path,
    left: { value: left, text: `${rounded(left)}${span} that ${path} (${describeLimit(limit)}) promises one caller` },
    required: '<=',
    right: { value: right, text: `${rounded(right)}${span} that ${ofEveryone(global)}` },
    unit,
    fixes: [widened(global, all, one), narrowed(path, limit, all, one)],
  };
}

function ofPeak(peak: Service['load']['peak'], global: Limit): Comparison {
  const all = narrowest(global);
  const value = toPerSecond(peak);
  return {
    path: 'load.peak',
    left: { value, text: `${peak} load.peak` },
    required: '<=',
    right: { value: sustained(all), text: `${rounded(sustained(all))}/s that ${ofEveryone(global)}` },
    unit: 'requests/s',
    fixes: [widened(global, all, { kind: 'bucket', capacity: 0, perSecond: value })],
  };
}

function ofEveryone(global: Limit): string {
  return `limits.global (${describeLimit(global)}) admits of everyone together`;
}

type Sides = {
  readonly left: number;
  readonly right: number;
  /** The time in which both are counted, in words. */
  readonly span: string;
  readonly unit: Comparison['unit'];
};

/** The side on which one caller comes closest: at once, in the long run, or in the window of everyone. */
function tightest(one: Bound, all: Bound): Sides {
  if (all.kind === 'window') {
    const span = ` in ${seconds(all.milliseconds)}`;
    return { left: most(one, all.milliseconds), right: all.count, span, unit: 'requests' };
  }
  return burst(one) / all.capacity > sustained(one) / all.perSecond
    ? { left: burst(one), right: all.capacity, span: ' at once', unit: 'requests' }
    : { left: sustained(one), right: all.perSecond, span: '/s', unit: 'requests/s' };
}

/** Changes of everyone's limit that let it hold another; none where a schedule has counts of its own. */
function widened(global: Limit, all: Bound, other: Bound): readonly string[] | undefined {
  if (all.kind === 'bucket') {
    return [
      ...(burst(other) > all.capacity ? [`limits.global.bucket.capacity=${burst(other)}`] : []),
      ...(sustained(other) > all.perSecond ? [`limits.global.bucket.refill=${perSecond(sustained(other))}`] : []),
    ];
  }
  if (global.schedule.length > 0) return undefined;
  const unit = global.window?.split('/')[1] ?? 's';
  return [`limits.global.window=${Math.ceil(most(other, all.milliseconds))}/${unit}`];
}

/** Changes of a caller's bucket that let everyone's bucket hold it. */
function narrowed(path: string, { bucket }: Limit, all: Bound, one: Bound): readonly string[] | undefined {
  if (!bucket || all.kind !== 'bucket' || all.perSecond < 1) return undefined;
  return [
    ...(burst(one) > all.capacity ? [`${path}.bucket.capacity=${all.capacity}`] : []),
    ...(sustained(one) > all.perSecond ? [`${path}.bucket.refill=${Math.floor(all.perSecond)}/s`] : []),
  ];
}
