import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { ChatServiceService } from '../../api/gen/chat/v1/chat.ts';
import { RawStream, type RawStreamOptions } from './raw-stream.ts';

/** A call of the installed grpc-js with nothing of ours around it, and its client. Ended with its scope. */
export async function bareCall(options: RawStreamOptions = {}) {
  const bytes = (message: Buffer) => message;
  const channel = { ...ChatServiceService.channel, requestDeserialize: bytes, responseSerialize: bytes };
  const server = new Server({ 'grpc.max_receive_message_length': 1024 * 1024 });
  const opened = new Promise<ServerDuplexStream<Buffer, Buffer>>((resolve) => {
    server.addService({ channel }, { channel: resolve });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  const client = new RawStream(port, options);
  const call = await opened;
  call.on('error', () => {});
  return { call, client, [Symbol.dispose]: () => server.forceShutdown() };
}
