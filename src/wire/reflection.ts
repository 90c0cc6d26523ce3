import { fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { handleBidiStreamingCall, Server, ServerDuplexStream } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import chat from '../../api/gen/chat.descriptors.json' with { type: 'json' };
import health from '../../api/gen/health.descriptors.json' with { type: 'json' };
import type { Refusal } from '../core/errors.ts';
import { Places } from './places.ts';
import { statusOf } from './status.ts';

/** Streams at a time; an answer of some 30 KiB waits on each that does not read. */
const MOST_STREAMS = { ofAll: 64, ofOne: 4 };

type ReflectionCall = ServerDuplexStream<unknown, unknown>;

/**
 * grpc.reflection.v1 and v1alpha, so that tools need no proto. @grpc/reflection
 * answers; what it lacks (1.0.4) is here: it reads on while its answers are not
 * read, and it cannot end a stream.
 */
export class Reflection {
  readonly #places: Places<ReflectionCall>;

  constructor(refused: (peer: string, refusal: Refusal) => void) {
    this.#places = new Places('streams of reflection', MOST_STREAMS, refused);
  }

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
    for (const call of this.#places.calls) call.emit('error', statusOf(refusal));
  }

  #serve(call: ReflectionCall, answer: handleBidiStreamingCall<unknown, unknown>): void {
    if (!this.#places.take(call)) return;
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
