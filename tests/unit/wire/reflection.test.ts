import { Duplex } from 'node:stream';
import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { Reflection } from '../../../src/wire/reflection.ts';

const QUESTIONS = 1000;

/** A call whose peer asks and asks, and reads no answer until it is told to. */
class Call extends Duplex {
  answers = 0;
  #reads = false;
  #unread = () => {};

  constructor() {
    super({ objectMode: true });
    for (let n = 0; n < QUESTIONS; n++) this.push({ messageRequest: 'listServices', listServices: '*' });
  }

  getPeer(): string {
    return 'somebody';
  }

  override _read(): void {}

  override _write(_answer: unknown, _encoding: string, written: () => void): void {
    this.answers += 1;
    if (this.#reads) written();
    else this.#unread = written;
  }

  readAnswers(): void {
    this.#reads = true;
    this.#unread();
  }
}

test('who does not read its answers is not read either, until it does', async () => {
  const services: UntypedServiceImplementation[] = [];
  new Reflection(() => {}).addTo({ addService: (_, service) => services.push(service) });
  const serve = services[0]?.['ServerReflectionInfo'] as (call: ServerDuplexStream<unknown, unknown>) => void;
  const call = new Call();
  serve(call as unknown as ServerDuplexStream<unknown, unknown>);

  await vi.waitFor(() => expect(call.isPaused()).toBe(true));
  expect(call.writableLength).toBe(call.writableHighWaterMark);

  call.readAnswers();
  await vi.waitFor(() => expect(call.answers).toBe(QUESTIONS));
});
