import { z } from 'zod';
import type { ProxyFault } from '../fault.ts';
import { faultSchema } from '../fault-schema.ts';
import type { Address } from '../listener.ts';
import type { Counts } from '../proxy.ts';

/** The longest that a fault may last, in seconds. */
export const LONGEST_TTL = 3600;

/** A proxy as the control API tells of it. */
export type ProxyState = {
  readonly name: string;
  readonly protocol: 'tcp' | 'http';
  readonly listen: Address;
  readonly target: Address;
  /** The fault that holds; absent: none. */
  readonly fault?: ProxyFault;
  /** Milliseconds since 1970 at which the proxy takes the fault back by itself. */
  readonly until?: number;
  readonly counts: Counts;
};

const portOf = (from: number) => {
  const error = `a port from ${from} to 65535`;
  return z.int({ error }).min(from, { error }).max(65_535, { error });
};
const host = z.string({ error: "a host, such as '127.0.0.1'" }).regex(/^[\w.:-]{1,253}$/, {
  error: "a host, such as '127.0.0.1'",
});

/** Where to listen; port 0 is any. */
export const listenSchema = z.strictObject({ host, port: portOf(0) });

/** Where to connect to. */
export const targetSchema = z.strictObject({ host, port: portOf(1) });

const ttlError = `whole seconds from 1 to ${LONGEST_TTL}`;

/** Body of `PUT /faults/NAME`. */
export const putFaultSchema = z.strictObject({
  fault: faultSchema,
  ttl: z.int({ error: ttlError }).min(1, { error: ttlError }).max(LONGEST_TTL, { error: ttlError }),
});

/** What is wrong with a value, in one sentence without its end; `whole` names the value itself. */
export function sentenceOf({ issues }: z.ZodError, whole: string): string {
  const [issue] = issues;
  if (issue === undefined) return `${whole} is wrong`;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return `${path || whole} has no field '${issue.keys.join("', '")}'`;
  return `${path || whole} must be ${issue.message}`;
}
