/**
 * What the server is measured against: the chat of the plain server over WebSocket,
 * the same envelopes and events as binary messages. An event is encoded once for all
 * that get it.
 */
import { WebSocket, WebSocketServer } from 'ws';
import { ClientEnvelope, ServerEvent } from '../../api/gen/chat/v1/chat.ts';
import { plainChat, tellListening } from './plain-chat.ts';

const serve = plainChat<WebSocket, Uint8Array>({
  ready: (event) => ServerEvent.encode(event).finish(),
  send: (socket, event) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(event);
  },
});

const host = '127.0.0.1';
const port = Number(process.argv[2]);
const server = new WebSocketServer({ host, port, backlog: 4096 });
server.on('connection', (socket) => {
  const { said, gone } = serve(socket);
  socket.on('message', (data: Buffer) => said(ClientEnvelope.decode(data)));
  socket.on('close', gone);
  socket.on('error', gone);
});
server.on('listening', () => tellListening(`${host}:${port}`));
