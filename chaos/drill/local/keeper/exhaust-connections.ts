import { Client } from 'pg';

/** Connections that do nothing. */
export type IdleConnections = {
  /** How many there are now. */
  count(): number;
  /** Gives all of them back, and waits until they are. */
  end(): Promise<void>;
};

/** What Postgres says when no connection is left (too_many_connections). */
const FULL = '53300';

/** How often a place is looked for that somebody else has left meanwhile. */
const AGAIN_MS = 100;

const CONNECT_MS = 5_000;
const END_MS = 2_000;

/**
 * Takes every connection that Postgres has left for an ordinary account, and each that becomes free later. Resolves
 * once it has been refused one. Rejects, with none taken, when Postgres says anything else.
 */
export async function exhaustConnections(connectionString: string): Promise<IdleConnections> {
  const taken = new Set<Client>();
  /** Takes one; false: none is left. */
  const take = async (): Promise<boolean> => {
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'sluice-drill-idle',
    });
    // One that Postgres ends is only counted out.
    client.on('error', () => taken.delete(client));
    client.on('end', () => taken.delete(client));
    try {
      await client.connect();
    } catch (error) {
      if ((error as { code?: string }).code === FULL) return false;
      throw error;
    }
    taken.add(client);
    return true;
  };
  const giveBack = async (): Promise<void> => {
    const late = new AbortController();
    const ends = Promise.allSettled([...taken].map((client) => client.end()));
    const timer = setTimeout(() => late.abort(), END_MS);
    await Promise.race([ends, new Promise((resolve) => late.signal.addEventListener('abort', resolve))]);
    clearTimeout(timer);
  };
  try {
    while (await take());
  } catch (error) {
    await giveBack();
    throw error;
  }
  let isOver = false;
  let looking: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(async () => {
      // Postgres may be away for a moment; what matters is that nobody else gets a place.
      while (!isOver && (await take().catch(() => false)));
    });
  }, AGAIN_MS);
  return {
    count: () => taken.size,
    async end() {
      isOver = true;
      clearInterval(timer);
      await looking;
      await giveBack();
    },
  };
}
