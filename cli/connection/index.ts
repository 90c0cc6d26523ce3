/** The client library: `import { connect } from 'chat-grpc/client'`. */
export { ChatConnection, type ConnectOptions, connect } from './chat-connection.ts';
export { ChatError } from './errors.ts';
export type { ChatEvent, JoinedRoom, LeaveReason, PostedMessage, ServerLimits } from './events.ts';
export type { ConnectionState } from './state.ts';
export type { Timing } from './timing.ts';
