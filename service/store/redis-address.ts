/** Where a server listens. */
export type Endpoint = { readonly host: string; readonly port: number };

/** How Redis is reached; of a cluster one node, which names the others; of a Sentinel group its first Sentinel. */
export type RedisAddress = Endpoint & {
  readonly username?: string;
  /** Of the servers, and of the Sentinels where they ask for one. */
  readonly password?: string;
  /** Number of the database; a cluster has none but 0, whatever stands here. */
  readonly db: number;
  readonly tls: boolean;
  /** Who tells which server of a group is the primary; absent: `host` is the server. */
  readonly sentinels?: { readonly group: string; readonly endpoints: readonly Endpoint[] };
};

/** What an address leaves out. */
export type RedisAddressDefaults = Pick<RedisAddress, 'db' | 'password' | 'port'>;

/** The forms of an address, one for a server and one for a group of servers with Sentinels. */
export const REDIS_ADDRESS_EXAMPLES = {
  server: 'redis://:password@127.0.0.1:6379/0',
  sentinels: 'redis-sentinel://:password@sentinel-0:26379,sentinel-1:26379/0#group',
} as const;

type Form = keyof typeof REDIS_ADDRESS_EXAMPLES;

/** Where Sentinels listen when nothing else is said. */
export const SENTINEL_PORT = 26_379;

/** An address that is none: `message` says what it must be, and never tells it, because it may hold a password. */
export class RedisAddressError extends Error {
  override readonly name = 'RedisAddressError';
  readonly example: string;

  constructor(problem: string, form: Form) {
    super(problem);
    this.example = REDIS_ADDRESS_EXAMPLES[form];
  }
}

/**
 * Reads `redis://` and `redis-sentinel://`, the latter with commas between the Sentinels and the name of the group
 * after `#`; with `rediss` by TLS. Throws a RedisAddressError.
 */
export function parseRedisAddress(text: string, defaults: RedisAddressDefaults): RedisAddress {
  const [, secure, authority = '', rest = ''] = /^redis(s?)-sentinel:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  return secure === undefined
    ? parseServer(text, defaults)
    : parseSentinels({ tls: secure === 's', authority, rest }, defaults);
}

function parseServer(text: string, defaults: RedisAddressDefaults): RedisAddress {
  const problem =
    'must be a URL that starts with redis:// or rediss://, or with redis-sentinel:// or rediss-sentinel://';
  if (!URL.canParse(text)) throw new RedisAddressError(problem, 'server');
  const url = new URL(text);
  if (!/^rediss?:$/.test(url.protocol) || url.hostname === '') throw new RedisAddressError(problem, 'server');
  return {
    ...endpointOf(url, defaults.port),
    tls: url.protocol === 'rediss:',
    ...accessOf(url, 'server', defaults),
  };
}

type SentinelParts = { readonly tls: boolean; readonly authority: string; readonly rest: string };

/** No URL has more than one host, so that each Sentinel is read as the host of its own. */
function parseSentinels({ tls, authority, rest }: SentinelParts, defaults: RedisAddressDefaults): RedisAddress {
  const hosts = authority.lastIndexOf('@') + 1;
  const urls = authority
    .slice(hosts)
    .split(',')
    .map((host) => `redis://${authority.slice(0, hosts)}${host}${rest}`);
  const parsed = urls.map((url) => (URL.canParse(url) ? new URL(url) : undefined)).filter((url) => url !== undefined);
  const [first] = parsed;
  if (!first || parsed.length < urls.length || parsed.some(({ hostname }) => hostname === ''))
    throw new RedisAddressError('must name each Sentinel as host:port, with commas between them', 'sentinels');
  const group = decoded(first.hash.slice(1), 'sentinels');
  if (group === '')
    throw new RedisAddressError('must end in # and the name that the Sentinels have for the group', 'sentinels');
  return {
    ...endpointOf(first, SENTINEL_PORT),
    tls,
    ...accessOf(first, 'sentinels', defaults),
    sentinels: { group, endpoints: parsed.map((url) => endpointOf(url, SENTINEL_PORT)) },
  };
}

function endpointOf({ hostname, port }: URL, fallback: number): Endpoint {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? fallback : Number(port) };
}

function accessOf(
  { username, password, pathname }: URL,
  form: Form,
  defaults: RedisAddressDefaults,
): Omit<RedisAddress, 'host' | 'port' | 'tls'> {
  if (!/^\/?\d*$/.test(pathname))
    throw new RedisAddressError('must have the number of a database, or nothing, after the /', form);
  const secret = password === '' ? defaults.password : decoded(password, form);
  return {
    db: pathname.length > 1 ? Number(pathname.slice(1)) : defaults.db,
    ...(username === '' ? {} : { username: decoded(username, form) }),
    ...(secret === undefined ? {} : { password: secret }),
  };
}

function decoded(text: string, form: Form): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisAddressError('has a % before what is no number of a character (% itself is written %25)', form);
  }
}
