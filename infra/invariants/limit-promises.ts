import { describeLimit, toPerSecond, type Limit, type Service } from '../../service/definition/index.ts';
import type { Breach } from './finding.ts';
import { burst, holds, most, narrowest, sustained, widest, type Bound } from './limit-bounds.ts';
import { callerLimits } from './route-limits.ts';
import { perSecond, rounded, seconds } from './time.ts';

/** A breach for each kind of caller of whom one alone reaches the limit of everyone before its own. */
export function overbooked(service: Service): Breach[] {
  const { global } = service.limits;
  if (!global || global.shadow) return [];
  const all = narrowest(global);
  return callerLimits(service)
    .filter(({ limit }) => !limit.shadow && !holds(all, widest(limit)))
    .map(({ path, limit }) => {
      const one = widest(limit);
      const numbers = compared(one, all);
      return {
        path,
        problem:
          `${numbers.left} that ${path} (${describeLimit(limit)}) promises one caller > ` +
          `${numbers.right} that limits.global (${describeLimit(global)}) admits of everyone together`,
        numbers: { ...numbers.values, required: '<=', unit: numbers.unit },
        fixes: [{ settings: widened(global, all, one) }, { settings: narrowed(path, limit, all, one) }].filter(
          ({ settings }) => settings.length > 0,
        ),
      };
    });
}

/** A breach where the limit of everyone denies a part of the peak that the service is made for. */
export function peakRefused({ limits, load }: Service): Breach[] {
  const { global } = limits;
  if (!global || global.shadow) return [];
  const all = narrowest(global);
  const peak = toPerSecond(load.peak);
  if (peak <= sustained(all)) return [];
  return [
    {
      path: 'load.peak',
      problem: `${load.peak} load.peak > ${rounded(sustained(all))}/s that limits.global (${describeLimit(global)}) admits of everyone together`,
      numbers: { left: peak, right: sustained(all), required: '<=', unit: 'requests/s' },
      fixes: [{ settings: widened(global, all, { kind: 'bucket', capacity: 0, perSecond: peak }) }].filter(
        ({ settings }) => settings.length > 0,
      ),
    },
  ];
}

type Compared = {
  readonly left: string;
  readonly right: string;
  readonly values: { readonly left: number; readonly right: number };
  readonly unit: string;
};

/** The side on which one caller is promised more: at once, in the long run, or in the window of everyone. */
function compared(one: Bound, all: Bound): Compared {
  if (all.kind === 'window') {
    const span = seconds(all.milliseconds);
    const values = { left: most(one, all.milliseconds), right: all.count };
    return { left: `${values.left} requests in ${span}`, right: `${values.right}`, values, unit: 'requests' };
  }
  if (burst(one) > all.capacity) {
    const values = { left: burst(one), right: all.capacity };
    return { left: `${values.left} requests at once`, right: `${values.right}`, values, unit: 'requests' };
  }
  const values = { left: sustained(one), right: all.perSecond };
  return { left: `${rounded(values.left)}/s`, right: `${rounded(values.right)}/s`, values, unit: 'requests/s' };
}

/** Changes of everyone's limit that let it hold another; none where a schedule has counts of its own. */
function widened(global: Limit, all: Bound, other: Bound): string[] {
  if (all.kind === 'bucket') {
    return [
      ...(burst(other) > all.capacity ? [`limits.global.bucket.capacity=${burst(other)}`] : []),
      ...(sustained(other) > all.perSecond ? [`limits.global.bucket.refill=${perSecond(sustained(other))}`] : []),
    ];
  }
  if (global.schedule.length > 0) return [];
  const unit = global.window?.split('/')[1] ?? 's';
  return [`limits.global.window=${Math.ceil(most(other, all.milliseconds))}/${unit}`];
}

/** Changes of a caller's bucket that let everyone's bucket hold it. */
function narrowed(path: string, { bucket }: Limit, all: Bound, one: Bound): string[] {
  if (!bucket || all.kind !== 'bucket' || all.perSecond < 1) return [];
  return [
    ...(burst(one) > all.capacity ? [`${path}.bucket.capacity=${all.capacity}`] : []),
    ...(sustained(one) > all.perSecond ? [`${path}.bucket.refill=${Math.floor(all.perSecond)}/s`] : []),
  ];
}
