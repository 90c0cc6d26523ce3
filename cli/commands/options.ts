import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { withTls } from './security.ts';

/** Milliseconds that the server may take to say who it is: without one, a command names its address soon. */
export const WELCOME_TIMEOUT_MS = 5_000;

export function withServer(command: Command): Command {
  command
    .addOption(new Option('--host <host>', 'the server').env('CHAT_GRPC_HOST').default('127.0.0.1'))
    .addOption(new Option('--port <port>', 'its port').env('CHAT_GRPC_PORT').default(50051).argParser(portNumber))
    .option('--no-color', 'no colours; NO_COLOR=1 does the same');
  return withTls(command);
}

/** @param otherwise what is done without a name, and without a token that has one. */
export function withName(command: Command, otherwise: string): Command {
  return command.addOption(new Option('-n, --name <name>', `who you are; ${otherwise}`).env('CHAT_GRPC_NAME'));
}

export function withPatience(command: Command, otherwise: string): Command {
  return command.option(
    '--patience <seconds>',
    `how long to go on when the server is gone; without it ${otherwise}`,
    seconds,
  );
}

/** For who has said no name: that of the login, where there is one. */
export function loginName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 1 to 65535.');
}

/** 0 is any free one. */
export function listeningPort(text: string): number {
  return /^0+$/.test(text) ? 0 : portNumber(text);
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function seconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of seconds.');
}
