import type { Connection, End, NetworkPolicy, Pod } from '../../infra/network/index.ts';

type Spec = NetworkPolicy['spec'];

/** One sentence of the documentation, as connections that policies allow or refuse. */
export type Row = {
  readonly says: string;
  readonly policies: readonly NetworkPolicy[];
  readonly allowed: readonly Connection[];
  readonly refused: readonly Connection[];
};

/** Labels of the namespaces; each also has its name as a label. */
export const NAMESPACES = { shop: { team: 'sales' }, lab: { team: 'research' }, attic: {} };

const pod = (namespace: string, labels: Record<string, string>, rest: Partial<Pod> = {}): Pod => ({
  namespace,
  labels,
  node: 'node-a',
  ...rest,
});

/** A pod of the namespace `shop` that most rows are about. */
export const database = pod(
  'shop',
  { app: 'database', tier: 'back' },
  {
    addresses: ['10.1.0.1'],
    ports: [
      { name: 'sql', number: 5432 },
      { name: 'sip', number: 5060, protocol: 'UDP' },
    ],
  },
);
/** Another pod of `shop`. */
export const web = pod('shop', { app: 'web', tier: 'front' }, { addresses: ['10.1.0.2', 'fd00::2'] });
/** A pod of `shop` without labels. */
export const plain = pod('shop', {});
/** The same labels as `web`, in another namespace. */
export const labWeb = pod('lab', { app: 'web', tier: 'front' }, { addresses: ['10.2.0.2'] });
/** Other labels, in another namespace. */
export const labRobot = pod('lab', { app: 'robot' });
/** A pod of a namespace without labels of its own. */
export const attic = pod('attic', { app: 'web' });

/** A connection between two ends, to port 5432 by TCP where nothing else is said. */
export function to(from: Pod | End, receiver: Pod | End, port = 5432, protocol?: Connection['protocol']): Connection {
  return { from: end(from), to: end(receiver), port, ...(protocol && { protocol }) };
}

/** A policy of `shop`, or of another namespace. */
export function policy(spec: Spec, name = 'policy', namespace = 'shop'): NetworkPolicy {
  return { metadata: { name, namespace }, spec };
}

/** Incoming traffic of the database from these peers only. */
export function from(...peers: NonNullable<NonNullable<Spec['ingress']>[number]['from']>): NetworkPolicy[] {
  return [policy({ podSelector: { matchLabels: { app: 'database' } }, ingress: [{ from: peers }] })];
}

/** Incoming traffic of the database to these ports only. */
export function ports(...list: NonNullable<NonNullable<Spec['ingress']>[number]['ports']>): NetworkPolicy[] {
  return [policy({ podSelector: { matchLabels: { app: 'database' } }, ingress: [{ ports: list }] })];
}

/** An address outside of the cluster. */
export const address = (text: string): End => ({ address: text });

function end(value: Pod | End): End {
  return 'labels' in value ? { pod: value } : value;
}
