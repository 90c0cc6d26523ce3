import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { type ServingStatus, service } from 'grpc-health-check';
import type { Refusal } from '../core/errors.ts';
import { Places } from './places.ts';
import { statusOf } from './status.ts';

/** SERVING as long as the process lives; the others as long as it takes new streams. */
const OF_THE_PROCESS = ['liveness', 'startup'];
const OF_THE_SERVICE = ['', 'readiness', 'chat.v1.ChatService'];

/** Watches at a time; who asks health again and again needs none. */
const MOST_WATCHES = { ofAll: 1000, ofOne: 4 };

interface HealthRequest {
  readonly service: string;
}
interface HealthResponse {
  readonly status: ServingStatus | 'SERVICE_UNKNOWN';
}
type WatchCall = ServerWritableStream<HealthRequest, HealthResponse>;

/**
 * grpc.health.v1. The contract comes from grpc-health-check; its implementation
 * keeps every name that was ever watched (2.1.0), and cannot end a watch.
 */
export class Health {
  #isServing = true;
  readonly #watches: Places<WatchCall>;

  constructor(refused: (peer: string, refusal: Refusal) => void) {
    this.#watches = new Places('watches of health', MOST_WATCHES, refused);
  }

  addTo(server: Server): void {
    server.addService(service, {
      check: ({ request }: ServerUnaryCall<HealthRequest, HealthResponse>, reply: sendUnaryData<HealthResponse>) => {
        const state = this.#statusOf(request.service);
        if (state !== undefined) reply(null, { status: state });
        else reply({ code: status.NOT_FOUND, details: 'no such service here' });
      },
      list: (_: unknown, reply: sendUnaryData<{ statuses: Record<string, HealthResponse> }>) => {
        const names = [...OF_THE_PROCESS, ...OF_THE_SERVICE];
        const statuses = names.map((name) => [name, { status: this.#statusOf(name) }]);
        reply(null, { statuses: Object.fromEntries(statuses) });
      },
      watch: (call: WatchCall) => this.#watch(call),
    });
  }

  /** The service says NOT_SERVING from now on; the process goes on. */
  stopServing(): void {
    this.#isServing = false;
    for (const call of this.#watches.calls) {
      if (OF_THE_SERVICE.includes(call.request.service)) call.write({ status: 'NOT_SERVING' });
    }
  }

  /** Ends all watches. */
  close(refusal: Refusal): void {
    for (const call of this.#watches.calls) call.emit('error', statusOf(refusal));
  }

  #watch(call: WatchCall): void {
    if (!this.#watches.take(call)) return;
    call.write({ status: this.#statusOf(call.request.service) ?? 'SERVICE_UNKNOWN' });
  }

  #statusOf(name: string): ServingStatus | undefined {
    if (OF_THE_PROCESS.includes(name)) return 'SERVING';
    if (!OF_THE_SERVICE.includes(name)) return undefined;
    return this.#isServing ? 'SERVING' : 'NOT_SERVING';
  }
}
