/** Where spans are sent, and as whose. */
export type Collector = {
  /** Takes OTLP over HTTP. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
};

/** Who sends. */
export type CollectorClient = {
  readonly name: string;
  readonly version: string;
  readonly environment: string;
};

const EXAMPLE = 'OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318';
const PROTOCOL = 'http/protobuf';
/** A field's name, and what may stand in a value (RFC 9110, sections 5.1 and 5.5). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;

/**
 * The collector that the usual variables name, read by `text`; undefined where they name none: then nothing is traced.
 * Adds to `problems` each that is wrong, without a value that may be secret.
 */
export function readCollector(
  text: (name: string) => string | undefined,
  problems: string[],
  { name, version, environment }: CollectorClient,
): Collector | undefined {
  const endpoint = text('OTEL_EXPORTER_OTLP_ENDPOINT');
  const protocol = text('OTEL_EXPORTER_OTLP_PROTOCOL') ?? PROTOCOL;
  const service = text('OTEL_SERVICE_NAME') ?? name;
  const headers = readHeaders(text('OTEL_EXPORTER_OTLP_HEADERS'), problems);
  // Kubernetes names the pod's host by the pod.
  const pod = text('KUBERNETES_SERVICE_HOST') === undefined ? undefined : text('HOSTNAME');
  if (protocol !== PROTOCOL)
    problems.push(`OTEL_EXPORTER_OTLP_PROTOCOL: must be ${PROTOCOL}; example: OTEL_EXPORTER_OTLP_PROTOCOL=${PROTOCOL}`);
  if (!/^[\x20-\x7e]{1,255}$/.test(service))
    problems.push(`OTEL_SERVICE_NAME: must have 1 to 255 plain characters; example: OTEL_SERVICE_NAME=${name}`);
  if (endpoint === undefined) return undefined;
  const url = URL.parse(endpoint);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    problems.push(
      `OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL that starts with http:// or https://; example: ${EXAMPLE}`,
    );
    return undefined;
  }
  if (url.username !== '' || url.password !== '') {
    problems.push(
      'OTEL_EXPORTER_OTLP_ENDPOINT: must hold no user or password, which belong in OTEL_EXPORTER_OTLP_HEADERS or the ' +
        `file that OTEL_EXPORTER_OTLP_HEADERS_FILE names; example: ${EXAMPLE}`,
    );
    return undefined;
  }
  return {
    url: `${url.href.replace(/\/+$/, '')}/v1/traces`,
    headers,
    resource: {
      'service.name': service,
      'service.version': version,
      'deployment.environment.name': environment,
      ...(pod !== undefined && { 'k8s.pod.name': pod }),
    },
  };
}

/** `name=value,name=value` with values percent-encoded, as OpenTelemetry writes them. */
function readHeaders(written: string | undefined, problems: string[]): Record<string, string> {
  const pairs = (written ?? '').split(',').filter((pair) => pair.trim() !== '');
  const headers = pairs.map((pair): [string, string] | undefined => {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    const value = decode(pair.slice(equals + 1).trim());
    return equals > 0 && NAME.test(name) && value !== undefined && VALUE.test(value) ? [name, value] : undefined;
  });
  if (headers.includes(undefined))
    problems.push(
      'OTEL_EXPORTER_OTLP_HEADERS: must be names and values, name=value, with commas between, and what is special in ' +
        'a value percent-encoded; example: OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN',
    );
  return Object.fromEntries(headers.filter((header) => header !== undefined));
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
