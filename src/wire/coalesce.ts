import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServerMethodDefinition,
} from '@grpc/grpc-js';

/**
 * Lets one write to a stream carry several messages.
 *
 * A grpc-js stream passes one message at a time to HTTP/2 and waits until it has
 * left, which costs a system call each. Here a write is an array of messages,
 * handed on one right after another, so that Node gathers them into one
 * `writev`; the write ends when the last of them has left.
 */
class CoalescingCall extends ServerInterceptingCall {
  readonly #next: ServerInterceptingCallInterface;

  constructor(next: ServerInterceptingCallInterface) {
    super(next);
    this.#next = next;
  }

  override sendMessage(messages: readonly Uint8Array[], callback: () => void): void {
    const last = messages.length - 1;
    for (const [i, message] of messages.entries()) this.#next.sendMessage(message, i === last ? callback : ignore);
  }
}

function ignore(): void {}

/** An interceptor that makes the writes of the method at `path` arrays of messages. */
export function coalescing(path: string): ServerInterceptor {
  // biome-ignore lint/suspicious/noExplicitAny: the type that grpc-js gives to interceptors
  return (method: ServerMethodDefinition<any, any>, call: ServerInterceptingCallInterface) =>
    method.path === path ? new CoalescingCall(call) : new ServerInterceptingCall(call);
}
