import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ChatServiceService } from '../../api/gen/chat/v1/chat.ts';
import { readConfig } from '../../src/config.ts';
import { Admission } from '../../src/wire/admission.ts';
import { ChannelCall, type ServeChannel } from '../../src/wire/channel-call.ts';
import { Transports } from '../../src/wire/transports.ts';
import { RawStream, type RawStreamOptions } from './raw-stream.ts';

const { limits, transports: bounds } = readConfig({});
const clock = { monotonicMs: () => performance.now(), utcMs: () => Date.now() };

/** The call of a client's stream in the installed grpc-js, which nobody serves, and its client. Ended with its scope. */
export async function bareCall(options: RawStreamOptions = {}) {
  const transports = new Transports({ limits: { ...limits, ...bounds }, clock, refused: () => {} });
  const [authenticator, overload, refused] = [undefined, () => undefined, () => {}];
  const admission = new Admission({ transports, authenticator, overload, refused, requestTimeoutMs: 1000 });
  const entrance = { isStream: true, needsToken: true, cost: 1, hasOneRequest: false };
  let server: Server | undefined;
  let tellOver = () => {};
  const over = new Promise<void>((resolve) => {
    tellOver = resolve;
  });
  const opened = new Promise<ChannelCall>((resolve) => {
    const serve: ServeChannel = (call) => {
      resolve(call);
      return { over: tellOver, gone: () => {} };
    };
    server = new Server({ interceptors: [(_, next) => new ChannelCall(next, admission, entrance, serve)] });
  });
  const running = server as unknown as Server;
  running.addService({ channel: ChatServiceService.channel }, { channel: () => {} });
  const port = await new Promise<number>((resolve, reject) => {
    running.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  const client = new RawStream(port, options);
  const call = await opened;
  return { call, client, over, [Symbol.dispose]: () => running.forceShutdown() };
}
