import type { Service } from '../../../service/definition/index.ts';
import type { Identity } from '../objects/labels.ts';

/** What decides how requests come in: the settings, and the ladders that a balancer has to fit. */
export type IngressValues = Identity &
  Pick<Service, 'balancer' | 'gateway' | 'ingress' | 'release' | 'resilience' | 'rollout' | 'routes' | 'scaling'>;

/** An object of a kind that the library has no class for. */
export type CustomObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: object;
};
