/**
 * What Node's HTTP/2 alone costs: the chat of the plain server on node:http2 without
 * grpc-js, one `write` a member and message. An event is encoded and framed once for
 * all that get it.
 */
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { ClientEnvelope, ServerEvent } from '../../api/gen/chat/v1/chat.ts';
import { plainChat, tellListening } from './plain-chat.ts';

const PREFIX_BYTES = 5;

const serve = plainChat<ServerHttp2Stream, Buffer>({
  ready: (event) => {
    const message = ServerEvent.encode(event).finish();
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]);
  },
  send: (stream, event) => stream.write(event),
});

const host = '127.0.0.1';
const port = Number(process.argv[2]);
const server = createServer();
server.on('stream', (stream) => {
  const { said, gone } = serve(stream);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  let held = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + held.readUInt32BE(1);
      if (held.length < end) break;
      said(ClientEnvelope.decode(held.subarray(PREFIX_BYTES, end)));
      held = held.subarray(end);
    }
  });
  stream.on('close', gone);
  stream.on('error', gone);
  stream.on('end', () => {
    gone();
    stream.end();
  });
});
server.listen({ host, port, backlog: 4096 }, () => tellListening(`${host}:${port}`));
