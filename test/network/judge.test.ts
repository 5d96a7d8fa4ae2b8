import { describe, expect, test } from '@jest/globals';
import { judge } from '../../infra/network/index.ts';
import {
  address,
  attic,
  database,
  from,
  labRobot,
  labWeb,
  NAMESPACES,
  plain,
  policy,
  ports,
  to,
  web,
  type Row,
} from './semantics.ts';

const webPods = { matchLabels: { app: 'web' } };
const research = { matchLabels: { team: 'research' } };
const expression = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', ...values: string[]) => ({
  podSelector: { matchExpressions: [{ key: 'tier', operator, ...(values.length > 0 && { values }) }] },
});

const SELECTORS: readonly Row[] = [
  {
    says: 'a podSelector alone picks pods of the namespace of the policy',
    policies: from({ podSelector: webPods }),
    allowed: [to(web, database)],
    refused: [to(plain, database), to(labWeb, database), to(address('10.1.0.2'), database)],
  },
  {
    says: 'a namespaceSelector alone picks all pods of the namespaces',
    policies: from({ namespaceSelector: research }),
    allowed: [to(labWeb, database), to(labRobot, database)],
    refused: [to(web, database), to(attic, database)],
  },
  {
    says: 'both in one peer pick pods that both pick',
    policies: from({ namespaceSelector: research, podSelector: webPods }),
    allowed: [to(labWeb, database)],
    refused: [to(labRobot, database), to(web, database), to(attic, database)],
  },
  {
    says: 'each in a peer of its own picks pods that either picks',
    policies: from({ namespaceSelector: research }, { podSelector: webPods }),
    allowed: [to(labWeb, database), to(labRobot, database), to(web, database)],
    refused: [to(attic, database), to(plain, database)],
  },
  {
    says: 'a namespace has its name as a label',
    policies: from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'attic' } } }),
    allowed: [to(attic, database)],
    refused: [to(labWeb, database), to(web, database)],
  },
  {
    says: 'an empty podSelector picks every pod of the namespace and nothing else',
    policies: from({ podSelector: {} }),
    allowed: [to(web, database), to(plain, database)],
    refused: [to(labWeb, database), to(address('10.1.0.2'), database)],
  },
  {
    says: 'an empty namespaceSelector picks every pod of every namespace, and no address',
    policies: from({ namespaceSelector: {} }),
    allowed: [to(web, database), to(labWeb, database), to(attic, database)],
    refused: [to(address('198.51.100.7'), database), to({ node: 'node-b' }, database)],
  },
  {
    says: 'In needs the label with one of the values',
    policies: from(expression('In', 'front', 'middle')),
    allowed: [to(web, database)],
    refused: [to(plain, database)],
  },
  {
    says: 'NotIn also picks what does not have the label',
    policies: from(expression('NotIn', 'front')),
    allowed: [to(plain, database)],
    refused: [to(web, database)],
  },
  {
    says: 'Exists needs the label, whatever its value',
    policies: from(expression('Exists')),
    allowed: [to(web, database)],
    refused: [to(plain, database)],
  },
  {
    says: 'DoesNotExist needs that there is no such label',
    policies: from(expression('DoesNotExist')),
    allowed: [to(plain, database)],
    refused: [to(web, database)],
  },
  {
    says: 'labels and expressions of a selector must all hold',
    policies: from({
      podSelector: { ...webPods, matchExpressions: [{ key: 'tier', operator: 'In', values: ['back'] }] },
    }),
    allowed: [],
    refused: [to(web, database), to(plain, database)],
  },
];

const ADDRESSES: readonly Row[] = [
  {
    says: 'an ipBlock holds its addresses except the exceptions',
    policies: from({ ipBlock: { cidr: '198.51.100.0/24', except: ['198.51.100.64/26', '198.51.100.1/32'] } }),
    allowed: [to(address('198.51.100.2'), database), to(address('198.51.100.128'), database)],
    refused: [
      to(address('198.51.100.1'), database),
      to(address('198.51.100.127'), database),
      to(address('198.51.101.2'), database),
    ],
  },
  {
    says: 'a block of one family holds no address of the other',
    policies: from({ ipBlock: { cidr: '0.0.0.0/0' } }),
    allowed: [to(address('203.0.113.9'), database)],
    refused: [to(address('2001:db8::9'), database), to(address('::ffff:203.0.113.9'), database)],
  },
  {
    says: 'a block of IPv6 has exceptions too',
    policies: from({ ipBlock: { cidr: '2001:db8::/32', except: ['2001:db8:1::/48'] } }),
    allowed: [to(address('2001:db8:2::9'), database)],
    refused: [to(address('2001:db8:1::9'), database), to(address('203.0.113.9'), database)],
  },
  {
    says: 'an ipBlock holds a pod by any of its addresses, if it is known',
    policies: from({ ipBlock: { cidr: 'fd00::/16' } }),
    allowed: [to(web, database)],
    refused: [to(labWeb, database), to(plain, database)],
  },
];

