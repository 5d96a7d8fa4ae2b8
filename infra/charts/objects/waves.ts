/**
 * When objects are applied where their order matters: what says nothing first, then the migration, then who needs it.
 */
const WAVES = { migration: '1', gateway: '2' } as const;

/** A moment after the first. */
export type Wave = keyof typeof WAVES;

/**
 * Annotation by which Argo CD applies one after the other, each once what comes before it is done; Pulumi here, too.
 */
export const WAVE_ANNOTATION = 'argocd.argoproj.io/sync-wave';

/** The annotation of an object of a wave. */
export function inWave(wave: Wave): Record<string, string> {
  return { [WAVE_ANNOTATION]: WAVES[wave] };
}
