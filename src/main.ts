#!/usr/bin/env -S node --max-semi-space-size=8
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Command, CommanderError } from 'commander';
import { openCertificates } from './certificates.ts';
import type { ChatServer } from './chat-server.ts';
import { addToken } from './commands/token.ts';
import { type Config, ConfigError, type Environment, readConfig, readIssuing } from './config.ts';
import type { Clock, NewId } from './core/ports.ts';
import { openIdentity } from './identity.ts';
import { logExport } from './telemetry/log-export.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import type { Watch } from './watch.ts';

const EXIT_FAILED = 1;
const EXIT_BAD_SETTINGS = 2;
/** For what telemetry has still to export, however long the drain took. */
const LEAST_FLUSH_MS = 1000;

const clock: Clock = { monotonicMs: () => performance.now(), utcMs: () => Date.now() };
const newId: NewId = () => randomBytes(16).toString('base64url');

async function main(): Promise<void> {
  const config = settings((environment, file) => readConfig(environment, file, version()));
  const name = `chat-grpc/${version()}`;
  const log = createLogger({
    output: process.stdout,
    level: config.logLevel,
    colours: process.env['NO_COLOR'] === undefined,
    also: config.telemetry === undefined ? undefined : logExport(name),
  });
  if (config.unused.length > 0) log.warn({ settings: config.unused }, 'these settings have no meaning here');

  // Whatever imports grpc-js comes after the SDK, which patches it.
  const flush = await startTelemetry(config, (message) => log.warn(message));
  const { createChatServer } = await import('./chat-server.ts');
  const { watchByLog, watchByTelemetry } = await import('./watch.ts');
  const watch = config.telemetry === undefined ? watchByLog(log, clock) : watchByTelemetry(log, name, clock);
  const { events, observer } = watch;
  let server: ChatServer | undefined;
  const authenticator =
    config.auth &&
    (await openIdentity({
      auth: config.auth,
      maxNameBytes: config.limits.maxNameBytes,
      clock,
      warn: (message) => log.warn(message),
      // Before there is a server nobody is there to be expelled.
      changed: () => server?.expelRevoked(),
    }).catch(failed));
  // Last, so that no renewal comes before the server that is to take it.
  const tls =
    config.tls &&
    (await openCertificates(config.tls, {
      utcMs: () => clock.utcMs(),
      renewed: (material) => {
        server?.grpc.renewTls(material);
        log.info('certificate renewed');
      },
      failed: (reason) => log.warn({ reason }, 'certificate not renewed'),
    }).catch(failed));
  server = createChatServer({ config, tls, authenticator, name, clock, newId, events, observer });
  await serve(server, { config, log, flush, watch });
}

interface Serving {
  readonly config: Config;
  readonly log: Logger;
  /** Exports the rest, in so many milliseconds at most. */
  readonly flush: (mostMs: number) => Promise<void>;
  readonly watch: Watch;
}

/** Opens its doors, until a signal ends it. */
async function serve(server: ChatServer, { config, log, flush, watch }: Serving): Promise<void> {
  const { sessions, deliveries } = server;
  watch.exports({ ...server, transports: server.grpc.transports });

  const stop = async (signal: NodeJS.Signals) => {
    // Asked twice, it goes at once.
    for (const again of ['SIGINT', 'SIGTERM']) process.once(again, () => process.exit(EXIT_FAILED));
    const sinceMs = clock.monotonicMs();
    log.info({ signal, sessions: sessions.size }, 'shutting down');
    await server.stop();
    log.info({ ...deliveries }, 'stopped');
    await flush(Math.max(LEAST_FLUSH_MS, config.shutdownGraceMs - (clock.monotonicMs() - sinceMs)));
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);

  const port = await server.grpc.listen(config.host, config.port).catch((error: NodeJS.ErrnoException) => {
    return failed(new Error(listenFailure(error, config)));
  });
  const isOpen = { encrypted: config.tls !== undefined, identity: config.auth !== undefined };
  log.info({ ...isOpen, address: addressOf(config.host, port) }, 'listening');
  if (process.stdout.isTTY) process.stdout.write(howToOpenAClient(config, port));
}

/** It cannot start, for a reason that is told in one line. */
function failed({ message }: Error): never {
  process.stderr.write(`chat-grpc: ${message}\n`);
  process.exit(EXIT_FAILED);
}

/** The environment, and beneath it a `.env` in the working directory. */
function settings<T>(read: (environment: Environment, file: Environment) => T): T {
  try {
    const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
    return read(process.env, file);
  } catch (error) {
    const isOurs = error instanceof ConfigError;
    process.stderr.write(`chat-grpc: ${isOurs ? error.message : `cannot read .env: ${error}`}\n`);
    process.exit(EXIT_BAD_SETTINGS);
  }
}

/** Returns what exports the rest, in so many milliseconds at most. */
async function startTelemetry(
  { telemetry }: Config,
  warn: (message: string) => void,
): Promise<(mostMs: number) => Promise<void>> {
  if (telemetry === undefined) return async () => {};
  Object.assign(process.env, telemetry.environment);
  const { startSdk } = await import('./telemetry/sdk.ts');
  const shutdown = startSdk({ sampleRatio: telemetry.sampleRatio, warn });
  return (mostMs) => Promise.race([shutdown(), new Promise<void>((resolve) => setTimeout(resolve, mostMs))]);
}

function listenFailure(error: NodeJS.ErrnoException, { host, port }: Config): string {
  const where = addressOf(host, port);
  if (error.code === 'EADDRINUSE') {
    return `${where} is taken; stop what listens there, or set CHAT_GRPC_PORT to another port`;
  }
  return `cannot listen on ${where}: ${error.message}`;
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function howToOpenAClient({ host, tls, auth }: Config, port: number): string {
  const words = ['make', 'client', ...(auth === undefined ? ['NAME=ana'] : []), 'ROOM=general'];
  if (auth !== undefined)
    words.unshift(`CHAT_GRPC_TOKEN=${auth.key.kind === 'secret' ? '$(make token NAME=ana)' : '…'}`);
  if (tls !== undefined) words.unshift('CHAT_GRPC_TLS=true');
  if (port !== 50051) words.unshift(`CHAT_GRPC_PORT=${port}`);
  if (!['127.0.0.1', '0.0.0.0', 'localhost'].includes(host)) words.unshift(`CHAT_GRPC_HOST=${host}`);
  return `\n  Open a client in another terminal:  ${words.join(' ')}\n  Stop with Ctrl+C.\n\n`;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}

/** Without arguments the server; what is not understood ends with one line. */
async function commandLine(): Promise<void> {
  const program = new Command('chat-grpc')
    .description('A chat room server on gRPC. Settings come from CHAT_GRPC_… and .env, see the README.')
    .version(version())
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`chat-grpc: ${text.replace(/^error: /, '')}`) })
    .addHelpText(
      'after',
      `
Examples:
  $ chat-grpc
  $ CHAT_GRPC_PORT=50052 CHAT_GRPC_LOG_LEVEL=debug chat-grpc
  $ chat-grpc token --user ana`,
    )
    .action(() => main());
  addToken(program, {
    settings: () => settings(readIssuing),
    utcMs: () => clock.utcMs(),
    newId,
    print: (text) => process.stdout.write(text),
    tell: process.stdout.isTTY ? (text) => process.stderr.write(text) : undefined,
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_SETTINGS;
  }
}

await commandLine();
