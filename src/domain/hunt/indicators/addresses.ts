/**
 * Addresses and ranges, IPv4 and IPv6, as first and last address. IPv4 stands inside IPv6 at ::ffff:0:0/96, as
 * in the engine's IPv6 type, so that one comparison serves both.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface AddressRange {
  /** In IPv6 notation. */
  first: string;
  last: string;
  /** How many addresses it has. */
  size: bigint;
}

const v4Base = 0xffff00000000n;

/** Reads `192.0.2.1`, `192.0.2.0/24`, `192.0.2.3-192.0.2.5` and the same in IPv6; undefined for anything else. */
export function rangeOf(text: string): AddressRange | undefined {
  const [from = '', bits, ...more] = text.split('/');
  if (more.length > 0) return undefined;
  if (bits !== undefined) return ofPrefix(from, bits);
  const ends = text.split('-');
  if (ends.length > 2) return undefined;
  const [first, last] = [numberOf(ends[0] ?? ''), numberOf(ends[1] ?? ends[0] ?? '')];
  if (first === undefined || last === undefined || last < first) return undefined;
  return { first: textOf(first), last: textOf(last), size: last - first + 1n };
}

function ofPrefix(address: string, bits: string): AddressRange | undefined {
  const value = numberOf(address);
  const width = isIPv4(address) ? 32 : 128;
  if (value === undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > width) return undefined;
  const size = 1n << BigInt(width - Number(bits));
  const first = value - (value % size);
  return { first: textOf(first), last: textOf(first + size - 1n), size };
}

/** The address as a number of 128 bits. */
export function numberOf(address: string): bigint | undefined {
  if (isIPv4(address)) return v4Base + v4Number(address);
  if (!isIPv6(address) || address.includes('%')) return undefined;
  return v6Number(address);
}

const v4Number = (address: string): bigint =>
  address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);

function v6Number(address: string): bigint {
  // The last 32 bits may be written as an IPv4 address.
  const tail = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  const plain = tail === undefined ? address : address.replace(tail, hexPair(v4Number(tail)));
  const [left = '', right] = plain.split('::');
  const head = left === '' ? [] : left.split(':');
  const end = right === undefined || right === '' ? [] : right.split(':');
  const gap = right === undefined ? 0 : 8 - head.length - end.length;
  const groups = [...head, ...Array<string>(gap).fill('0'), ...end];
  return groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

const hexPair = (value: bigint): string => `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;

function textOf(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return groups.join(':');
}
