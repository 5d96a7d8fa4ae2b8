import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import { BoundedMap } from '../store/bounded-map.ts';
import { parseAddress } from './address.ts';

/** Settings of the client's address. */
export type ClientAddressOptions = {
  /** Addresses or CIDR blocks of the proxies in front; nobody else's word is believed. */
  readonly trustedProxies: readonly string[];
};

/** An address that was written somewhere, and whether a trusted proxy has it. */
type Hop = { readonly address: string; readonly trusted: boolean };

/** Texts of addresses that one process remembers. */
const REMEMBERED = 10_000;
/** Longer than any address with zone and port; what is longer is not remembered, and no address. */
const MAX_LENGTH = 100;

/**
 * The address of a request's client: that of the connection, unless a trusted proxy has it. Then X-Forwarded-For is
 * read from the right, where the proxies wrote what they saw: the first address that is not a trusted proxy's. What
 * stands further left the client may have made up. An entry that is no address ends the walk at the last good one;
 * when all are trusted proxies, it is the leftmost. `Forwarded` (RFC 7239) is not looked at.
 * Empty when the connection is gone. Throws when an entry of `trustedProxies` is no address or block.
 */
export function createClientAddress({ trustedProxies }: ClientAddressOptions): (request: IncomingMessage) => string {
  if (trustedProxies.length === 0) return ({ socket }) => withoutMapping(socket.remoteAddress ?? '');
  const trusted = blockListOf(trustedProxies);
  const hops = new BoundedMap<Hop | undefined>(REMEMBERED);
  const read = (written: string): Hop | undefined => {
    const known = hops.get(written);
    if (known !== undefined || written.length > MAX_LENGTH) return known;
    const address = parseAddress(written);
    if (address === undefined) return undefined;
    const hop = { address: ownCopy(address), trusted: trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6') };
    hops.set(ownCopy(written), hop, 1);
    return hop;
  };
  return ({ socket, headers }) => {
    const peer = read(socket.remoteAddress ?? '');
    const forwarded = headers['x-forwarded-for'];
    if (peer === undefined || forwarded === undefined) return peer?.address ?? '';
    const list = typeof forwarded === 'string' ? forwarded : forwarded.join(',');
    let last: Hop = peer;
    let end = list.length;
    while (last.trusted && end >= 0) {
      // The text after the last comma before `end`; of an empty text, lastIndexOf(',', -1) would look at the start.
      const comma = end === 0 ? -1 : list.lastIndexOf(',', end - 1);
      const hop = read(list.slice(comma + 1, end));
      if (!hop) break;
      last = hop;
      end = comma;
    }
    return last.address;
  };
}

/**
 * Whether a request's client speaks `http` or `https`: what the nearest trusted proxy wrote into X-Forwarded-Proto, else
 * the protocol of the connection itself.
 */
export function createClientProtocol({ trustedProxies }: ClientAddressOptions): (request: IncomingMessage) => string {
  const own = ({ socket }: IncomingMessage): string => ('encrypted' in socket ? 'https' : 'http');
  if (trustedProxies.length === 0) return own;
  const trusted = blockListOf(trustedProxies);
  return (request) => {
    const written = request.headers['x-forwarded-proto'];
    const last = (typeof written === 'string' ? written : '').split(',').at(-1)?.trim().toLowerCase();
    if (last !== 'http' && last !== 'https') return own(request);
    const peer = parseAddress(request.socket.remoteAddress ?? '');
    return peer !== undefined && trusted.check(peer, isIPv4(peer) ? 'ipv4' : 'ipv6') ? last : own(request);
  };
}

/** The addresses and blocks, those of IPv4 that are written as IPv6 among them. */
function blockListOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [written = '', prefix] = entry.split('/');
    const address = parseAddress(written);
    if (address === undefined || (prefix !== undefined && !/^\d{1,3}$/.test(prefix)))
      throw new Error(`'${entry}' is no address or CIDR block`);
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const mapped = family === 'ipv4' && written.includes(':');
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, mapped ? Number(prefix) - 96 : Number(prefix), family);
  }
  return list;
}

/** An IPv4 client of a listener for both families comes as `::ffff:192.0.2.1`. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** A part of a text keeps the whole in memory; what is remembered must not keep the headers that it came in. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
