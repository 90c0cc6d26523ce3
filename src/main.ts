#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { createChatServer } from './chat-server.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import type { Clock, NewId } from './core/ports.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import type { GrpcServerEvents } from './wire/grpc-server.ts';

const EXIT_FAILED = 1;
const EXIT_BAD_SETTINGS = 2;

const clock: Clock = { monotonicMs: () => performance.now(), utcMs: () => Date.now() };
const newId: NewId = () => randomBytes(16).toString('base64url');

async function main(): Promise<void> {
  if (process.argv.length > 2) {
    process.stderr.write('chat-grpc: takes no arguments; settings come from CHAT_GRPC_… and .env, see the README\n');
    process.exit(EXIT_BAD_SETTINGS);
  }
  const config = settings();
  const log = createLogger({
    output: process.stdout,
    level: config.logLevel,
    colours: process.env['NO_COLOR'] === undefined,
  });
  if (config.unused.length > 0) log.warn({ settings: config.unused }, 'these settings have no meaning here');

  const name = `chat-grpc/${version()}`;
  const server = createChatServer({ config, name, clock, newId, events: serverEvents(log) });
  const { sessions, deliveries } = server;

  const stop = async (signal: NodeJS.Signals) => {
    // Asked twice, it goes at once.
    for (const again of ['SIGINT', 'SIGTERM']) process.once(again, () => process.exit(EXIT_FAILED));
    log.info({ signal, sessions: sessions.size }, 'shutting down');
    await server.stop();
    log.info({ ...deliveries }, 'stopped');
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);

  const port = await server.grpc.listen(config.host, config.port).catch((error: NodeJS.ErrnoException) => {
    process.stderr.write(`chat-grpc: ${listenFailure(error, config)}\n`);
    process.exit(EXIT_FAILED);
  });
  log.info({ address: addressOf(config.host, port) }, 'listening');
  if (process.stdout.isTTY) process.stdout.write(howToOpenAClient(config.host, port));
}

/** The environment, and beneath it a `.env` in the working directory. */
function settings(): Config {
  try {
    const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
    return readConfig(process.env, file);
  } catch (error) {
    const isOurs = error instanceof ConfigError;
    process.stderr.write(`chat-grpc: ${isOurs ? error.message : `cannot read .env: ${error}`}\n`);
    process.exit(EXIT_BAD_SETTINGS);
  }
}

function serverEvents(log: Logger): GrpcServerEvents {
  return {
    opened: ({ session, peer }) => log.debug({ session: session.id, peer }, 'stream opened'),
    closed: ({ session, peer }, reason) => log.debug({ session: session.id, peer, reason }, 'stream closed'),
    refused: (peer, { reason }) => log.warn({ peer, reason }, 'stream refused'),
    faulted: (error, correlationId) => log.error({ err: error, correlationId }, 'internal fault'),
  };
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

function howToOpenAClient(host: string, port: number): string {
  const isDefaultHost = ['127.0.0.1', '0.0.0.0', 'localhost'].includes(host);
  const where = `${isDefaultHost ? '' : `CHAT_GRPC_HOST=${host} `}${port === 50051 ? '' : `CHAT_GRPC_PORT=${port} `}`;
  return `\n  Open a client in another terminal:  ${where}make client NAME=ana ROOM=general\n  Stop with Ctrl+C.\n\n`;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}

await main();
