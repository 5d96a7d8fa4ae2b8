import type { LaneSettings, ResilienceSettings } from '../../service/definition/index.ts';

/** Settings of lanes with a few places each; what a test is about it says itself. */
export function laneSettings({
  critical,
  background,
  ...rest
}: {
  maxInFlight?: number;
  maxStreams?: number;
  critical?: Partial<LaneSettings>;
  background?: Partial<LaneSettings>;
} = {}): Pick<ResilienceSettings, 'maxInFlight' | 'maxStreams' | 'lanes'> {
  return {
    maxInFlight: 100,
    maxStreams: 2,
    lanes: {
      critical: { concurrency: 2, upstream: '100%', queue: 3, drop: 'newest', maxWait: '5s', ...critical },
      background: { concurrency: 1, upstream: '100%', queue: 3, drop: 'oldest', maxWait: '5s', ...background },
    },
    ...rest,
  };
}
