import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { type Admission, AdmittedCall, type Entrance } from './admission.ts';

/**
 * Lets one write to a stream carry several messages.
 *
 * A grpc-js stream passes one message at a time to HTTP/2 and waits until it has
 * left, which costs a system call each. Here a write is an array of messages,
 * handed on one right after another, so that Node gathers them into one
 * `writev`; the write ends when the last of them has left.
 */
export class CoalescingCall extends AdmittedCall {
  readonly #next: ServerInterceptingCallInterface;

  constructor(next: ServerInterceptingCallInterface, admission: Admission, entrance: Entrance) {
    super(next, admission, entrance);
    this.#next = next;
  }

  override sendMessage(messages: readonly Uint8Array[], callback: () => void): void {
    const last = messages.length - 1;
    for (const [i, message] of messages.entries()) this.#next.sendMessage(message, i === last ? callback : ignore);
  }
}

function ignore(): void {}
