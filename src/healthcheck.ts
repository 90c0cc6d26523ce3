#!/usr/bin/env node
/** Says whether the server takes new clients: exit code 0 when it does, and 1 otherwise. The container asks by this. */
import { readConfig } from './config.ts';
import { askHealth } from './wire/ask-health.ts';

const TIMEOUT_MS = 3000;

try {
  const { host, port } = readConfig(process.env);
  const status = await askHealth({ host, port, service: 'readiness', timeoutMs: TIMEOUT_MS });
  process.stdout.write(`${status}\n`);
  process.exitCode = status === 'SERVING' ? 0 : 1;
} catch (error) {
  process.stderr.write(`chat-grpc: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
