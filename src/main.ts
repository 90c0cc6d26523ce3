#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, ConfigError, readConfig } from './config.ts';
import { Deliveries } from './core/deliveries.ts';
import { Fanout } from './core/fanout.ts';
import type { Clock, NewId } from './core/ports.ts';
import { RoomRegistry } from './core/room-registry.ts';
import { SessionRegistry } from './core/session-registry.ts';
import { drain } from './drain.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { answerEncoder, encodeRoomEvent } from './wire/codec.ts';
import { GrpcServer } from './wire/grpc-server.ts';

const SWEEP_EVERY_MS = 1000;
const EXIT_FAILED = 1;
const EXIT_BAD_SETTINGS = 2;

const clock: Clock = { monotonicMs: () => performance.now(), utcMs: () => Date.now() };
const newId: NewId = () => randomBytes(12).toString('base64url');

async function main(): Promise<void> {
  const config = settings();
  const log = createLogger({
    output: process.stdout,
    level: config.logLevel,
    colours: process.env['NO_COLOR'] === undefined,
  });
  if (config.unused.length > 0) log.warn({ settings: config.unused }, 'these settings have no meaning here');

  const { limits } = config;
  const deliveries = new Deliveries();
  const fanout = new Fanout((task) => setImmediate(task), deliveries);
  const rooms = new RoomRegistry({ clock, fanout, encode: encodeRoomEvent, limits }, newId);
  const encode = answerEncoder(`chat-grpc/${version()}`);
  const sessions = new SessionRegistry({ rooms, fanout, deliveries, encode, clock, limits }, newId);
  const server = new GrpcServer(sessions, rooms, serverOptions(config), serverEvents(log));

  const sweeping = setInterval(() => rooms.sweep(), SWEEP_EVERY_MS);
  const stop = async (signal: NodeJS.Signals) => {
    log.info({ signal, sessions: sessions.size }, 'shutting down');
    clearInterval(sweeping);
    await drain(server, sessions, config.shutdownGraceMs);
    log.info({ ...deliveries }, 'stopped');
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);

  const port = await server.listen(config.host, config.port).catch((error: NodeJS.ErrnoException) => {
    process.stderr.write(`chat-grpc: ${listenFailure(error, config)}\n`);
    process.exit(EXIT_FAILED);
  });
  log.info({ address: `${config.host}:${port}` }, 'listening');
  if (process.stdout.isTTY) process.stdout.write(howToOpenAClient(port));
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

function serverOptions({ limits, keepaliveTimeMs, keepaliveTimeoutMs }: Config) {
  const { maxEnvelopeBytes, maxPageSize } = limits;
  return { maxEnvelopeBytes, maxPageSize, keepaliveTimeMs, keepaliveTimeoutMs };
}

function serverEvents(log: Logger): ConstructorParameters<typeof GrpcServer>[3] {
  return {
    opened: ({ session, peer }) => log.debug({ session: session.id, peer }, 'stream opened'),
    closed: ({ session, peer }, reason) => log.debug({ session: session.id, peer, reason }, 'stream closed'),
    refused: (peer, { reason }) => log.warn({ peer, reason }, 'stream refused'),
    faulted: (error, correlationId) => log.error({ err: error, correlationId }, 'internal fault'),
  };
}

function listenFailure(error: NodeJS.ErrnoException, { host, port }: Config): string {
  const where = `${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return `${where} is taken; stop what listens there, or set CHAT_GRPC_PORT to another port`;
  }
  return `cannot listen on ${where}: ${error.message}`;
}

function howToOpenAClient(port: number): string {
  const where = port === 50051 ? '' : `CHAT_GRPC_PORT=${port} `;
  return `\n  Open a client in another terminal:  ${where}make client NAME=ana ROOM=general\n  Stop with Ctrl+C.\n\n`;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}

await main();
