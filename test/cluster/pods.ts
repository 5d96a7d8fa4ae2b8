import { selectorLabels } from '../../infra/charts/objects/labels.ts';
import type { Image } from './images.ts';
import { kubectl } from './kubectl.ts';

const PORT = 8080;

/** Takes every POST, and says what was posted: a line of JSON for each. */
const TAKES_POSTS = `
  require('node:http').createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      if (body) console.log(JSON.stringify({ path: request.url, body: JSON.parse(body) }));
      response.writeHead(202).end();
    });
  }).listen(${PORT});
`;

/** What a receiver was told at once. */
export type Posted = {
  readonly path: string;
  readonly body: {
    readonly alerts: readonly {
      readonly status: 'firing' | 'resolved';
      readonly labels: Readonly<Record<string, string>>;
    }[];
  };
};

/** A receiver of alerts as a pod behind a Service, which alerts reach as `http://NAME:8080`. */
export class Receiver {
  readonly url: string;
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
    this.url = `http://${name}:${PORT}/alerts`;
  }

  /** Starts it in a namespace and waits until it listens. */
  async install(namespace: string, image: Image): Promise<void> {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: this.name },
      spec: { selector: { app: this.name }, ports: [{ port: PORT }] },
    };
    const pod = podOf(this.name, { app: this.name }, TAKES_POSTS, image);
    await apply(namespace, service, pod);
    await kubectl(namespace, ['wait', '--for=condition=Ready', `pod/${this.name}`, '--timeout=60s']);
  }

  /** All that it was told so far. */
  async posted(namespace: string): Promise<readonly Posted[]> {
    const lines = (await kubectl(namespace, ['logs', this.name])).trim().split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Posted);
  }
}

/** A pod that looks like one of the gateway and answers nobody, as one does that hangs; it is never Ready. */
export async function addHangingGateway(namespace: string, name: string, image: Image): Promise<void> {
  const pod = podOf(name, selectorLabels('gateway'), 'setInterval(() => undefined, 1000);', image);
  await apply(namespace, pod);
}

function podOf(name: string, labels: Readonly<Record<string, string>>, program: string, image: Image) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'program',
          image: `${image.repository}@${image.digest}`,
          command: ['node', '-e', program],
          resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
          readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}

async function apply(namespace: string, ...objects: readonly object[]): Promise<void> {
  const lines = objects.map((object) => JSON.stringify(object)).join('\n');
  await kubectl(namespace, ['apply', '--server-side', '-f', '-'], lines);
}