const PORTS: readonly Row[] = [
  {
    says: 'a port is TCP where no protocol is named',
    policies: ports({ port: 5432 }),
    allowed: [to(web, database)],
    refused: [to(web, database, 5432, 'UDP'), to(web, database, 5432, 'SCTP'), to(web, database, 5433)],
  },
  {
    says: 'TCP, UDP and SCTP are told apart',
    policies: ports({ port: 53, protocol: 'UDP' }, { port: 54, protocol: 'SCTP' }),
    allowed: [to(web, database, 53, 'UDP'), to(web, database, 54, 'SCTP')],
    refused: [to(web, database, 53), to(web, database, 54, 'UDP'), to(web, database, 53, 'SCTP')],
  },
  {
    says: 'a protocol without a port is every port of it',
    policies: ports({ protocol: 'UDP' }),
    allowed: [to(web, database, 1, 'UDP'), to(web, database, 65_535, 'UDP')],
    refused: [to(web, database, 1)],
  },
  {
    says: 'a range holds both of its ends',
    policies: ports({ port: 3000, endPort: 3009 }),
    allowed: [to(web, database, 3000), to(web, database, 3009)],
    refused: [to(web, database, 2999), to(web, database, 3010), to(web, database, 3005, 'UDP')],
  },
  {
    says: 'a name is the port that the receiving pod calls so, by its protocol',
    policies: ports({ port: 'sql' }, { port: 'sip', protocol: 'UDP' }, { port: 'gone' }),
    allowed: [to(web, database), to(web, database, 5060, 'UDP')],
    refused: [to(web, database, 5060), to(web, database, 5433)],
  },
  {
    says: 'a name in an egress rule is looked up in the receiver, and an address has no names',
    policies: [policy({ podSelector: webPods, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'sql' }] }] })],
    allowed: [to(web, database)],
    refused: [to(web, database, 5433), to(web, plain), to(web, address('203.0.113.9'))],
  },
];

const RULES: readonly Row[] = [
  {
    says: 'without a policy everything is allowed',
    policies: [],
    allowed: [to(web, database), to(address('203.0.113.9'), database), to(database, address('203.0.113.9'))],
    refused: [],
  },
  ...[{}, { from: [] }, { ports: [] }].map((rule) => ({
    says: `a rule ${JSON.stringify(rule)} allows every peer and every port`,
    policies: [policy({ podSelector: {}, ingress: [rule] })],
    allowed: [to(web, database, 1, 'SCTP'), to(labWeb, database), to(address('2001:db8::9'), database)],
    refused: [],
  })),
  {
    says: 'peers and ports of one rule belong together',
    policies: [
      policy({
        podSelector: {},
        ingress: [
          { from: [{ podSelector: webPods }], ports: [{ port: 1 }] },
          { from: [{ namespaceSelector: research }], ports: [{ port: 2 }] },
        ],
      }),
    ],
    allowed: [to(web, database, 1), to(labRobot, database, 2)],
    refused: [to(web, database, 2), to(labRobot, database, 1)],
  },
  ...[undefined, []].map((ingress) => ({
    says: `a policy with ${ingress ? 'no' : 'missing'} rules denies what it selects`,
    policies: [policy({ podSelector: webPods, ...(ingress && { ingress }) })],
    allowed: [to(web, database)],
    refused: [to(database, web), to(address('203.0.113.9'), web)],
  })),
  {
    says: 'a missing podSelector selects as an empty one does: every pod of the namespace',
    policies: [policy({})],
    allowed: [to(web, labWeb)],
    refused: [to(plain, web), to(web, plain), to(labWeb, database)],
  },
  {
    says: 'a policy applies in its own namespace only',
    policies: [policy({ podSelector: webPods, policyTypes: ['Ingress', 'Egress'] }, 'deny', 'lab')],
    allowed: [to(database, web), to(web, database)],
    refused: [to(database, labWeb), to(labWeb, database)],
  },
  {
    says: 'policies add up, and none takes away what another allows',
    policies: [
      policy({ podSelector: {} }, 'deny'),
      policy({ podSelector: {}, ingress: [{ ports: [{ port: 1 }] }] }, 'one'),
      policy({ podSelector: {}, ingress: [{ ports: [{ port: 2 }] }] }, 'two'),
    ],
    allowed: [to(web, database, 1), to(web, database, 2)],
    refused: [to(web, database, 3)],
  },
];

