/** The client library: `import { connect } from 'chat-grpc/client'`. */
export { ChatConnection, connect } from './chat-connection.ts';
export type { ConnectOptions } from './connect-options.ts';
export { ChatError } from './errors.ts';
export type { ChatEvent, JoinedRoom, LeaveReason, LoggedEvent, PostedMessage, ServerLimits } from './events.ts';
export { type ListRoomsOptions, listRooms } from './list-rooms.ts';
export type {
  HistoryOptions,
  HistoryPage,
  ListedRoom,
  MembersPage,
  PageOptions,
  RoomMember,
  RoomsPage,
} from './pages.ts';
export { checkAccess } from './route.ts';
export type { ServerAccess } from './server-access.ts';
export type { ConnectionState } from './state.ts';
export type { Timing } from './timing.ts';
export { type TlsFault, type TlsOptions, tlsFault } from './tls-options.ts';
export type { TokenSource } from './token.ts';
