#!/usr/bin/env node
/** Says whether the server takes new clients: exit code 0 when it does, and 1 otherwise. The container asks by this. */
import { readFileSync } from 'node:fs';
import { readConfig } from './config.ts';
import { askHealth } from './wire/ask-health.ts';

const TIMEOUT_MS = 3000;

try {
  const { host, port, tls } = readConfig(process.env);
  const files = tls && { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
  const status = await askHealth({ host, port, tls: files, service: 'readiness', timeoutMs: TIMEOUT_MS });
  process.stdout.write(`${status}\n`);
  process.exitCode = status === 'SERVING' ? 0 : 1;
} catch (error) {
  process.stderr.write(`chat-grpc: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
