import type { Handler } from '../gateway/exchange.ts';
import { json } from '../gateway/reply.ts';
import type { Database } from '../store/postgres.ts';
import { requireOwner } from './owner.ts';
import { requireStorable } from './text.ts';

type LogLine = { readonly level: string; readonly message: string };
type LogRow = LogLine & { readonly id: string; readonly created_at: Date };

const DEFAULT_LIMIT = 100;

/** POST /logs: keeps all lines of the body or, when it fails, none. */
export function createWriteLogsHandler(database: Database): Handler {
  return async function writeLogs(exchange) {
    const owner = requireOwner(exchange);
    const lines = exchange.body as readonly LogLine[];
    lines.forEach(({ message }, index) => requireStorable(`/${index}/message`, message));
    await database.query(
      'background',
      `INSERT INTO logs (owner, level, message)
       SELECT $1, level, message FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS line (level, message, place)
       ORDER BY place`,
      [owner, lines.map(({ level }) => level), lines.map(({ message }) => message)],
      exchange.signal,
    );
    return json(201, { accepted: lines.length });
  };
}

/** GET /logs: the caller's newest lines first; `contains` looks for a text in the message, in either case. */
export function createReadLogsHandler(database: Database): Handler {
  return async function readLogs(exchange) {
    const owner = requireOwner(exchange);
    const { contains = '', limit } = exchange.query;
    requireStorable('contains', contains, 'invalid-query');
    const rows = await database.query<LogRow>(
      'background',
      `SELECT id, level, message, created_at FROM logs
       WHERE owner = $1 AND message ILIKE $2 ESCAPE '\\' ORDER BY id DESC LIMIT $3`,
      [owner, `%${contains.replace(/[\\%_]/g, '\\$&')}%`, Number(limit ?? DEFAULT_LIMIT)],
      exchange.signal,
    );
    const logs = rows.map(({ id, level, message, created_at }) => {
      return { id, level, message, created_at: created_at.toISOString() };
    });
    return json(200, { logs });
  };
}
