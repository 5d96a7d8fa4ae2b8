import { BlockList, isIP, isIPv4 } from 'node:net';
import type { PolicyPeer } from './objects.ts';

/** Whether an address lies in a block and in none of its exceptions. Throws when the block is not one. */
export function holds({ cidr, except = [] }: NonNullable<PolicyPeer['ipBlock']>, address: string): boolean {
  return inRange(cidr, address) && !except.some((range) => inRange(range, address));
}

function inRange(cidr: string, address: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  if (isIP(network) === 0 || prefix === undefined) throw new TypeError(`'${cidr}' is no range of addresses`);
  // A BlockList would find an IPv4 address in an IPv6 range that maps it; policies do not.
  if (isIP(network) !== isIP(address)) return false;
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(network, Number(prefix), family);
  return range.check(address, family);
}
