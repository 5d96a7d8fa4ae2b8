import type { KubernetesObject } from '../../infra/synth/index.ts';

/** A container, as far as tests look at it. */
export type Container = {
  readonly name: string;
  readonly image: string;
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
};

/** The spec of a pod, as far as tests look at it. */
export type PodSpec = {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
};

/** Something that makes pods. */
export type Workload = {
  readonly object: KubernetesObject;
  readonly kind: string;
  /** Of a Job without the hash of its release. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: PodSpec;
  /** Whether its pods do their work and end. */
  readonly ends: boolean;
};

type Template = {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
};

type Maker = {
  readonly template?: Template;
  readonly jobTemplate?: { readonly spec: { readonly template: Template } };
};

const RUN = /-[0-9a-f]{10}$/;

/** Everything among some objects that makes pods by a template. */
export function workloadsOf(objects: readonly KubernetesObject[]): readonly Workload[] {
  return objects.flatMap((object) => {
    const { template, jobTemplate } = (object.spec ?? {}) as Maker;
    const found = jobTemplate?.spec.template ?? template;
    if (!found || !Array.isArray((found.spec as Partial<PodSpec> | undefined)?.containers)) return [];
    const { kind, metadata } = object;
    return [
      {
        object,
        kind,
        name: kind === 'Job' ? metadata.name.replace(RUN, '') : metadata.name,
        labels: found.metadata?.labels ?? {},
        pod: found.spec,
        ends: kind === 'CronJob' || kind === 'Job',
      },
    ];
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** A quantity of Kubernetes as a number: cores, or bytes. */
export function quantity(text: string | undefined): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi)?$/.exec(text ?? '') ?? [];
  const scale = UNITS[unit];
  if (number === undefined || scale === undefined) throw new Error(`'${text}' is no quantity`);
  return Number(number) * scale;
}
