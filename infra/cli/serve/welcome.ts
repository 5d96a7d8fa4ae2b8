import type { Service } from '../../../service/definition/index.ts';
import type { Demo } from './application.ts';

/** What the first screen tells about the sample application. */
export type ApplicationWelcome = {
  readonly service: Service;
  readonly port: number;
  readonly opsPort: number;
  readonly objects: number;
  readonly demo: Demo | undefined;
};

/** What to try next, with the demo key and user in place. */
export function applicationWelcome({ service, port, opsPort, objects, demo }: ApplicationWelcome): string {
  const base = `http://localhost:${port}`;
  const order = `curl -X POST ${base}/create-order -H 'Authorization: Bearer ${demo?.key ?? 'KEY'}' -H 'Content-Type: application/json' -d '{"item":"tea","quantity":2}'`;
  const chat = `curl -N ${base}/v1/chat/completions -H 'Content-Type: application/json' -d '{"model":"sample","stream":true,"messages":[{"role":"user","content":"What is a rate limit?"}]}'`;
  const client = `OPENAI_BASE_URL=${base}/v1 OPENAI_API_KEY=${demo?.key ?? 'KEY'}`;
  const login =
    demo &&
    `curl -X POST ${base}/login -H 'Content-Type: application/json' -d '{"username":"${demo.user}","password":"${demo.password}"}'`;
  return [
    '',
    `${service.name} ${service.version} is ready on ${base} (Ctrl-C stops it).`,
    `The whole stack of ${service.environment} is checked and stands in dist/${service.environment}: ${objects} Kubernetes objects, rules, routes, dashboards.`,
    ...(demo ? [`Demo user: ${demo.user}, password ${demo.password}. Demo key: ${demo.key}`] : []),
    '',
    'Try:',
    `  curl -i '${base}/v1/search?q=rate+limit'   (twice: MISS, then HIT)`,
    `  ${chat}`,
    `  ${client}   (before the command of a program that uses OpenAI's client)`,
    `  ${order}`,
    ...(login === undefined ? [] : [`  ${login}`]),
    `  open http://localhost:${opsPort}/ in a browser   (the last 15 minutes, what is wrong, lanes, breakers, limits)`,
    `  curl http://localhost:${opsPort}/metrics`,
    '',
    '',
  ].join('\n');
}

/** What the first screen tells about a gateway in front of another origin. */
export function proxyWelcome({
  port,
  opsPort,
  origin,
  limits,
}: {
  port: number;
  opsPort: number;
  origin: string;
  limits: boolean;
}): string {
  return [
    '',
    `The gateway is ready on http://localhost:${port} in front of ${origin}, ${limits ? 'with' : 'without'} limits (Ctrl-C stops it).`,
    `Live page: http://localhost:${opsPort}/; metrics and health: /metrics, /healthz`,
    '',
    '',
  ].join('\n');
}
