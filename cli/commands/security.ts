import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  ChatError,
  checkAccess,
  type ServerAccess,
  type TlsOptions,
  type TokenSource,
  tlsFault,
} from '../connection/index.ts';
import type { Flag } from '../load/run/command.ts';
import { EXIT_USAGE, exitCodeOf } from '../plain/exit-codes.ts';
import { printable } from '../terminal/printable.ts';
import type { Surroundings } from './surroundings.ts';

/** Where the server is and how it is reached, as it was typed: files by their names. */
export interface ServerFlags {
  readonly host: string;
  readonly port: number;
  readonly tls?: true;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly tokenFile?: string;
}

const GROUP = 'Security:';
const TLS_FILES = ['ca', 'cert', 'key'] as const;
const LONGEST_PATH_SHOWN = 200;
/** How PEM, JSON and a JWT begin; none of these, and no path, has several lines. */
const NO_PATH = /^\s*(-----BEGIN|\{|eyJ)|[\r\n]/;
const YES = /^(true|1|yes|on)$/i;
const NO = /^(false|0|no|off)$/i;

export function withTls(command: Command): Command {
  // Its variable has a value, which commander does not look at.
  command.addOption(new Option('--tls', 'encrypt; the next four imply it (env: CHAT_GRPC_TLS)').helpGroup(GROUP));
  return command
    .addOption(secured('--ca <file>', "who signs the server's certificate, PEM; without it whom Node trusts", 'CA'))
    .addOption(secured('--cert <file>', 'your certificate, for a server that asks for one', 'CERT'))
    .addOption(secured('--key <file>', 'its key', 'KEY'))
    .addOption(
      secured('--server-name <name>', "what the server's certificate is for; without it the host", 'SERVER_NAME'),
    );
}

export function withToken(command: Command): Command {
  // No flag has the token itself: others see command lines.
  const words = 'your token, read anew for each stream: renew the file, and you stay. Or CHAT_GRPC_TOKEN is the token';
  return command.addOption(secured('--token-file <file>', words, 'TOKEN_FILE'));
}

function secured(flag: string, words: string, variable: string): Option {
  return new Option(flag, words).env(`CHAT_GRPC_${variable}`).helpGroup(GROUP);
}

/** For whom it is to look at: a line on standard error, and the exit code. */
class Unusable extends Error {
  readonly exitCode: number;

  constructor(line: string, exitCode = EXIT_USAGE) {
    super(line);
    this.exitCode = exitCode;
  }
}

/** Reads the files. Where they or the environment are of no use: a line on standard error, and the exit code. */
export function serverOf(flags: ServerFlags, surroundings: Surroundings): ServerAccess | number {
  const { tokenFile } = flags;
  const given = tokenFile ? undefined : surroundings.environment['CHAT_GRPC_TOKEN'] || undefined;
  return orComplaint(surroundings, () => {
    const content = tokenFile ? contentOf('--token-file', tokenFile) : given;
    const server = checked({ ...reached(flags, surroundings), token: content }, tokenFile);
    return tokenFile ? { ...server, token: tokenIn(tokenFile) } : server;
  });
}

/** Likewise, but for nobody in particular: tokens of the environment are passed by. */
export function anybodysServerOf(flags: ServerFlags, surroundings: Surroundings): ServerAccess | number {
  return orComplaint(surroundings, () => checked(reached(flags, surroundings)));
}

/** What leads to the same server again, on a command line. */
export function serverFlags(flags: ServerFlags, { tls }: ServerAccess): Flag[] {
  const given = [
    ...TLS_FILES.map((option) => [option, flags[option]] as const),
    ['server-name', flags.serverName] as const,
  ];
  const secure = given.flatMap(([name, value]): Flag[] => (value ? [[name, value]] : []));
  if (tls !== undefined && secure.length === 0) secure.push(['tls', true]);
  return [['host', flags.host], ['port', flags.port], ...secure];
}

function orComplaint({ complain }: Surroundings, server: () => ServerAccess): ServerAccess | number {
  try {
    return server();
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    complain(printable(error.message));
    return error.exitCode;
  }
}

function reached(flags: ServerFlags, surroundings: Surroundings): ServerAccess {
  const { host, port } = flags;
  return { host, port, tls: tlsOf(flags, surroundings) };
}

/** @param tokenFile where its token is from, if not from the environment. */
function checked(server: ServerAccess, tokenFile?: string): ServerAccess {
  try {
    checkAccess(server);
    return server;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    const where = tokenFile ? named('--token-file', tokenFile) : 'CHAT_GRPC_TOKEN';
    throw new Unusable(error.reason === 'no_token' ? `${where} holds no token` : error.message, exitCodeOf(error));
  }
}

function tlsOf(flags: ServerFlags, { environment }: Surroundings): TlsOptions | undefined {
  const wish = environment['CHAT_GRPC_TLS'] ?? '';
  const isWished = YES.test(wish);
  if (wish !== '' && !isWished && !NO.test(wish)) throw new Unusable(`CHAT_GRPC_TLS=${wish}: must be true or false`);
  const tls: { -readonly [K in keyof TlsOptions]: TlsOptions[K] } = {};
  for (const option of TLS_FILES) {
    const file = flags[option];
    if (file) tls[option] = contentOf(`--${option}`, file);
  }
  if (flags.serverName) tls.serverName = flags.serverName;
  if (flags.tls !== true && !isWished && Object.keys(tls).length === 0) return undefined;
  const fault = tlsFault(tls);
  if (fault === undefined) return tls;
  const file = flags[fault.option];
  throw new Unusable(`${named(`--${fault.option}`, file)} ${fault.why}`);
}

function tokenIn(file: string): TokenSource {
  return () =>
    readFile(file, 'utf8').catch((error) => {
      throw unreadable('--token-file', file, error);
    });
}

function contentOf(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(flag, file, error as NodeJS.ErrnoException);
  }
}

function unreadable(flag: string, file: string, { code, message }: NodeJS.ErrnoException): Unusable {
  if (!isShowable(file)) return new Unusable(`${flag} must be the path of a file; what was given is not shown`);
  return new Unusable(`${named(flag, file)} cannot be read: ${code ?? message}`);
}

/** The flag and what it was given, where that is to be shown. */
function named(flag: string, file: string | undefined): string {
  return file && isShowable(file) ? `${flag} ${file}` : flag;
}

/** Whether it is a path, as far as one can see, and not the key or the token that should be in the file. */
function isShowable(file: string): boolean {
  return file.length <= LONGEST_PATH_SHOWN && !NO_PATH.test(file);
}
