import { fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type handleBidiStreamingCall, type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import chat from '../../api/gen/chat.descriptors.json' with { type: 'json' };
import health from '../../api/gen/health.descriptors.json' with { type: 'json' };
import type { Refusal } from '../core/errors.ts';
import { statusOf } from './status.ts';

/** Streams at a time; an answer of some 30 KiB waits on each that does not read. */
const MOST_STREAMS = 16;

type ReflectionCall = ServerDuplexStream<unknown, unknown>;

/**
 * grpc.reflection.v1 and v1alpha, so that tools need no proto. @grpc/reflection
 * answers; what it lacks (1.0.4) is here: it reads on while its answers are not
 * read, and it cannot end a stream.
 */
export class Reflection {
  readonly #calls = new Set<ReflectionCall>();

  addTo(server: Pick<Server, 'addService'>): void {
    new ReflectionService({ chat: described(chat), health: described(health) }).addToServer({
      addService: (service, { ServerReflectionInfo: answer }) =>
        server.addService(service, {
          ServerReflectionInfo: (call: ReflectionCall) =>
            this.#serve(call, answer as handleBidiStreamingCall<unknown, unknown>),
        }),
    });
  }

  /** Ends all streams. */
  close(refusal: Refusal): void {
    for (const call of this.#calls) call.emit('error', statusOf(refusal));
  }

  #serve(call: ReflectionCall, answer: handleBidiStreamingCall<unknown, unknown>): void {
    if (this.#calls.size >= MOST_STREAMS) {
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'too many reflection streams; try again later' });
      return;
    }
    this.#calls.add(call);
    call.once('cancelled', () => this.#calls.delete(call));
    answer(call);
    // After the listener of @grpc/reflection, which has written its answer by then.
    call.on('data', () => {
      if (call.writableNeedDrain) call.pause();
    });
    call.on('drain', () => call.resume());
  }
}

/** The files of a descriptor set as @grpc/reflection takes them, which reads nothing else of a definition. */
function described(descriptorSet: JsonValue) {
  const { file } = fromJson(FileDescriptorSetSchema, descriptorSet);
  const fileDescriptorProtos = file.map((one) => Buffer.from(toBinary(FileDescriptorProtoSchema, one)));
  return { format: 'Protocol Buffer 3 DescriptorProto' as const, type: {}, fileDescriptorProtos };
}
