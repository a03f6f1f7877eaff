/**
 * A range of IPv4 addresses as it stands in text: an expression that is exact, and a few texts of which one stands
 * wherever the expression matches, so that a range costs what a word costs however many addresses it has.
 */
import { type AddressRange, numberOf } from './addresses.ts';

export interface RangeText {
  /** Matches the addresses as people write them, without what must stand around them. */
  pattern: string;
  needles: string[];
}

/** So many addresses, or blocks of 256, are looked for one by one. */
const [fewAddresses, fewBlocks] = [4, 8];

/** Undefined when it is IPv6 or has more addresses than `addressesMax`. */
export function rangeText(range: AddressRange, addressesMax: number): RangeText | undefined {
  const first = numberOf(range.first) ?? 0n;
  if (range.size > BigInt(addressesMax) || first >> 32n !== 0xffffn) return undefined;
  const from = Number(first & 0xffffffffn);
  const to = from + Number(range.size) - 1;
  return { pattern: between(octetsOf(from), octetsOf(to)), needles: needlesOf(from, to) };
}

function needlesOf(from: number, to: number): string[] {
  const prefixes = (octets: number): string[] => {
    const size = 256 ** (4 - octets);
    const [firstBlock, lastBlock] = [Math.floor(from / size), Math.floor(to / size)];
    return Array.from({ length: lastBlock - firstBlock + 1 }, (_, index) =>
      octetsOf((firstBlock + index) * size)
        .slice(0, octets)
        .map((octet, at) => (at < 3 ? `${octet}.` : octet))
        .join(''),
    );
  };
  if (to - from < fewAddresses) return prefixes(4);
  const blocks = Math.floor(to / 256) - Math.floor(from / 256) + 1;
  return prefixes(blocks <= fewBlocks ? 3 : 2);
}

const octetsOf = (address: number): number[] =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);

/** What lies between two sequences of octets of the same length, both ends included. */
function between(from: readonly number[], to: readonly number[]): string {
  const [[first = 0, ...fromRest], [last = 0, ...toRest]] = [from, to];
  if (fromRest.length === 0) return octet(first, last);
  if (first === last) return `${first}\\.${between(fromRest, toRest)}`;
  const parts: string[] = [];
  const isBegin = fromRest.every((one) => one === 0);
  const isEnd = toRest.every((one) => one === 255);
  if (!isBegin)
    parts.push(
      `${first}\\.${between(
        fromRest,
        fromRest.map(() => 255),
      )}`,
    );
  if (!isEnd)
    parts.push(
      `${last}\\.${between(
        toRest.map(() => 0),
        toRest,
      )}`,
    );
  const [low, high] = [isBegin ? first : first + 1, isEnd ? last : last - 1];
  if (low <= high) parts.push(`${octet(low, high)}${`\\.${anyOctet}`.repeat(fromRest.length)}`);
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : `(?:${parts.join('|')})`;
}

const anyOctet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';

function octet(first: number, last: number): string {
  if (first === 0 && last === 255) return anyOctet;
  if (first === last) return String(first);
  return `(?:${Array.from({ length: last - first + 1 }, (_, index) => first + index).join('|')})`;
}
