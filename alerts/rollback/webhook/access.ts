import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import { Refusal } from './refusal.ts';

/** Who may tell the guard of alerts. */
export type AccessOptions = {
  /** What is shown as `Authorization: Bearer`. */
  readonly token: string;
  /** CIDR blocks of the addresses that alerts come from. */
  readonly sources: readonly string[];
};

const BEARER = /^bearer +(\S+)$/i;

/**
 * A function that throws a Refusal for a request from elsewhere, or without the token. The address is that of the
 * connection: there is no proxy between Alertmanager and the guard, and what a header says of one is not believed.
 */
export function createAccess({ token, sources }: AccessOptions): (request: IncomingMessage) => void {
  const allowed = blockListOf(sources);
  const expected = digest(token);
  return ({ socket, headers }) => {
    const address = socket.remoteAddress ?? '';
    if (address === '' || !allowed.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'))
      throw new Refusal(
        'source-not-allowed',
        `${address || 'an address that is gone'} is not among release.guard.sources`,
      );
    if (!headers.authorization) throw new Refusal('token-missing', 'Authorization: Bearer is missing');
    const [, shown = ''] = BEARER.exec(headers.authorization) ?? [];
    // Of digests, which are equally long, the time of a comparison tells nothing.
    if (!timingSafeEqual(digest(shown), expected)) throw new Refusal('token-wrong', 'Authorization has another token');
  };
}

/** Blocks of IPv4 hold their addresses in IPv6's clothes too. */
function blockListOf(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', prefix = ''] = block.split('/');
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
