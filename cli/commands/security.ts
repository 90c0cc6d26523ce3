import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type ServerAccess, type TlsOptions, tlsFault } from '../connection/index.ts';
import type { Flag } from '../load/run/command.ts';
import { EXIT_USAGE } from '../plain/exit-codes.ts';
import { printable } from '../terminal/printable.ts';
import type { Surroundings } from './surroundings.ts';

/** How a server is reached, as it was typed: files by their names. */
export interface SecurityFlags {
  readonly tls?: true;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

export interface ServerFlags extends SecurityFlags {
  readonly host: string;
  readonly port: number;
}

const GROUP = 'Security:';
const FILES = ['ca', 'cert', 'key'] as const;
const YES = /^(true|1|yes|on)$/i;
const NO = /^(false|0|no|off)$/i;

export function withSecurity(command: Command): Command {
  const option = (flag: string, words: string, variable: string) =>
    command.addOption(new Option(flag, words).env(variable).helpGroup(GROUP));
  // Its variable has a value, which commander does not look at.
  command.addOption(new Option('--tls', 'encrypt; the options below imply it (env: CHAT_GRPC_TLS)').helpGroup(GROUP));
  option('--ca <file>', "who signs the server's certificate, PEM; without it whom Node trusts", 'CHAT_GRPC_CA');
  option('--cert <file>', 'your certificate, for a server that asks for one', 'CHAT_GRPC_CERT');
  option('--key <file>', 'its key', 'CHAT_GRPC_KEY');
  return option(
    '--server-name <name>',
    "the name in the server's certificate; without it the host",
    'CHAT_GRPC_SERVER_NAME',
  );
}

/** Reads the files. A line on standard error and the exit code where that, or what is in them, is of no use. */
export function serverOf(flags: ServerFlags, { environment, complain }: Surroundings): ServerAccess | number {
  const { host, port } = flags;
  const unusable = (line: string) => {
    complain(printable(line));
    return EXIT_USAGE;
  };
  const wish = environment['CHAT_GRPC_TLS'] ?? '';
  if (wish !== '' && !YES.test(wish) && !NO.test(wish)) return unusable(`CHAT_GRPC_TLS=${wish}: must be true or false`);
  const tls: { -readonly [K in keyof TlsOptions]: TlsOptions[K] } = {};
  for (const option of FILES) {
    const file = flags[option];
    if (!file) continue;
    const content = contentOf(file);
    if ('why' in content) return unusable(`--${option} ${file} cannot be read: ${content.why}`);
    tls[option] = content.text;
  }
  if (flags.serverName) tls.serverName = flags.serverName;
  if (flags.tls !== true && !YES.test(wish) && Object.keys(tls).length === 0) return { host, port };
  const fault = tlsFault(tls);
  if (fault === undefined) return { host, port, tls };
  const file = flags[fault.option];
  return unusable(`--${fault.option}${file ? ` ${file}` : ''} ${fault.why}`);
}

/** What leads to the same server again, on a command line. */
export function serverFlags(flags: ServerFlags, { tls }: ServerAccess): Flag[] {
  const given = [
    ...FILES.map((option) => [option, flags[option]] as const),
    ['server-name', flags.serverName] as const,
  ];
  const secure = given.flatMap(([name, value]): Flag[] => (value ? [[name, value]] : []));
  if (tls !== undefined && secure.length === 0) secure.push(['tls', true]);
  return [['host', flags.host], ['port', flags.port], ...secure];
}

function contentOf(file: string): { readonly text: string } | { readonly why: string } {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { why: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}
