import { DefinitionError, nearest, unknownWithoutSecret, withoutSecret, type Finding } from './findings.ts';
import { ENVIRONMENTS, serviceSchema, type EnvironmentName, type ServiceInput, type ServiceValues } from './schema.ts';
import { crossFieldFindings } from './cross-field.ts';
import { drillFindings } from './drill-rules.ts';

/** Any part of a value, at any depth; lists are given whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** What a team writes: the values that all environments share, and what each environment changes. */
export type DefinitionInput = ServiceInput & {
  readonly environments: Readonly<Record<EnvironmentName, DeepPartial<ServiceInput>>>;
};

/** One environment of the service, frozen: what every layer reads. */
export type Service = Readonly<ServiceValues> & { readonly environment: EnvironmentName };

/** The service in each of its environments. */
export type Definition = Readonly<Record<EnvironmentName, Service>>;

/**
 * Validates a definition and freezes it. Every environment is the shared values with its own laid over them.
 * Throws one DefinitionError that lists every wrong value of every environment.
 */
export function defineService(input: DefinitionInput): Definition {
  const { environments, ...shared } = input;
  const findings: Finding[] = [];
  const services: Partial<Record<EnvironmentName, Service>> = {};
  for (const environment of ENVIRONMENTS) {
    const result = validate(overlay(shared, environments[environment]), environment);
    if ('findings' in result) findings.push(...result.findings);
    else services[environment] = result.service;
  }
  const { dev, staging, prod } = services;
  if (!dev || !staging || !prod) throw new DefinitionError(withoutRepetition(findings));
  return Object.freeze({ dev, staging, prod });
}

/**
 * One environment with some values tried out, each as `path=value` (`rollout.surge=2`), without an edit.
 * Throws a DefinitionError when a path does not exist or a value does not fit.
 */
export function withValues(service: Service, settings: readonly string[]): Service {
  if (settings.length === 0) return service;
  const { environment, ...values } = structuredClone(service);
  const findings = settings.flatMap((setting) => assign(values, setting));
  if (findings.length > 0) throw new DefinitionError(findings);
  const result = validate(values, environment);
  if ('findings' in result) throw new DefinitionError(result.findings);
  return result.service;
}

/**
 * A service that was written down as JSON, such as the gateway's mounted configuration, validated again.
 * Throws a DefinitionError that lists every wrong value.
 */
export function parseService(written: unknown): Service {
  const { environment, ...values } = (isRecord(written) ? written : {}) as Partial<Service>;
  const known = ENVIRONMENTS.find((name) => name === environment);
  if (!known) throw new DefinitionError([{ path: 'environment', value: environment, right: ENVIRONMENTS.join(', ') }]);
  const result = validate(values, known);
  if ('findings' in result) throw new DefinitionError(result.findings);
  return result.service;
}

function validate(values: unknown, environment: EnvironmentName): { service: Service } | { findings: Finding[] } {
  const parsed = serviceSchema.safeParse(values);
  if (!parsed.success) {
    return { findings: parsed.error.issues.flatMap((issue) => toFindings(issue, values, environment)) };
  }
  const found = [...crossFieldFindings(parsed.data), ...drillFindings(parsed.data, environment)];
  const findings = found.map((finding) => ({ ...finding, environment }));
  return findings.length > 0 ? { findings } : { service: deepFreeze({ ...parsed.data, environment }) };
}

type Issue = NonNullable<ReturnType<typeof serviceSchema.safeParse>['error']>['issues'][number];

