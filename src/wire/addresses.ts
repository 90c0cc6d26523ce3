import { isIPv6 } from 'node:net';
import { TokenBucket } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';

/** An address that has had all its transports may open a tenth of them a second anew. */
const SECONDS_FOR_ALL = 10;

interface Address {
  transports: number;
  readonly accepts: TokenBucket;
  acceptedAtMs: number;
}

export interface AddressLimits {
  /** Of one address, for IPv6 of one /64; 0: any number. Those of this machine are not counted. */
  readonly maxTransportsPerAddress: number;
}

/** How many transports each address has, and how fast it opens them. */
export class Addresses {
  readonly #addresses = new Map<string, Address>();
  readonly #most: number;
  readonly #clock: Clock;

  constructor({ maxTransportsPerAddress }: AddressLimits, clock: Clock) {
    this.#most = maxTransportsPerAddress;
    this.#clock = clock;
  }

  get size(): number {
    return this.#addresses.size;
  }

  /** Takes a transport from an address, or returns why it may not come. What was taken is to be let go. */
  take(ip: string): 'too_many_of_address' | 'too_fast_from_address' | undefined {
    const name = countedAddress(ip);
    if (this.#most === 0 || name === '') return undefined;
    const nowMs = this.#clock.monotonicMs();
    const accepts = () => new TokenBucket(this.#most / SECONDS_FOR_ALL, this.#most, nowMs);
    const address = this.#addresses.get(name) ?? { transports: 0, accepts: accepts(), acceptedAtMs: nowMs };
    this.#addresses.set(name, address);
    if (address.transports >= this.#most) return 'too_many_of_address';
    if (address.accepts.take(1, nowMs) > 0) return 'too_fast_from_address';
    address.acceptedAtMs = nowMs;
    address.transports += 1;
    return undefined;
  }

  /** One that was taken from this address is gone. */
  letGo(ip: string): void {
    const address = this.#addresses.get(countedAddress(ip));
    if (address !== undefined) address.transports -= 1;
  }

  /** Forgets those that have no transport and may open as many as any. To be called once a second. */
  sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [name, { transports, acceptedAtMs }] of this.#addresses) {
      if (transports === 0 && nowMs - acceptedAtMs >= SECONDS_FOR_ALL * 1000) this.#addresses.delete(name);
    }
  }
}

/** What counts as one address: of IPv6 the /64, which one machine has to itself; '' for this machine, which is not counted. */
export function countedAddress(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/, '');
  if (plain === '::1' || plain.startsWith('127.')) return '';
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array(8 - before.length - after.length).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
