import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../../service/config.ts';
import { VariablesError } from '../../../service/variables.ts';
import { definition } from '../../../service/definition/index.ts';
import { readUpstreamConfig } from '../../../service/upstream/config.ts';

const NEEDED = { DATABASE_URL: 'postgres://127.0.0.1/sluice' };
const ENDPOINT = 'http://collector.example:4318';
const collectorOf = (variables: Record<string, string>) => readConfig({ ...NEEDED, ...variables }).collector;

describe('the collector of traces', () => {
  test('is none unless a variable names it', () => {
    expect(collectorOf({})).toBeUndefined();
    expect(readUpstreamConfig({}).collector).toBeUndefined();
  });

  test.each([
    [ENDPOINT, `${ENDPOINT}/v1/traces`],
    [`${ENDPOINT}/`, `${ENDPOINT}/v1/traces`],
    ['https://otlp.example/otlp/', 'https://otlp.example/otlp/v1/traces'],
  ])('takes traces of %s at %s', (endpoint, url) => {
    expect(collectorOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })?.url).toBe(url);
  });

  test('is told who sends', () => {
    const { version } = definition.dev;
    const told = { 'service.version': version, 'deployment.environment.name': 'dev' };
    const named = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT };
    expect(collectorOf(named)?.resource).toEqual({ 'service.name': 'sluice', ...told });
    expect(readUpstreamConfig(named).collector?.resource).toEqual({ 'service.name': 'sluice-upstream', ...told });
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'gateway-1', OTEL_SERVICE_NAME: 'orders' };
    expect(collectorOf({ ...named, ...pod })?.resource).toEqual({
      'service.name': 'orders',
      'k8s.pod.name': 'gateway-1',
      ...told,
    });
  });

  test('is shown the headers that a variable or its file holds', () => {
    const file = join(tmpdir(), `sluice-otlp-headers-${process.pid}`);
    writeFileSync(file, 'authorization=Basic%20abc%3D, x-tenant = one,\n');
    const named = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT };
    expect(collectorOf({ ...named, OTEL_EXPORTER_OTLP_HEADERS_FILE: file })?.headers).toEqual({
      authorization: 'Basic abc=',
      'x-tenant': 'one',
    });
    expect(collectorOf({ ...named, OTEL_EXPORTER_OTLP_HEADERS: 'a=b=c' })?.headers).toEqual({ a: 'b=c' });
  });

  test.each<[variable: string, value: string]>([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector:4317'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318?token=hunter2'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:hunter2@collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
    ['OTEL_EXPORTER_OTLP_HEADERS', '=hunter2'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a b=hunter2'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=hunter2%0d%0ax-injected:1'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=hunter2%zz'],
    ['OTEL_EXPORTER_OTLP_HEADERS_FILE', '/nowhere/hunter2'],
    ['OTEL_SERVICE_NAME', 'a\nb'],
  ])('is refused with the variable and an example: %s=%j', (variable, value) => {
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, [variable]: value };
    const problem = thrownBy(() => readConfig({ ...NEEDED, ...variables }));
    expect(problem).toBeInstanceOf(VariablesError);
    expect(problem.message).toMatch(new RegExp(`1 wrong variable:\\n {2}${variable}: .*; example: ${variable}=`));
    if (!variable.endsWith('_FILE')) expect(problem.message).not.toContain('hunter2');
    expect(thrownBy(() => readUpstreamConfig(variables)).message).toContain(variable);
  });
});

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
