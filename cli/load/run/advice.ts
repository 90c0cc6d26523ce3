/** What can be done about an error, by its reason. */
const ADVICE: Readonly<Record<string, string>> = {
  rate_limited:
    'the server allows less: raise CHAT_GRPC_RATE_LIMIT and CHAT_GRPC_RATE_BURST (0 is off), or lower --rate',
  room_full: 'raise CHAT_GRPC_MAX_MEMBERS_PER_ROOM, or spread the clients over more --rooms',
  too_many_rooms: 'raise CHAT_GRPC_MAX_ROOMS_PER_SESSION',
  server_full: 'raise CHAT_GRPC_MAX_SESSIONS or CHAT_GRPC_MAX_ROOMS',
  message_too_long: 'raise CHAT_GRPC_MAX_CONTENT_BYTES, or lower --payload',
  envelope_too_large: 'raise CHAT_GRPC_MAX_RECV_MSG_SIZE, or lower --payload',
  user_taken: 'another session has the name: is another run with the same names going on?',
  handshake_timeout: 'the server did not get to the hello in time: lower --join-rate',
  join_timeout: 'the server did not answer a join within 30 s: lower --join-rate or --clients',
  not_sent: 'posts were due faster than the server acked them: lower --rate',
  slow_consumer: 'this tool did not read fast enough for the server: fewer --clients or more --workers',
  heartbeat_timeout: 'a side said nothing for too long: server or tool is overloaded',
  unimplemented: 'there is a gRPC server, but it has no chat.v1.ChatService',
  join_required: 'the server knows no hello: try --basic',
  invalid_envelope: 'the server does not know what it was sent: try --basic',
  ECONNREFUSED: 'nobody listens there any more',
  EMFILE: 'this system allows the tool no more open files: raise ulimit -n',
  EADDRNOTAVAIL: 'this system has no free local port left: fewer --clients, or more --streams-per-connection',
};

export function adviceFor(reason: string): string | undefined {
  return ADVICE[reason];
}
