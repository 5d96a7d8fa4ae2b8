import type { Service } from '../service/definition/index.ts';
import { METRICS, selectGateway } from '../service/telemetry/catalogue.ts';

/** What selects the pods of the gateway in a command. */
export const GATEWAY_PODS = 'app.kubernetes.io/component=gateway';

/** A command of kubectl in the namespace of the environment. */
export function kubectl({ namespace }: Service, command: string): string {
  return `kubectl -n ${namespace} ${command}`;
}

/** A command of Sluice. */
export function sluice({ environment }: Service, command: string): string {
  return `npx sluice ${command} --env ${environment}`;
}

/** Whether somebody types an answer into a shell; what is no command is PromQL. */
export function isCommand(answer: string): boolean {
  return /^(kubectl|npx sluice) /.test(answer);
}

/** The command that shows what the gateway said last. */
export function logs(service: Service): string {
  return kubectl(service, `logs -l ${GATEWAY_PODS} --tail=500`);
}

/** PromQL of the requests per second of each route. */
export function requestsByRoute({ namespace }: Service, matchers: Readonly<Record<string, string>> = {}): string {
  return `sum by (route) (rate(${selectGateway(namespace, METRICS.requestDuration, matchers, '_count')}[5m]))`;
}