const DIRECTIONS: readonly Row[] = [
  {
    says: 'without policyTypes only incoming traffic is isolated',
    policies: [policy({ podSelector: webPods })],
    allowed: [to(web, database)],
    refused: [to(database, web)],
  },
  {
    says: 'without policyTypes, rules of outgoing traffic isolate both directions',
    policies: [policy({ podSelector: webPods, egress: [{ ports: [{ port: 1 }] }] })],
    allowed: [to(web, database, 1)],
    refused: [to(web, database, 2), to(database, web, 1)],
  },
  {
    says: 'without policyTypes, an empty list of outgoing rules does not isolate them',
    policies: [policy({ podSelector: webPods, egress: [] })],
    allowed: [to(web, database)],
    refused: [to(database, web)],
  },
  {
    says: 'of policyTypes Egress, incoming traffic is not isolated and its rules say nothing',
    policies: [policy({ podSelector: {}, policyTypes: ['Egress'], ingress: [], egress: [{}] })],
    allowed: [to(web, database), to(labWeb, database)],
    refused: [],
  },
  {
    says: 'of policyTypes Ingress, rules of outgoing traffic say nothing',
    policies: [policy({ podSelector: webPods, policyTypes: ['Ingress'], egress: [{ ports: [{ port: 1 }] }] })],
    allowed: [to(web, database, 2)],
    refused: [to(database, web)],
  },
  {
    says: 'a connection needs the sender and the receiver to allow it',
    policies: [
      policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, 'deny'),
      policy({ podSelector: webPods, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] }, 'out'),
      policy({ podSelector: { matchLabels: { app: 'database' } }, ingress: [{ from: [{ podSelector: {} }] }] }, 'in'),
    ],
    allowed: [to(web, database)],
    refused: [to(database, web), to(web, plain), to(plain, database)],
  },
  {
    says: "a pod's own node reaches it, and is reached, whatever the policies say; another node does not",
    policies: [policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })],
    allowed: [to({ node: 'node-a' }, database, 8080), to(database, { node: 'node-a' }, 10_250)],
    refused: [to({ node: 'node-b' }, database, 8080), to(database, { node: 'node-b' }, 10_250)],
  },
  {
    says: 'a pod reaches itself, whatever the policies say',
    policies: [policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })],
    allowed: [to(database, database)],
    refused: [to(database, web)],
  },
];

describe.each([
  ['peers', SELECTORS],
  ['addresses', ADDRESSES],
  ['ports', PORTS],
  ['rules', RULES],
  ['directions', DIRECTIONS],
] as const)('of %s', (_, rows) => {
  test.each(rows)('$says', ({ policies, allowed, refused }) => {
    const passes = (connection: Parameters<typeof judge>[0]) =>
      judge(connection, { policies, namespaces: NAMESPACES }).allowed;

    expect(allowed.filter((connection) => !passes(connection))).toEqual([]);
    expect(refused.filter(passes)).toEqual([]);
  });
});

describe('a verdict', () => {
  const policies = [
    policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, 'deny'),
    policy({ podSelector: webPods, policyTypes: ['Egress'], egress: [{ ports: [{ port: 1 }] }] }, 'out'),
    policy({ podSelector: webPods, policyTypes: ['Egress'], egress: [{}] }, 'all-out'),
  ];

  test('names the policies that allow, and those that isolate where none allows', () => {
    expect(judge(to(web, database, 1), { policies })).toEqual({
      allowed: false,
      egress: { allowed: true, by: ['out', 'all-out'] },
      ingress: { allowed: false, by: ['deny'] },
    });
  });

  test('names none where nothing isolates', () => {
    expect(judge(to(address('203.0.113.9'), labWeb), { policies })).toEqual({
      allowed: true,
      egress: { allowed: true, by: [] },
      ingress: { allowed: true, by: [] },
    });
  });

  test('is refused for a block that is none, rather than given', () => {
    const network = { policies: from({ ipBlock: { cidr: '10.0.0.0' } }) };

    expect(() => judge(to(address('10.0.0.1'), database), network)).toThrow("'10.0.0.0' is no range of addresses");
  });
});
