/**
 * What the server is measured against: a chat server on grpc-js as most people
 * write it. The generated service with its own serialisation, and `write` for
 * everything that a member gets.
 */
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  type ChatServiceServer,
  ChatServiceService,
  type ClientEnvelope,
  type ServerEvent,
} from '../../api/gen/chat/v1/chat.ts';
import { plainChat, tellListening } from './plain-chat.ts';

type Call = ServerDuplexStream<ClientEnvelope, ServerEvent>;

const serve = plainChat<Call, ServerEvent>({
  ready: (event) => event,
  send: (call, event) => call.write(event),
});

function channel(call: Call): void {
  const { said, gone } = serve(call);
  call.on('data', said);
  call.on('cancelled', gone);
  call.on('error', gone);
  call.on('end', () => {
    gone();
    call.end();
  });
}

const service: ChatServiceServer = { channel, listRooms: (_, reply) => reply(null, { rooms: [], nextPageToken: '' }) };
const address = `127.0.0.1:${process.argv[2]}`;
const server = new Server();
server.addService(ChatServiceService, service);
server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  tellListening(address);
});
