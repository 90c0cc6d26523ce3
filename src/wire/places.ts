import type { Refusal } from '../core/errors.ts';
import { statusOf } from './status.ts';

interface PlaceTaker {
  getPeer(): string;
  emit(event: 'error', status: ReturnType<typeof statusOf>): boolean;
  once(event: 'cancelled', over: () => void): unknown;
}

/** Calls that last, of which there are so many at a time, and of one transport so few that it cannot take them all. */
export class Places<Call extends PlaceTaker> {
  readonly calls = new Set<Call>();
  readonly #what: string;
  readonly #most: { readonly ofAll: number; readonly ofOne: number };
  readonly #refused: (peer: string, refusal: Refusal) => void;
  /** By transport. */
  readonly #taken = new Map<string, number>();

  constructor(
    what: string,
    most: { readonly ofAll: number; readonly ofOne: number },
    refused: (peer: string, refusal: Refusal) => void,
  ) {
    this.#what = what;
    this.#most = most;
    this.#refused = refused;
  }

  /** Whether the call has a place, until it is over; if not, it is ended. */
  take(call: Call): boolean {
    const peer = call.getPeer();
    const taken = this.#taken.get(peer) ?? 0;
    if (this.calls.size >= this.#most.ofAll || taken >= this.#most.ofOne) {
      const refusal: Refusal = { reason: 'server_full', message: `there are too many ${this.#what}; try again later` };
      this.#refused(peer, refusal);
      call.emit('error', statusOf(refusal));
      return false;
    }
    this.calls.add(call);
    this.#taken.set(peer, taken + 1);
    call.once('cancelled', () => {
      this.calls.delete(call);
      const left = (this.#taken.get(peer) ?? 0) - 1;
      if (left > 0) this.#taken.set(peer, left);
      else this.#taken.delete(peer);
    });
    return true;
  }
}