function toFindings(issue: Issue, values: unknown, environment: EnvironmentName): Finding[] {
  const parent = issue.path.map(String);
  // Of several forms, the one that an object was meant as is the object's.
  if (issue.code === 'invalid_union' && isRecord(lookUp(values, parent))) {
    const meant = (issue.errors as Issue[][]).find((form) =>
      form.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
    );
    if (meant)
      return meant.flatMap((inner) =>
        toFindings({ ...inner, path: [...issue.path, ...inner.path] }, values, environment),
      );
  }
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(parent);
    return issue.keys.map((key) => ({
      environment,
      path: [...parent, key].join('.'),
      value: unknownWithoutSecret([...parent, key], lookUp(values, [...parent, key])),
      right: `a known field; ${nearest(key, known) ?? `known here: ${known.join(', ')}`}`,
    }));
  }
  const value = withoutSecret(parent, lookUp(values, parent));
  return [
    { environment, path: parent.join('.'), value, right: issue.message.replace(/^Invalid input: expected /, '') },
  ];
}

/** The fields that the schema knows below a path, for a helpful word about an unknown one. */
function knownKeys(path: readonly string[]): string[] {
  let schema: unknown = serviceSchema;
  for (const key of path) {
    const { shape, valueType } = objectOf(schema);
    schema = shape ? shape[key] : valueType;
  }
  return Object.keys(objectOf(schema).shape ?? {});
}

type ObjectSchema = { readonly shape?: Record<string, unknown>; readonly valueType?: unknown };
type Wrapper = { readonly unwrap?: () => unknown; readonly options?: readonly unknown[] };

/** The object inside what may be optional or one of several forms. */
function objectOf(schema: unknown): ObjectSchema {
  const { unwrap, options } = (schema ?? {}) as Wrapper;
  if (options) return options.map(objectOf).find(({ shape }) => shape) ?? {};
  return unwrap && !(schema as ObjectSchema).shape ? objectOf(unwrap()) : (schema ?? {});
}

function assign(target: object, setting: string): Finding[] {
  const separator = setting.indexOf('=');
  if (separator < 1) return [{ path: setting, value: undefined, right: 'path=value, such as rollout.surge=2' }];
  const path = setting.slice(0, separator).split('.');
  const last = path.at(-1) ?? '';
  const raw = setting.slice(separator + 1);
  let holder: unknown = target;
  for (const [depth, key] of path.entries()) {
    const known = [...(isRecord(holder) ? Object.keys(holder) : []), ...knownKeys(path.slice(0, depth))];
    if (!isRecord(holder) || !known.includes(key)) {
      const place = path.slice(0, depth).join('.');
      const names = [...new Set(known)].sort().join(', ');
      const near =
        elsewhere(target, path) ??
        nearest(key, known) ??
        (known.length > 0 ? `known here: ${names}` : `${place} is a value`);
      const value = unknownWithoutSecret(path, raw);
      return [{ path: path.slice(0, depth + 1).join('.'), value, right: `a path of the definition; ${near}` }];
    }
    if (depth === path.length - 1) holder[last] = parseValue(raw);
    // A part that is absent comes into being by its first field.
    else holder = holder[key] ??= {};
  }
  return [];
}

/** Where in the definition a path stands whose beginning was left out. */
function elsewhere(holder: object, path: readonly string[], above: readonly string[] = []): string | undefined {
  for (const [key, inner] of Object.entries(holder)) {
    if (!isRecord(inner)) continue;
    const place = [...above, key];
    if (lookUp(inner, path) !== undefined) return `perhaps ${[...place, ...path].join('.')}`;
    const found = elsewhere(inner, path, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parseValue(raw: string): string | number | boolean {
  if (raw === 'true' || raw === 'false') return raw === 'true';
  return /^-?\d+(\.\d+)?$/.test(raw) ? Number(raw) : raw;
}

function overlay(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = overlay(base[key], value);
  return merged;
}

function lookUp(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A wrong shared value is found once per environment; it is told once, without an environment. */
function withoutRepetition(findings: readonly Finding[]): Finding[] {
  const byText = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.path, finding.value, finding.right]);
    byText.set(key, [...(byText.get(key) ?? []), finding]);
  }
  return [...byText.values()].flatMap((same) => {
    if (same.length < ENVIRONMENTS.length) return same;
    return same.slice(0, 1).map(({ path, value, right }) => ({ path, value, right }));
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
