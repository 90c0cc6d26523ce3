import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AuthError } from '../auth/auth-error.ts';
import { issueToken, privateKeySigner, type Signer, secretSigner } from '../auth/issue.ts';
import { RoomRules } from '../auth/room-rules.ts';
import { type IssuingConfig, parseDuration } from '../config.ts';
import { checkId, checkName } from '../core/names.ts';
import { isShownPath } from '../file-path.ts';

const NO_KEY =
  'there is nothing to sign with: give --key, or make a secret for server and tokens: echo "CHAT_GRPC_AUTH_SECRET=$(openssl rand -base64 32)" >> .env';
const LONGEST_MS = 10 * 365 * 24 * 3600 * 1000;
const EVERYTHING = ['join', 'post'];

type Rooms = ReadonlyMap<string, readonly string[]>;

interface TokenFlags {
  readonly user: string;
  readonly name?: string;
  readonly rooms?: Rooms;
  /** Milliseconds. */
  readonly expires: number;
  readonly id?: string;
  readonly key?: string;
}

export interface TokenSurroundings {
  /** Ends the program itself when they are wrong. */
  readonly settings: () => IssuingConfig;
  readonly utcMs: () => number;
  readonly newId: () => string;
  readonly print: (text: string) => void;
  /** Says something to whoever looks at it; undefined when nobody does. */
  readonly tell: ((text: string) => void) | undefined;
}

/** Adds the command that issues tokens; whoever knows the server's secret can. */
export function addToken(program: Command, surroundings: TokenSurroundings): void {
  program
    .command('token')
    .description('Prints a token that a server with the same settings takes.')
    .requiredOption('--user <id>', 'whose it is')
    .option('--name <name>', 'how others see them; without it by their id')
    .option(
      '--rooms <pattern:allowed>',
      'rooms, and join, post or both; again for more (default "*:join,post")',
      roomsOf,
    )
    .addOption(
      new Option('--expires <duration>', 'for how long it is good, such as 90s, 15m or 720h')
        .default(expiry('1h'), '1h')
        .argParser(expiry),
    )
    .option('--id <jti>', 'by which it can be revoked (default: a random one)')
    .option('--key <private.pem>', 'signs with a private key; without it, with CHAT_GRPC_AUTH_SECRET')
    .addHelpText(
      'after',
      `
Examples:
  $ CHAT_GRPC_TOKEN=$(chat-grpc token --user ana) chat-client join --room general
  $ chat-grpc token --user bob --name Bob --rooms 'team-*' --rooms news:join --expires 8h
  $ chat-grpc token --user ci --key private.pem

CHAT_GRPC_AUTH_SECRET, _ISSUER and _AUDIENCE come from the environment or .env, as for the server.`,
    )
    .action(async (flags: TokenFlags, command: Command) => {
      const refuse = (message: string) => command.error(message);
      surroundings.print(`${await token(flags, surroundings, refuse)}\n`);
    });
}

async function token(
  flags: TokenFlags,
  { settings, utcMs, newId, tell }: TokenSurroundings,
  refuse: (message: string) => never,
): Promise<string> {
  const { secret, issuer, audience, maxNameBytes } = settings();
  const signer = signerBy(flags.key, secret, refuse);
  const rooms = Object.fromEntries(flags.rooms ?? [['*', EVERYTHING]]);
  const tokenId = flags.id ?? newId();
  const nameOr = (kind: 'user_id' | 'display_name', text: string) => {
    const name = checkName(kind, text, maxNameBytes);
    return typeof name === 'string' ? name : refuse(name.message);
  };
  const userId = nameOr('user_id', flags.user);
  const displayName = flags.name === undefined ? '' : nameOr('display_name', flags.name);
  const rules = RoomRules.read(rooms);
  if (typeof rules === 'string') return refuse(rules);
  const badId = tokenId === '' ? { message: 'id is missing' } : checkId('id', tokenId);
  if (badId !== undefined) return refuse(badId.message);

  const issuedS = Math.floor(utcMs() / 1000);
  const expiresS = issuedS + Math.ceil(flags.expires / 1000);
  const allowed = Object.entries(rooms).map(([pattern, words]) => `${words.join(' and ')} in ${pattern}`);
  tell?.(`${userId} may ${allowed.join(', ')} until ${new Date(expiresS * 1000).toISOString()}; token ${tokenId}\n`);
  return issueToken({ issuer, audience, userId, displayName, tokenId, rooms, issuedS, expiresS }, signer);
}

function signerBy(path: string | undefined, secret: string | undefined, refuse: (message: string) => never): Signer {
  if (path === undefined) return secret === undefined ? refuse(NO_KEY) : secretSigner(secret);
  if (!isShownPath(path)) return refuse('--key takes the path of a file, and was given something else');
  try {
    return privateKeySigner(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof AuthError) return refuse(`${path} ${error.message}`);
    return refuse(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** `team-*`, `news:join`: a name with a colon is followed by what is allowed there, or a typing error would be one. */
function roomsOf(text: string, before: Rooms = new Map()): Rooms {
  const colon = text.lastIndexOf(':');
  const pattern = colon === -1 ? text : text.slice(0, colon);
  const words = colon === -1 ? EVERYTHING : text.slice(colon + 1).split(',');
  if (words.some((word) => !EVERYTHING.includes(word))) {
    throw new InvalidArgumentError('After the last colon stands join, post or join,post.');
  }
  return new Map([...before, [pattern, [...new Set([...(before.get(pattern) ?? []), ...words])]]]);
}

function expiry(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1000 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError('It must be a duration such as 90s, 15m or 720h, at most ten years.');
}
