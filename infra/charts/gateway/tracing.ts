import type { VolumeMount } from 'cdk8s-plus-28';
import { secretFile, type Service } from '../../../service/definition/index.ts';
import type { Component } from '../objects/labels.ts';
import type { Layer } from '../objects/layer.ts';
import { secretFiles } from '../objects/volumes.ts';

/** What a container sends its traces by. */
export type TracingAccess = {
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly VolumeMount[];
};

/** The address of the collector, and the headers that it asks for where there are some; nothing without a collector. */
export function tracingAccess(
  layer: Layer,
  component: Component,
  { collector, headers }: Service['telemetry']['traces'],
): TracingAccess {
  if (collector === undefined) return { environment: {}, volumes: [] };
  const address = { OTEL_EXPORTER_OTLP_ENDPOINT: collector };
  if (headers === undefined) return { environment: address, volumes: [] };
  return {
    environment: { ...address, OTEL_EXPORTER_OTLP_HEADERS_FILE: secretFile(headers) },
    volumes: [secretFiles(layer, component, headers.secret, [headers.key])],
  };
}
